package words

import (
	"fmt"
	"strings"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// The screen that waits for approval.
const (
	OpenThisPage       = "Open this page, on this or any other machine:"
	EnterThisCode      = "Enter this code there:"
	WaitingForApproval = "Waiting for your approval"
	TheCode            = "The code"
	TheCommand         = "The command"
	SignedInKept       = "The token that was issued is kept in memory until it is saved."
)

// AskDevice is the head of that screen.
func AskDevice(host string) string { return "Approve gitgrant at " + host }

// AskingForCode says that the code is on its way.
func AskingForCode(host string) string { return "Asking " + host + " for a code" }

// CheckingStore says that the store is being looked at.
func CheckingStore(kind keyring.Kind) string { return "Looking at " + Store(kind) }

// SignedIn says that there is a token already.
func SignedIn(host string) string { return "You are signed in at " + host }

// NotSignedIn says that there is none.
func NotSignedIn(host string) string { return "You are not signed in at " + host + " yet" }

// AsksFor says what a page of approval will list.
func AsksFor(scopes []string) string { return "It asks for " + list(scopes, "and") + "." }

// TimeLeft is a countdown.
func TimeLeft(d time.Duration) string {
	seconds := max(0, int((d+time.Second-1)/time.Second))
	return fmt.Sprintf("%d:%02d left", seconds/60, seconds%60)
}

// The screen that takes a token.
const (
	MakeItHere = "Make it on this page:"
	TickThere  = "These have to be ticked there:"
	TokenHint  = "paste the token"
	TokenKept  = "kept from before, enter goes on"
	TokenDead  = "another one: the last was refused"
)

// AskToken is the head of that screen.
func AskToken(host string) string { return "Make a token at " + host + " and paste it here" }

// BetterToken is the head of the field that takes a token in place of another.
const BetterToken = "In place of the token above:"

// AboutTokenPage is what there is to do on the page of tokens before anything
// can be ticked; empty where its address does all of it.
func AboutTokenPage(kind providers.Kind) string {
	if kind == providers.Bitbucket {
		return "Choose Create API token with scopes and the app Bitbucket there, if the page has not done so for you."
	}
	return ""
}

// TokenLooks says what was typed or pasted without showing it. A token that does
// not fit together is a reason to look again, and no more.
func TokenLooks(length int, kind providers.TokenKind, mistyped bool) string {
	looks := count(length, "character")
	switch kind {
	case providers.UnknownKind, "":
	case providers.RepositoryToken: // all access tokens of Bitbucket begin alike
		looks += ", looks like an access token of a repository, project or workspace"
	default:
		looks += ", looks like " + Kind(kind)
	}
	if mistyped {
		return looks + ". " + MayBeMistyped
	}
	return looks + "."
}

// TokenElsewhere warns of a token that looks like one of another kind of host.
func TokenElsewhere(length int, kind providers.Kind, host providers.Host) string {
	return count(length, "character") + ", looks like a token of " + Provider(kind) + ". It would go to " + hostName(host.URL) + "."
}

// MayBeMistyped warns of a token whose parts do not fit together.
const MayBeMistyped = "It may be cut off or mistyped."

// The screen of the check.
const (
	StillChecking  = "checking"
	NoTokenHere    = "That looks like a token, so it was not put where everybody can read it."
	NoTokenTyped   = "That looks like a token, so it is hidden. No token belongs here: ctrl+u clears the field."
	NoTokenInLines = "That looks like a token. It was not taken, but it could be read while you typed. No token belongs here: where one does, nothing is shown."
	NoPasteHere    = "This token came from a sign-in. Go back to paste one instead."
	WhileGood      = "What it could do while it was good"
	PasteBetter    = "Paste a better token right here, and it is checked at once."
	AllGranted     = "The token has everything that it needs."
)

// AskScopes is the head of that screen.
func AskScopes(host string) string { return "What the token may do at " + host }

// CheckingAt says that the host is being asked.
func CheckingAt(host string) string { return "Asking " + host }

// Whose tells of an account, and of the sort and the end of its token.
func Whose(v flows.Verdict, now time.Time) string {
	parts := []string{v.Account.Login}
	if v.Account.Robot {
		parts[0] += " (a robot account)"
	}
	parts = append(parts, Kind(v.Kind), Ends(v, now))
	return join(strings.Join(parts, ", ") + ".")
}

// Ends is when a token ends, in the middle of a sentence.
func Ends(v flows.Verdict, now time.Time) string {
	switch {
	case !v.ExpiresAt.IsZero() && v.ExpiresAt.After(now):
		return "ends " + When(now, v.ExpiresAt) + stated(v)
	case !v.ExpiresAt.IsZero():
		return "ended " + When(now, v.ExpiresAt) + stated(v)
	case v.Expiry == providers.ExpiryNone:
		return "does not end"
	default:
		return "its end is not known"
	}
}

// stated marks an end that is the word of a person.
func stated(v flows.Verdict) string {
	if v.Expiry == providers.ExpiryUser {
		return ", as you stated"
	}
	return ""
}

// Excess names what a token may do beyond its purpose.
func Excess(scopes []string) string {
	verb := " is"
	if len(scopes) > 1 {
		verb = " are"
	}
	return "More than it needs: " + list(scopes, "and") + verb + " granted too. It works; a token that can do less is safer."
}

// MakeBetter is the way out where rights are missing. Some hosts let the rights
// of a token change, others fix them when it is made.
func MakeBetter(m providers.Method, kind providers.Kind) string {
	switch {
	case m.OAuth():
		return "Sign in again and approve everything that is asked for."
	case kind == providers.GitLab || kind == providers.GitLabServer || kind == providers.Bitbucket:
		return "What a token may do is fixed when it is made: make another that has everything listed here."
	default:
		return "Tick what is missing on the page of the token and check again, or make a better one."
	}
}

// TheCodeIs stands before the code where there is no room for more.
const TheCodeIs = "Code:"

// Because makes a sentence of a reason.
func Because(why string) string {
	if why == "" {
		return ""
	}
	return capital(why) + "."
}

// Evidence is how the state of a requirement is known.
func Evidence(f providers.Finding) string {
	switch {
	case f.Evidence == "":
		return ""
	case f.State == providers.Implied && f.By != "":
		return "Comes along with " + f.By + ". Evidence: " + f.Evidence
	default:
		return "Evidence: " + f.Evidence
	}
}
