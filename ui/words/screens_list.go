package words

import (
	"errors"
	"fmt"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// The list of runtimes.
const (
	Program   = "gitgrant"
	TitleList = "Runtimes"

	ColumnRuntime  = "NAME"
	ColumnToken    = "TOKEN"
	ColumnState    = "STATE"
	ColumnEnds     = "ENDS"
	ColumnAccount  = "ACCOUNT"
	ColumnHost     = "HOST"
	ColumnChecked  = "CHECKED"
	ColumnProvider = "PROVIDER"

	FilterHint   = "name, host, account, state or day"
	NothingFound = "No runtime fits the filter."

	EmptyHead  = "No runtime yet"
	EmptyText  = "A few questions lead to a token that has what a GitOps runtime needs. Each right is checked while you look, and nothing is written before you say so."
	EmptyStart = "Press n to set up the first one."
)

// Summary says how many runtimes there are and how their tokens stand.
func Summary(runtimes, bad, ending int) string {
	text := count(runtimes, "runtime")
	switch {
	case runtimes == 0:
		return ""
	case bad > 0:
		return text + ", " + count(bad, "token") + " to mend"
	case ending > 0:
		return text + ", " + count(ending, "token") + " ending soon"
	default:
		return text
	}
}

// BriefSummary is Summary where there is little room.
func BriefSummary(runtimes, bad, ending int) string {
	text := count(runtimes, "runtime")
	switch {
	case bad > 0:
		return fmt.Sprintf("%s, %d to mend", text, bad)
	case ending > 0:
		return fmt.Sprintf("%s, %d ending", text, ending)
	default:
		return text
	}
}

// CheckingTokens says that checks are under way.
func CheckingTokens(n int) string {
	if n == 0 {
		return "checking, nearly done"
	}
	return "checking " + count(n, "token")
}

// Checked says how far a check of many tokens is, and which hosts it waits for.
func Checked(done, of int, waiting []string) string {
	text := fmt.Sprintf("%d of %s checked", done, count(of, "token"))
	switch {
	case len(waiting) == 0:
		return text
	case len(waiting) > 2:
		return text + ", waiting for " + count(len(waiting), "host")
	default:
		return text + ", waiting for " + list(waiting, "and")
	}
}

// Place is where in a list one is.
func Place(at, of int) string { return fmt.Sprintf("%d of %d", at, of) }

// ExpiryAndDay is when a token ends, for a column with room for the day:
// "in 3 days, 2026-12-04".
func ExpiryAndDay(v flows.Verdict, now time.Time) string {
	if v.ExpiresAt.IsZero() {
		return Expiry(v, now)
	}
	return Expiry(v, now) + ", " + v.ExpiresAt.UTC().Format(time.DateOnly)
}

// LastCheck is when the host was last asked, for a column.
func LastCheck(v flows.Verdict, now time.Time) string {
	if v.CheckedAt.IsZero() {
		return "never"
	}
	return distance(now, v.CheckedAt)
}

// Order is what the list is sorted by.
func Order(o flows.Order) string {
	return [...]string{flows.ByName: "name", flows.ByState: "state, the worst first", flows.ByEnd: "end, the next first", flows.ByHost: "host"}[o]
}

// Sorted says what the list is sorted by now.
func Sorted(o flows.Order) string { return "Sorted by " + Order(o) + "." }

// AskOrder asks for the order of the list in lines.
const AskOrder = "By what is the list sorted?"

// Grouped says whether the list in lines is grouped by host now.
func Grouped(by bool) string {
	if by {
		return "Grouped by host."
	}
	return "Grouped by host no more."
}

// The page of a runtime.
const (
	PressToRenew = "Press r to authorize again."
	PressToCheck = "Press c to check it."
)

// ChooseToken says what is missing where a key could mean several tokens.
func ChooseToken(key string) string { return "Choose the token, then press " + key + " once more." }

// PressToOpen is the way on where a token rests in a store that is locked.
func PressToOpen(kind keyring.Kind) string { return "Press p to open " + Store(kind) + "." }

// NotOpened says why a store is still locked.
func NotOpened(err error, now time.Time) string {
	var at keyring.Condition
	if errors.As(err, &at) && at.Wrong {
		return Condition(at).Why
	}
	return ProblemAt(err, now).String()
}

// NoTokenOf says that a runtime has no such token.
func NoTokenOf(p providers.Purpose) string {
	if p == providers.User {
		return "No user token. Press a to add yours, for clone and push."
	}
	return "No runtime token here. Somebody else may keep it."
}

// Ago is when something happened, to the day or closer.
func Ago(now, at time.Time) string {
	if now.Sub(at) < 24*time.Hour {
		return distance(now, at)
	}
	return When(now, at)
}

// ForgetNothing is the way out of the question what to forget.
const ForgetNothing = "Keep everything"

// AskForget is its head.
func AskForget(runtime string) string { return "What of " + runtime + " is to be forgotten?" }

// AboutForget says what forgetting is not.
func AboutForget(host string) string {
	return "It is removed from this machine alone. The token stays valid at " + host + " until it is revoked there."
}

// ForgetOne is the choice of one token.
func ForgetOne(p providers.Purpose, account string) string {
	return "Forget the " + string(p) + " token of " + account
}

// ForgetAll is the choice of everything.
func ForgetAll(runtime string) string { return "Forget all of " + runtime }

// CanUndo follows what was forgotten while it can be brought back.
const CanUndo = "Press u to undo that."

// Forgotten says what was done.
func Forgotten(n int, runtime string) string {
	return count(n, "token") + " of " + runtime + " forgotten on this machine."
}

// Messages that come and go.
const (
	Opening  = "Opening the browser."
	Approved = "Approved, as a browser would have done."
)

// Copied says where a text went, and how sure that is.
func Copied(name string, sure bool) string {
	if sure {
		return name + " is on the clipboard."
	}
	return name + " was handed to your terminal for the clipboard. Not every terminal takes it."
}

// TooSmall says that the window is too small, and what it takes.
func TooSmall(width, height, leastWidth, leastHeight int) string {
	return fmt.Sprintf("Terminal too small\n%dx%d, it needs %dx%d.\nCtrl+C leaves.", width, height, leastWidth, leastHeight)
}

// Title is what a terminal shows in its frame.
func Title(step string) string { return Program + ": " + step }

// The list of keys.
const (
	KeysHead  = "Keys"
	KeysHere  = "On this screen"
	KeysOther = "Everywhere"
)

// Why no browser opened.
const (
	NoBrowserHere   = "There is no display here to open a browser on. The address works on any other machine."
	NoBrowserOpened = "No browser opened. The address works in any browser, on any machine."
	NoSuchAddress   = "This address is not opened: it is neither https nor on this machine."
)
