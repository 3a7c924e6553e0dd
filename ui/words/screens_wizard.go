package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gitgrant/flows"
	"gitgrant/providers"
)

// StepLine is where in the wizard one is.
func StepLine(n, of int, name string) string { return fmt.Sprintf("Step %d of %d · %s", n, of, name) }

// Renewing is the purpose of a token that is to be replaced.
func Renewing(purpose string) string { return "Re-authorize " + strings.ToLower(purpose) }

// HostName is an address as people say it, and nothing where there is none.
func HostName(url string) string {
	if url == "" {
		return ""
	}
	return hostName(url)
}

// Elapsed tells how long something takes by now, where nothing moves to show
// that it goes on.
func Elapsed(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return fmt.Sprintf(" (%d s)", int(d/time.Second))
}

// Choice is how a choice beside providers and methods reads.
func Choice(id string) string {
	switch id {
	case flows.GoOn:
		return "Continue"
	case flows.CheckAgain:
		return "Check again"
	case flows.SignInAgain:
		return "Sign in again"
	case flows.OtherToken:
		return "Give another token"
	case flows.ByToken:
		return "Use a personal access token instead"
	case flows.OtherEmail:
		return "Correct the e-mail address"
	case flows.ByCode:
		return "Sign in with a code instead"
	case flows.ByBrowser:
		return "Sign in in the browser instead"
	case flows.OtherID:
		return "Name another OAuth application"
	case flows.OtherSecret:
		return "Give the secret of the OAuth application"
	case flows.ForceIt:
		return "Save it although rights are missing"
	case flows.TakeAccount:
		return "Let the account change"
	case flows.Leave:
		return "Leave without saving"
	case flows.Finish:
		return "Done"
	default:
		return orElse(saveChoice(id), orElse(endChoice(id), id))
	}
}

// saveChoice is how a choice about the keychain and about saving reads.
func saveChoice(id string) string {
	switch id {
	case flows.OpenStore:
		return "Unlock it"
	case flows.TakeVault:
		return "Use an encrypted vault instead"
	case flows.ProbeAgain:
		return "Look again"
	case flows.SaveIt:
		return "Save"
	case flows.SaveAgain:
		return "Try to save again"
	case flows.KeepWaiting:
		return "Go on waiting"
	case flows.NextUserToken:
		return "Set up your user token next"
	case flows.GiveOthers:
		return "Give the new one to them too"
	case flows.EndOld:
		return "End the old token at its host"
	default:
		return ""
	}
}

// The question for the runtime.
const (
	AskRuntime  = "What is the runtime called?"
	RuntimeHint = "prod"
)

// AboutRuntime says what the name is for.
func AboutRuntime(p providers.Purpose) string {
	if p == providers.User {
		return "Your user token is kept under the name of the runtime that you work with."
	}
	return "A short name for the cluster or environment, such as prod. Its tokens are kept under this name."
}

// AskProvider is the question for the kind of Git host.
func AskProvider(runtime string) string {
	return "Where are the Git repositories of " + runtime + "?"
}

// AboutProvider says which hosts a kind is.
func AboutProvider(kind providers.Kind) string {
	switch kind {
	case providers.GitHub:
		return "github.com"
	case providers.GitHubEnterprise:
		return "a server of your own, or *.ghe.com"
	case providers.GitLab:
		return "gitlab.com"
	case providers.GitLabServer:
		return "a GitLab of your own"
	case providers.Bitbucket:
		return "bitbucket.org"
	case providers.BitbucketServer:
		return "Bitbucket Data Center"
	default:
		return ""
	}
}

// AskHost is the question for the address of a host.
func AskHost(kind providers.Kind) string {
	return "What is the address of your " + Provider(kind) + "?"
}

// AboutHost says what an address may look like.
const AboutHost = "The address of any page on it, a clone address, or a git remote."

// HostHint is an address to go by.
func HostHint(kind providers.Kind) string {
	switch kind {
	case providers.GitHubEnterprise:
		return "github.example.com"
	case providers.GitLabServer:
		return "gitlab.example.com"
	default:
		return "git.example.com"
	}
}

// FindingHost says that the host behind an address is being looked for.
// OrAddressHere and OrAddress say, on screens and in lines, that an address does
// for a choice.
const (
	FindingHost   = "Looking for the host behind that address"
	OrAddressHere = "Or type the address of a repository, or paste it: it tells the host."
	OrAddress     = "The address of a repository, or a git remote, does in place of a number: it tells the host."
)

// MeetingHost says that a host is being asked what it is.
func MeetingHost(url string) string { return "Asking " + hostName(url) + " what it is" }

// UnmetAnyway is what may be done where a host did not answer.
const UnmetAnyway = "Press enter once more to go on with this address all the same."

// HostAnswered says what a host is.
func HostAnswered(kind providers.Kind, host, version string) string {
	return host + " is " + Provider(kind) + " " + version + "."
}

// aboutToken says which sorts of token a kind of host has for people to make.
func aboutToken(kind providers.Kind, host string) string {
	switch kind {
	case providers.Bitbucket:
		return "You make an API token, or an access token of a workspace, project or repository, and paste it here. It lasts until the day that you choose."
	case providers.BitbucketServer:
		return "You make an HTTP access token at " + host + " and paste it here. The next screen says what to choose there."
	default:
		return "You make a token at " + host + ", on a page that is filled in for you, and paste it here."
	}
}

// TooMany warns of a host that ends the oldest of too many tokens, before one
// more is made. Nothing where there is room.
func TooMany(c *flows.Crowd) string {
	if c == nil {
		return ""
	}
	keeps := c.Account + " has " + strconv.Itoa(c.Live) + " such tokens, and " + hostName(c.Host) + " keeps " + strconv.Itoa(c.Most) + " of one application."
	if !c.Full() {
		return keeps + " OAuth2 makes the last one; after it the oldest ends."
	}
	return keeps + " One more by OAuth2 ends the oldest, that of " + c.Oldest.Runtime +
		". Use a personal access token, or one token for several runtimes with `gitgrant reuse`."
}

// The screen about OAuth applications.
const (
	AboutApplication = "gitgrant signs in as an OAuth application, and none is known for this host yet. One is enough for all runtimes and all people."
	RegisterOpen     = "Open the page for new applications:"
	RegisterFill     = "Fill it in like this:"
)

// RegisterWay leads from that page to the form, where it has no address of its
// own.
func RegisterWay(links []string) string {
	if len(links) == 0 {
		return ""
	}
	return "From there go to " + strings.Join(links, ", then to ") + "."
}

// RegisterCopy says what to bring back, by the name that the host has for it.
func RegisterCopy(id string, secret bool) string {
	if secret {
		return "Save it, then copy its " + id + " to here. Its secret is asked for next."
	}
	return "Save it, then copy its " + id + " to here. Its secret is not needed."
}

// RegisterHTTPS says what follows from a form that takes https alone, and what
// would let a browser come back by itself; empty where nothing is in the way.
func RegisterHTTPS(r providers.Registration) string {
	if r.HTTPSOff == "" {
		return ""
	}
	return "This host takes an address with https alone, where nobody listens: you paste the address that the browser ends on. An address with http will do where the host is started with -D" + r.HTTPSOff + " in its Java options."
}

// FieldValue is what goes into a field of a form, or what becomes of a box.
func FieldValue(f providers.Field) string {
	switch {
	case f.Value != "":
		return f.Value
	case f.Ticked:
		return "ticked"
	default:
		return "not ticked"
	}
}

// AskApplication is the head of that screen.
func AskApplication(host string) string { return "Register gitgrant at " + host }
