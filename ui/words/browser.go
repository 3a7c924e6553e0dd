package words

import (
	_ "embed" // the page
	"html"
	"strings"
	"time"

	"gitgrant/providers/oauth"
)

// The screen that waits for a browser to come back.
const (
	OpenInBrowser     = "Open this page in your browser:"
	BringReturn       = "If it ends on a page that does not load, paste the address of that page here:"
	BringReturnAlways = "It ends on a page that does not load. Paste the address of that page here:"
	ReturnHint        = "paste the address"
	ThePage           = "The address of the page"
	OpeningDoor       = "Making ready for the browser to come back"
	WaitingForBrowser = "Waiting for your browser"
	PageIsLong        = "The address of the page is long: ctrl+o opens it, ctrl+y copies it."
)

// OpenPage says where to sign in, and how long that can be done.
func OpenPage(p oauth.Page, now time.Time) string {
	return "Open " + p.Address + " in your browser and approve gitgrant there, within " + Lasts(p.ExpiresAt.Sub(now)) + "."
}

// WaitForReturn says what happens then, or what to do where it does not.
func WaitForReturn(p oauth.Page, obstructed bool) string {
	switch {
	case !p.Listening:
		return "The browser ends on a page that does not load. Paste the address of that page here and press Enter."
	case !obstructed:
		return "The browser comes back to this program by itself. If it ends on a page that does not load, paste the address of that page here and press Enter."
	default:
		return "The browser may end on a page that does not load, since it may not reach this machine. Paste the address of that page here then, and press Enter."
	}
}

// BroughtByHand is a sign-in that nobody can end without a person who pastes.
func BroughtByHand(host string) Message {
	return Message{
		What: "A sign-in in the browser at " + hostName(host) + " ends with an address that you paste, and nothing can be asked here.",
		Next: "Run this in a terminal without --no-input, or take --method pat.",
	}
}

// TryingApplication says that a host is asked about an application.
func TryingApplication(host string) string {
	return "Asking " + host + " whether it takes the application"
}

// DoubtedAnyway is what may be done where a host could not be asked.
const DoubtedAnyway = "Press enter once more to go on with this application all the same."

// AskClientSecret is the head of the field for the secret of an application.
func AskClientSecret(host string) string { return "Give the secret of the application at " + host }

// AboutClientSecret says what it is for and where it goes.
const (
	AboutClientSecret = "This host lets nobody sign in in a browser without it. It rests where your tokens do, and never in hosts.yaml."
	SecretIsThere     = "The page of the application shows it, or makes a new one. Your applications are listed here:"
	ClientSecretHint  = "paste the secret"
	ClientSecretKept  = "kept from before, enter goes on"
)

// SecretLooks says what was typed without showing it.
func SecretLooks(length int) string { return count(length, "character") + "." }

// returned is a page that a browser shows when it comes back. It is the same
// whatever the browser brought. Two texts are all that goes into it: a template
// of the library would have the linker keep every method of the program.
//
//go:embed return.html
var returned string

// ReturnPages are what a browser shows when it comes back to a terminal, which
// is named by its machine and, where it has one, by its own name.
func ReturnPages(machine, terminal string) oauth.Pages {
	where := "the terminal"
	if machine != "" {
		where += " on " + machine
	}
	if terminal != "" {
		where += " (" + terminal + ")"
	}
	page := func(head, next string) []byte {
		return []byte(strings.NewReplacer("HEAD", html.EscapeString(head), "NEXT", html.EscapeString(next)).Replace(returned))
	}
	return oauth.Pages{
		Returned: page("gitgrant has what it needs", "Close this page and go back to "+where+"."),
		Denied:   page("Nothing was approved", "gitgrant says why in "+where+"."),
		Stray:    page("Nothing happened here", "This page belongs to a sign-in that is over, or to none. If you expected one, go back to "+where+"."),
	}
}
