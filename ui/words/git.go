package words

import (
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/git"
)

// askedByGit are the words for requests that git does not make.
var askedByGit = []said{
	{git.ErrCharacters, Message{
		"The request holds a character that it may not.",
		"Control characters are how others were made to hand out tokens for another host; nothing was answered.",
		"Look at the address of the repository.",
	}},
	{git.ErrLine, Message{
		"The request has a line that is no name and value.",
		"It is not what git sends; nothing was answered.",
		"Let git run this command: `gitgrant git setup` tells it to.",
	}},
	{git.ErrTooLong, Message{
		"The request is longer than git makes one.",
		"Nothing was answered.",
		"Look at the address of the repository.",
	}},
	{git.ErrNoGit, Message{
		"git was not found.",
		"No folder in PATH has a program of that name.",
		"Install git, then run this again.",
	}},
	{git.ErrNoHost, Message{
		"The request names no protocol or no host.",
		"A token is given for a host and for no other; nothing was answered.",
		"Let git run this command: `gitgrant git setup` tells it to.",
	}},
}

// The lines around what is written into the configuration of git.
const (
	GitWillRead       = "This goes into the global configuration of git:"
	GitIsSetUp        = "git is set up already."
	GitIsNot          = "The global configuration of git holds nothing of gitgrant's."
	AskToSetUp        = "Write it?"
	GitAsksNobodyElse = "The empty line takes out other helpers for this host: one that keeps what it sees would write the token into a file of its own."
)

// GitSetUp says what git does from now on.
func GitSetUp(urls []string) string {
	return "git asks gitgrant for " + list(urls, "and") + " from now on. `gitgrant git remove` undoes it."
}

// GitRemoved says what git does no more.
func GitRemoved(urls []string) string {
	return "git asks gitgrant no more for " + list(urls, "and") + "; everything else is as it was."
}

// NothingForGit is for a host without a user token.
func NothingForGit(host string) Message {
	m := Message{
		What: "There is no user token that git could be given.",
		Why:  "git works with user tokens, and none is stored.",
		Next: "Run `gitgrant install RUNTIME --purpose user`, then this again.",
	}
	if host != "" {
		m.Why = "git works with user tokens, and none is stored for " + hostName(host) + "."
	}
	return m
}

// OthersAsked is for helpers that see a token although they should not.
func OthersAsked(url string, helpers []string) Message {
	return Message{
		What: "git tells other helpers too which token has worked at " + hostName(url) + ": " + list(helpers, "and") + ".",
		Why:  "They are set behind gitgrant in the global configuration, for all hosts.",
		Next: "Move credential.helper in front of the section of this host, or take it out.",
	}
}

func gitSaid(e *git.FailedError) Message {
	return Message{
		"git did not change its configuration.",
		"It says: " + quote(strings.TrimRight(e.Said, ". ")) + ".",
		"Look at the file that it names.",
	}
}

// RuntimeByName is for runtime tokens that would be served to whoever asks.
func RuntimeByName() Message {
	return Message{
		What: "A runtime token is served to git only where its runtime is named.",
		Why:  "What is pushed with it looks like the runtime's doing.",
		Next: "Add --runtime with its name.",
	}
}

// GitWaits says why a passphrase is asked for in the middle of a git command.
func GitWaits() Message {
	return Message{
		What: "git waits for a token from the vault.",
		Why:  "The vault is locked.",
		Next: "Type its passphrase; `gitgrant keyring unlock --for 8h` keeps it open for later.",
	}
}

// NotServed says why git gets no token, although one would fit.
func NotServed(g keyring.Grant, why Message) Message {
	return Message{
		What: "git gets no token of " + g.Account + " for " + g.Runtime + ".",
		Why:  join(why.What, why.Why),
		Next: why.Next,
	}
}

// NoNameForGit is for a token whose user name for git nobody knows.
func NoNameForGit(g keyring.Grant) Message {
	return Message{
		What: "The user name that git is to send beside the token of " + g.Runtime + " is not known.",
		Why:  "The host wants the one of the account.",
		Next: "Run `gitgrant reauthorize " + g.Runtime + " --purpose " + g.Purpose + " --username NAME`.",
	}
}

func sentAsPassword(g keyring.Grant) Message {
	return Message{
		What: "git was refused with the token of " + g.Runtime + ", which says nothing of the token.",
		Why:  "This git can send it as a password alone, and the host may take a token of its kind as Bearer alone.",
		Next: "Use git 2.46 or later; `gitgrant status " + g.Runtime + "` tells whether the token works.",
	}
}

func severalAccounts(e *flows.SeveralAccountsError) Message {
	return Message{
		What: "git could be given a token of " + list(e.Accounts, "or") + ".",
		Why:  "What is pushed carries the name of the account, and the address does not tell which one is meant.",
		Next: "Name the account in the address of the repository, or run `git config credential." + e.Host + ".username " + e.Accounts[0] + "`.",
	}
}
