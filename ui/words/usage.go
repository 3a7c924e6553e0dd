package words

import (
	"fmt"
	"strings"

	"gitgrant/keyring"
)

// UnknownCommand is for a word that is no command; like are those that look
// like it.
func UnknownCommand(name, parent string, like []string) Message {
	m := Message{
		What: quote(name) + " is not a command of " + parent + ".",
		Next: "Run `" + parent + " --help` to see those that are.",
	}
	if len(like) > 0 {
		m.Next = "Did you mean " + list(like, "or") + "?"
	}
	return m
}

// UnknownFlag is for a flag that a command does not have.
func UnknownFlag(flag, command string) Message {
	return Message{
		What: "`" + command + "` has no flag " + flag + ".",
		Next: "Run `" + command + " --help` to see those that it has.",
	}
}

// FlagWithoutValue is for a flag that stands alone and may not.
func FlagWithoutValue(flag, command string) Message {
	return Message{
		What: flag + " needs a value.",
		Why:  "Nothing stands behind it.",
		Next: "Run `" + command + " --help` to see what it takes.",
	}
}

// BadValue is for a value that a flag, an argument or a variable does not take.
func BadValue(value, of string, takes ...string) Message {
	return Message{
		What: quote(value) + " is not a value of " + of + ".",
		Next: of + " takes " + list(takes, "or") + ".",
	}
}

// BadSwitch is for a value of a flag that is on or off.
func BadSwitch(value, flag string) Message { return BadValue(value, flag, "true", "false") }

// BadPort is for a value of a flag that takes a port.
func BadPort(value, flag string) Message {
	return BadValue(value, flag, "a number from 0 to 65535")
}

// BadFlag is for a flag whose value cannot be read, for a reason of its own.
func BadFlag(flag, reason, command string) Message {
	return Message{
		What: "The value of " + flag + " cannot be read.",
		Why:  "It says: " + quote(reason) + ".",
		Next: "Run `" + command + " --help` to see what it takes.",
	}
}

// MissingArgument is for a command without something that it is about.
func MissingArgument(argument, command string) Message {
	return Message{
		What: "`" + command + "` needs " + argument + ".",
		Next: "Run `" + command + " --help` to see how it is used.",
	}
}

// TooManyArguments is for words that a command has no use for.
func TooManyArguments(extra, command string) Message {
	return Message{
		What: "`" + command + "` has no use for " + quote(extra) + ".",
		Next: "Run `" + command + " --help` to see how it is used.",
	}
}

// Together is for two flags that exclude each other.
func Together(one, other, why string) Message {
	return Message{
		What: one + " and " + other + " do not go together.",
		Why:  why,
		Next: "Leave one of them out.",
	}
}

// MissingAnswers is for questions that nobody may be asked; flags answer them.
func MissingAnswers(flags []string, forbidden bool) Message {
	why := "There is no terminal to ask on."
	if forbidden {
		why = "--no-input forbids to ask."
	}
	return Message{
		What: "Some answers are missing: " + list(flags, "and") + ".",
		Why:  why,
		Next: "Give them as flags, or run this on a terminal.",
	}
}

// WhichProvider is for an address that does not tell what lives there.
func WhichProvider(kinds []string) Message {
	return Message{
		What: "The address does not tell which kind of Git host it is.",
		Why:  "It has no profile and is no cloud host.",
		Next: "Add --provider with " + list(kinds, "or") + ".",
	}
}

// NoCommand is for gitgrant alone where its screens cannot open.
func NoCommand(forbidden bool) Message {
	m := MissingAnswers(nil, forbidden)
	return Message{"The list of runtimes opens on a terminal alone.", m.Why, "Run `gitgrant status`, or another of the commands above."}
}

// NeedsYes is for something that is not done without a word of consent.
func NeedsYes(forbidden bool) Message {
	m := MissingAnswers(nil, forbidden)
	return Message{"This needs your consent.", m.Why, "Add --yes."}
}

// NothingDone is for consent that was not given.
func NothingDone() Message {
	return Message{What: "Nothing was changed.", Next: "Run it again whenever you like."}
}

// SeveralGrants is for a command that is about one grant where there are more.
func SeveralGrants(runtime string, flag string, choices []string) Message {
	return Message{
		What: runtime + " has more than one token that this could be about.",
		Why:  "They are told apart by " + flag + ": " + list(choices, "and") + ".",
		Next: "Add " + flag + " with one of them.",
	}
}

// NoSuchGrant is for a runtime that is there but has no such token.
func NoSuchGrant(runtime, purpose, account string) Message {
	what := runtime + " has no token of that kind."
	switch {
	case purpose != "" && account != "":
		what = runtime + " has no " + purpose + " token of " + account + "."
	case purpose != "":
		what = runtime + " has no " + purpose + " token."
	case account != "":
		what = runtime + " has no token of " + account + "."
	}
	return Message{What: what, Next: "Run `gitgrant status " + runtime + "` to see those that it has."}
}

// UnknownRuntimes is for names of runtimes under which nothing is stored.
func UnknownRuntimes(names []string) Message {
	return Message{
		What: list(names, "and") + agree(len(names), " is not the name of a runtime.", " are not names of runtimes."),
		Why:  "Nothing is stored under " + agree(len(names), "it", "them") + " on this machine.",
		Next: "Run `gitgrant status` to see the runtimes that are there.",
	}
}

// TokenOnScreen is for a token that would be shown to whoever looks.
func TokenOnScreen(runtime string) Message {
	return Message{
		What: "The token of " + runtime + " was not printed.",
		Why:  "Standard output is a terminal, where others may see it and where it stays.",
		Next: "Send it to a program that wants it, or add --show.",
	}
}

// InputEnded is for a question whose answer never came; flag is what answers
// it, empty where none does. stored is what is stored all the same.
func InputEnded(question, flag string, stored ...keyring.Grant) Message {
	m := Message{
		What: "The input ended before " + quote(question) + " was answered.",
		Why:  "Nothing was stored.",
		Next: "Run it again and answer to the end.",
	}
	if flag != "" {
		m.Next = "Run it again and answer to the end, or give " + flag + "."
	}
	if len(stored) > 0 {
		m.Why, m.Next = "", "What is stored stays: `gitgrant status` shows it, and `gitgrant` goes on from there."
		for _, g := range stored {
			m.Why = join(m.Why, SavedWhere(g))
		}
	}
	return m
}

// Broken is for a fault of the program itself.
func Broken(text string) Message {
	return Message{
		What: "Something in gitgrant itself is broken: " + strings.TrimRight(text, ". ") + ".",
		Why:  "It stopped before it could do harm; what was stored before is still there.",
		Next: "Run it again with --debug to see where.",
	}
}

// SecretOnTerminal is for a secret that would have to be typed where nothing may
// be asked.
func SecretOnTerminal() Message {
	return Message{
		What: "Standard input is a terminal, and a secret is expected from it.",
		Why:  "--no-input forbids to ask for it.",
		Next: "Send it through a pipe.",
	}
}

// BadClientSecret is for a secret of an OAuth application that cannot be one.
func BadClientSecret() Message {
	return Message{
		"The client secret cannot be one.",
		"It is empty, or holds blanks or letters beyond ASCII; nothing was kept.",
		"Copy it once more from the page of the OAuth application.",
	}
}

// Mistyped is for a token whose parts do not fit together. It is sent all the
// same: only the host can tell.
func Mistyped() Message {
	return Message{
		"The token may be cut off or mistyped.",
		"It ends with a checksum, and that does not fit the rest.",
		"If it is refused, copy it once more.",
	}
}

// NoPort is for a sandbox that could not listen where it was asked to.
func NoPort(port uint16, err error) Message {
	return Message{
		What: fmt.Sprintf("The sandbox could not listen on port %d.", port),
		Why:  "The system says: " + quote(err.Error()) + ".",
		Next: "Name another with --port, or none: it takes any that is free.",
	}
}

// GoesBeside adds to what a token of the sandbox does the address that it takes.
func GoesBeside(about, email string) string {
	if email == "" {
		return about
	}
	return about + " Beside " + email + "."
}

// HasSecret adds to what an application of the sandbox does the secret that it
// has.
func HasSecret(about, secret string) string {
	if secret == "" {
		return about
	}
	return about + " Its secret is " + secret + "."
}

// The scenes of the demo where nobody watches a screen.
const (
	DemoOAuth   = "An installation by OAuth2, approved at the built-in host."
	DemoToken   = "An installation by personal access token."
	DemoMissing = "A token that lacks a scope, and is not stored."
	DemoStatus  = "How they are doing."
)
