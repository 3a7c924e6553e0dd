package words

import (
	"fmt"
	"slices"
	"strings"

	"gitgrant/flows"
)

// Prompts of the conversation in lines.
const (
	PromptNumber     = "Number"
	PromptYes        = "yes, or Enter for no"
	PromptPassphrase = "Passphrase, or Enter to go back"
	PromptAgain      = "The same once more"
)

// Prompt is what stands before an answer: what it may be, and what an empty one
// means.
func Prompt(q flows.Question) string {
	switch {
	case q.Kept && q.Ask == flows.AskSecret:
		return "Answer, or Enter to keep the secret that you gave"
	case q.Refused:
		return "Another token, since the last was refused"
	case q.Kept:
		return "Answer, or Enter to keep the token that you gave"
	case q.Default != "" && q.Ask == flows.AskText:
		return "Answer, or Enter for " + q.Default
	case q.Default != "":
		at := slices.IndexFunc(q.Options, func(o flows.Option) bool { return o.ID == q.Default })
		return fmt.Sprintf("Number, or Enter for %d", at+1)
	case len(q.Options) > 0 && q.Ask == flows.AskChoice:
		return PromptNumber
	default:
		return "Answer"
	}
}

// PromptUnseen is a prompt for what is not shown.
func PromptUnseen(prompt string) string { return prompt + ", not shown while you type" }

// NoStepBefore is for a step back where there is none.
const NoStepBefore = "There is no step before this one. Press Ctrl+C to leave."

// StepInLines says how far along one is.
func StepInLines(n, of int, name string) string { return fmt.Sprintf("Step %d of %d: %s", n, of, name) }

// Numbered is one of several names, to be chosen by its number.
func Numbered(n int, name string) string { return fmt.Sprintf("%d. %s", n, name) }

// NumberedChoice is a choice with what is said about it, which may be nothing, a
// few words or sentences of their own.
func NumberedChoice(n int, name, about string) string {
	switch {
	case about == "":
		return Numbered(n, name) + "."
	case strings.HasSuffix(about, "."):
		return Numbered(n, name) + ". " + about
	default:
		return Numbered(n, name) + ", " + about + "."
	}
}

// TypedChoice is a choice beside a text, where a number may be an answer: it is
// taken by a word of its own.
func TypedChoice(name, word string) string { return name + ": type " + word + "." }

// WaitInLines says what is waited for, and how one goes back where one can.
func WaitInLines(what string, back bool) string {
	if !back {
		return what + "."
	}
	return what + ". Type b and press Enter to go a step back."
}

// StatusInLines is how a token stands.
func StatusInLines(s flows.Status) string { return "Status: " + Status(s) + "." }
