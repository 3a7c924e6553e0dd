package words

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/durable"
	"gitgrant/keyring/vault"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/ui/git"
)

// said is an error that carries no facts, and its words.
type said struct {
	err     error
	message Message
}

// plain are the words for errors that carry no facts.
var plain = []said{
	{flows.ErrRuntimeName, Message{
		"That is not a name for a runtime.",
		"It is up to 63 lower case letters, digits and hyphens, begins with a letter and does not end with a hyphen.",
		"Choose another name, such as prod.",
	}},
	{flows.ErrTokenEmpty, Message{"The token is empty.", "Nothing was sent.", "Give the token as the page of your Git host shows it."}},
	{flows.ErrTokenCharacters, Message{
		"The token holds characters that no token has.",
		"There are blanks, line ends or letters beyond ASCII in the middle of it; nothing was sent.",
		"Copy the token once more.",
	}},
	{flows.ErrTokenTooLong, Message{"The token is longer than any token.", "Nothing was sent.", "Copy the token once more, and nothing else with it."}},
	{flows.ErrClientID, Message{
		"That is not a client id.",
		"A client id is letters, digits, dots, hyphens and underscores.",
		"Copy it from the page of your OAuth application.",
	}},
	{flows.ErrSecretless, Message{
		"The host was not asked about the application.",
		"It tells nothing without the secret of the application.",
		"Give that too, with --client-secret-stdin.",
	}},
	{flows.ErrClientSecret, Message{
		"That is not the secret of an application.",
		"It is one word of letters, digits and signs, and was neither sent nor kept.",
		"Copy it from the page of your OAuth application.",
	}},
	{oauth.ErrNotReturn, Message{
		"That is not the address that the browser ended on.",
		"It has to be the one of this very sign-in, as a whole, with what stands behind the question mark.",
		"Copy it from the address line of the browser once you have approved gitgrant there.",
	}},
	{flows.ErrEmail, Message{
		"That is not an e-mail address.",
		"It has a name, one @ and a host, and no blanks.",
		"Give the one of the account that made the token; as a flag it is --email.",
	}},
	{flows.ErrUsername, Message{
		"That is not a user name for git.",
		"It has neither blanks nor a colon.",
		"Give the user name of the account that made the token; as a flag it is --username.",
	}},
	{flows.ErrEnd, Message{
		"That is neither a day nor a moment.",
		"A day reads 2026-12-31 and lasts until its end in UTC; a moment reads 2026-12-31T12:00:00Z.",
		"Give the end as the page of the token shows it; as a flag it is --expires.",
	}},
	{flows.ErrNotOffered, Message{"That is not one of the choices.", "", "Choose one of those that are listed."}},
	{flows.ErrFault, Message{
		"gitgrant has a fault of its own here.",
		"It was stopped before it did harm, and a token that you gave is still in memory.",
		"Try again; if it happens again, tell those who make gitgrant.",
	}},
	{flows.ErrSameRuntime, Message{
		"The token belongs to that very runtime.",
		"Nothing was changed.",
		"Name other runtimes on the same host.",
	}},
	{flows.ErrUnknownRuntime, Message{
		"There is no such runtime.",
		"Nothing is stored under this name.",
		"Run `gitgrant status` to see those that are there.",
	}},

	{address.ErrEmpty, Message{"The address is empty.", "", "Give the address of your Git host, such as git.example.com."}},
	{address.ErrUserInfo, Message{
		"The address holds a user name or a password.",
		"What you typed was neither sent nor kept.",
		"Give the address without them.",
	}},
	{address.ErrPlainHTTP, Message{
		"The address begins with http.",
		"A token would travel readable by everybody on the way; only an address of this very machine may do so.",
		"Give an address that begins with https.",
	}},
	{address.ErrScheme, Message{"The address begins with neither https nor http.", "", "Give an address that begins with https."}},
	{address.ErrHost, Message{
		"That is not the address of a host.",
		"A host name is letters, digits, dots and hyphens, with a port and a path where it has them.",
		"Look at the spelling.",
	}},
	{address.ErrTwo, Message{
		"That is two addresses in one.",
		"One was put behind another.",
		"Clear the field, and give one alone.",
	}},
	{address.ErrExtra, Message{
		"The address has a question mark or a number sign in it.",
		"The base address of a Git host has neither.",
		"Give it up to the path where the host begins.",
	}},

	{providers.ErrNeedHost, Message{
		"The address of the host is missing.",
		"This kind of Git host runs at an address of your own.",
		"Give it, such as git.example.com; as a flag it is --host.",
	}},
	{providers.ErrOtherKind, Message{
		"That address belongs to another kind of Git host.",
		"",
		"Choose the other provider, or another address.",
	}},
	{providers.ErrForeignRepository, Message{
		"The repository is not on this host.",
		"A token is shown to its own host alone.",
		"Name a repository of the host by its address or as owner/name.",
	}},

	{keyring.ErrNotFound, Message{
		"The token is not in the store.",
		"It was deleted there, or never arrived.",
		"Authorize again with `gitgrant reauthorize`.",
	}},
	{keyring.ErrUnknownOutcome, Message{
		"The keychain has not answered.",
		"Whether it took the token is not known yet; it may be waiting for you in a window of its own.",
		"Look for a window that asks for your password, then try again.",
	}},
	{keyring.ErrDamaged, Message{
		"The list of runtimes is damaged.",
		"index.json in the data folder cannot be read, nor can the copy beside it.",
		"Put back a copy of index.json, or move both files away and authorize again.",
	}},
	{keyring.ErrCorrupt, Message{
		"What the store holds is not what was saved.",
		"Something else changed it, so nothing of it is handed out.",
		"Authorize again with `gitgrant reauthorize`.",
	}},
	{keyring.ErrNewer, Message{
		"The list of runtimes was written by a newer gitgrant.",
		"This version does not change it, so that nothing in it is lost.",
		"Use the newer version.",
	}},
	{vault.ErrNotKept, Message{
		"The vault cannot be kept open here, and nothing was changed.",
		"That takes the key service of the Linux kernel, which containers often refuse and other systems do not have.",
		"Name the file of the passphrase in GITGRANT_VAULT_PASSPHRASE_FILE, or type it each time.",
	}},
	{keyring.ErrBusy, Message{"Another gitgrant is at work on the same runtimes.", "It has not finished yet.", "Try again when it has."}},

	{hosts.ErrUnknown, Message{
		"There is no profile of this host.",
		"hosts.yaml does not name it.",
		"Run `gitgrant hosts list` to see those that are there.",
	}},
	{hosts.ErrShared, Message{
		"The profile of this host is not yours to remove.",
		"Whoever looks after this machine shares it with everybody.",
		"Run `gitgrant hosts list` to see the file, and `gitgrant hosts set` to lay your own values over it.",
	}},
	{hosts.ErrBusy, Message{"Another gitgrant is changing hosts.yaml.", "It has not finished yet.", "Try again when it has."}},
}

// Problem is the message for an error, whatever it is. One that nobody foresaw
// is told as what it says of itself.
func Problem(err error) Message { return ProblemAt(err, time.Now()) }

// ProblemAt is Problem at a known moment.
func ProblemAt(err error, now time.Time) Message {
	var made Message
	if errors.As(err, &made) {
		return made
	}
	var unsaved *flows.UnsavedError
	if errors.As(err, &unsaved) {
		return Message{"The new token could not be saved.", ProblemAt(unsaved.Err, now).What, "It is kept in memory until you give it up: mend the store, and save it once more."}
	}
	for _, p := range slices.Concat(rotations, handing, askedByGit, plain) {
		if errors.Is(err, p.err) {
			return p.message
		}
	}
	if m, ok := typed(err, now); ok {
		return m
	}
	return Message{
		"That did not work.",
		"The system says: " + quote(strings.TrimRight(err.Error(), ". ")) + ".",
		"Run it again with --debug to see more.",
	}
}

func typed(err error, now time.Time) (Message, bool) {
	var (
		why       cause.Cause
		condition keyring.Condition
		inFile    *hosts.FileError
		unsafe    *durable.Unsafe
		exposed   *vault.Exposed
		gits      *git.FailedError
		path      *fs.PathError
	)
	if m, ok := ofFlows(err); ok {
		return m, true
	}
	switch {
	case errors.As(err, &why):
		return Cause(why, now), true
	case errors.As(err, &condition):
		return Condition(condition), true
	case errors.As(err, &inFile):
		return HostsFile(inFile), true
	case errors.As(err, &unsafe):
		return unsafeFile(unsafe), true
	case errors.As(err, &gits):
		return gitSaid(gits), true
	case errors.As(err, &exposed):
		return Message{exposed.Path + " was not read.", "Others on this machine can read it too.", "Run `chmod 600` on it."}, true
	case errors.As(err, &path):
		m := Message{
			path.Path + " could not be used.",
			"The system says: " + quote(path.Err.Error()) + ".",
			"Look at the folder, or name another with --config-dir or --data-dir.",
		}
		if errors.Is(path, syscall.ENOSPC) {
			m.Next = "Make room on that disk, or name a folder on another with --config-dir or --data-dir."
		}
		return m, true
	}
	return Message{}, false
}

// NotWritten says that a report did not get to where it was sent.
func NotWritten(err error) Message {
	why := err
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		why = path.Err
	}
	return Message{
		"Not all could be written to standard output.",
		"The system says: " + quote(why.Error()) + ".",
		"Make room where it goes. What was stored is stored: `gitgrant status` lists it.",
	}
}

// ofFlows are the words for the problems that flows find in answers.
func ofFlows(err error) (Message, bool) {
	var (
		unknown *flows.UnknownProviderError
		taken   *flows.TakenError
		host    *flows.OtherHostError
		account *flows.OtherAccountError
		method  *flows.MethodError
		used    *flows.StillUsedError
		ended   *flows.EndedError
		several *flows.SeveralAccountsError
		sent    *flows.AsPasswordError
	)
	if m, ok := ofHosts(err); ok {
		return m, true
	}
	switch {
	case errors.As(err, &unknown):
		return unknownProvider(unknown), true
	case errors.As(err, &taken):
		return alreadyThere(taken), true
	case errors.As(err, &host):
		return onAnotherHost(host), true
	case errors.As(err, &account):
		return Message{
			"The new token belongs to " + account.Got + ".",
			"The one that it would replace belongs to " + account.Had + "; nothing was changed.",
			"Sign in as " + account.Had + ", or say that the account changes: as a flag it is --replace-account.",
		}, true
	case errors.As(err, &method):
		return closedMethod(method), true
	case errors.As(err, &used):
		return Message{
			list(used.Runtimes, "and") + " still " + agree(len(used.Runtimes), "uses", "use") + " it.",
			"Ending it would stop them.",
			"Give them the new one first.",
		}, true
	case errors.As(err, &ended):
		why := Problem(ended.Err)
		return Message{
			"The token was ended at its host, and is still listed here.",
			join(why.What, why.Why),
			"Delete it here with `gitgrant forget`.",
		}, true
	case errors.As(err, &several):
		return severalAccounts(several), true
	case errors.As(err, &sent):
		return sentAsPassword(sent.Grant), true
	}
	return Message{}, false
}

// ofHosts are the words for a host that was found to be something else.
func ofHosts(err error) (Message, bool) {
	var (
		kind    *flows.OtherKindError
		nothing *flows.UnknownHostError
	)
	switch {
	case errors.As(err, &kind):
		return Message{
			hostName(kind.Host) + " is " + Provider(kind.Is) + ".",
			"It was to be " + Provider(kind.Wanted) + ".",
			"Choose the other provider, or give another address.",
		}, true
	case errors.As(err, &nothing):
		return Message{
			hostName(nothing.Host) + " is none of the kinds of Git host that gitgrant knows.",
			"Nothing at that address answers like one.",
			"Look at the address, or say what it is; as a flag it is --provider.",
		}, true
	}
	return Message{}, false
}

func onAnotherHost(e *flows.OtherHostError) Message {
	m := Message{
		e.Runtime + " is on " + hostName(e.Has) + ".",
		"A runtime has one Git host, and " + hostName(e.Wanted) + " is another.",
		"Choose another name for a runtime on that host.",
	}
	if e.Wanted == "" {
		m.Why = "A runtime has one Git host, and this one is not " + Provider(e.Kind) + "."
	}
	return m
}

func unknownProvider(e *flows.UnknownProviderError) Message {
	var kinds []string
	for _, p := range all.Providers() {
		kinds = append(kinds, string(p.Kind()))
	}
	return Message{
		quote(e.Kind) + " is not a provider that gitgrant speaks with.",
		"It speaks with " + list(kinds, "and") + ".",
		"Run `gitgrant providers` to see what each needs.",
	}
}

func alreadyThere(e *flows.TakenError) Message {
	m := Message{
		What: e.Runtime + " has a " + string(e.Purpose) + " token already.",
		Next: "Run `gitgrant reauthorize " + e.Runtime + "` to replace it, or choose another name.",
	}
	if e.Purpose == providers.Runtime {
		m.Next = "Run `gitgrant reauthorize " + e.Runtime + "` to replace it, `gitgrant install " + e.Runtime +
			" --purpose user` to add your user token, or choose another name."
	}
	if e.Account != "" {
		m.Why = "It belongs to " + e.Account + "."
	}
	return m
}

func closedMethod(e *flows.MethodError) Message {
	what := Method(e.Method) + " is not possible at " + hostName(e.Host) + "."
	why, next := "This kind of Git host has no such way.", "Choose another way to authorize."
	switch e.Reason {
	case flows.NotAllowed:
		why = "The profile of this host in " + orElse(e.File, "hosts.yaml") + " does not allow it."
	case flows.TooOld:
		what = Method(e.Method) + " with a code is not possible at " + hostName(e.Host) + "."
		why = "It is version " + e.Version + ", and has this way from " + e.Since + " on."
	case flows.EndsTooSoon:
		why = "Its tokens end within hours, and nothing in a cluster renews them: a runtime would stop on the first day."
		next = "Make a token that lasts, and use OAuth2 for user tokens."
	}
	return Message{what, why, next}
}
