package words

import (
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gitgrant/flows"
	"gitgrant/providers"
)

// The screens that ask for what only the owner of a token can tell.
const (
	AskEmail        = "Which e-mail address belongs to this token?"
	AboutEmail      = "An API token has two user names. The API wants the e-mail address of the Atlassian account that made it, git wants another name; beside any other address the token is refused as if it were dead. The address is kept beside the token."
	EmailHint       = "you@example.com"
	AskUsername     = "Which user name does git use with this token?"
	UsernameHint    = "user name for git"
	AskEnd          = "When does this token end?"
	AboutEndInLines = "A day such as 2026-12-31 is taken in place of a choice."
	AskDay          = "On which day does this token end?"
	AboutDay        = "As the page of the token shows it. A day lasts until its end in UTC; one that has passed is taken too."
	DayHint         = "2026-12-31"
)

// AboutUsername says why git has a name of its own, and that nobody has to know
// it. usual is the name that such tokens have where nobody gave another.
func AboutUsername(usual string) string {
	return "Git does not take the e-mail address. " + usual + " does for everybody; the user name of the account does too."
}

// AboutEnd says why a person is asked, and what becomes of the answer. site
// is where such tokens are made, which may be another than that of git.
func AboutEnd(site string, kind providers.TokenKind) string {
	about := "Nobody can read it from the token; the page at " + hostName(site) + " where it is made shows it. gitgrant warns you before the day that you state, and shows it as stated by you."
	if kind == providers.APIToken {
		about += " An API token lasts " + strconv.Itoa(flows.MaxAPIToken) + " days at most."
	}
	return about
}

// EndSite is where the token at hand was made. Those of an Atlassian account are
// made where that account is kept.
func EndSite(c *flows.Conversation) string {
	page, err := url.Parse(c.Provider().ManagePage(c.Host()))
	if err != nil || c.Provider().Guess(c.Answers().Token) != providers.APIToken {
		return c.Host().URL
	}
	return page.Scheme + "://" + page.Host
}

// AboutTopic is what there is to know before one answers.
func AboutTopic(c *flows.Conversation, t flows.Topic) []string {
	switch t {
	case flows.Email:
		return []string{AboutEmail}
	case flows.Username:
		return []string{AboutUsername(c.UsualUsername())}
	case flows.Day:
		return []string{AboutDay}
	default:
		return []string{AboutEnd(EndSite(c), c.Provider().Guess(c.Answers().Token)), AboutEndInLines}
	}
}

// topicQuestion is the question about a topic.
func topicQuestion(t flows.Topic) string {
	switch t {
	case flows.Email:
		return AskEmail
	case flows.Username:
		return AskUsername
	case flows.Day:
		return AskDay
	default:
		return AskEnd
	}
}

// topicFlag is what answers a topic on the command line.
func topicFlag(t flows.Topic) string {
	switch t {
	case flows.Email:
		return "--email"
	case flows.Username:
		return "--username"
	default:
		return "--expires"
	}
}

// endChoice is how a choice for the end of a token reads; empty for any other
// choice.
func endChoice(id string) string {
	switch id {
	case flows.In30Days:
		return "In 30 days"
	case flows.In90Days:
		return "In 90 days"
	case flows.In180Days:
		return "In 180 days"
	case flows.In365Days:
		return "In 365 days"
	case flows.OnADay:
		return "On another day"
	case flows.NeverEnds:
		return "It never ends"
	case flows.NotKnown:
		return "I do not know"
	default:
		return ""
	}
}

// Tick is one requirement on the page where a token is made.
type Tick struct {
	Label   string
	Names   string // what is ticked for it, where the label does not say so
	Nothing bool   // this sort of token has no such right
	Why     string
}

// Brief is what is ticked, and nothing about it.
func (t Tick) Brief() string {
	if t.Names != "" {
		return t.Names
	}
	return t.Label
}

// String is the requirement as one line.
func (t Tick) String() string {
	what := t.Label
	if t.Names != "" {
		what += ": " + t.Names
	}
	return join(what+".", t.Why)
}

// Ticks are what a person ticks for a purpose, in the vocabulary of a sort of
// token, and why. A right that the host does not have under any name says what
// stands in its place, below those that are to be ticked.
func Ticks(host providers.Kind, purpose providers.Purpose, kind providers.TokenKind) []Tick {
	var ticks []Tick
	for _, r := range providers.PolicyOf(host).Requirements(purpose) {
		need := r.For(kind)
		names := need.Names()
		tick := Tick{Label: r.Label, Names: takes(r.Name, r.Label, names), Why: Because(r.Why[purpose]), Nothing: len(names) == 0 && !need.Unnamed}
		if tick.Nothing {
			tick.Names = nothingToTick
		}
		if tick.Nothing && slices.ContainsFunc(r.Needs, func(n providers.Need) bool { return len(n.Names()) > 0 }) {
			tick.Why = "" // it says what other sorts of token need it for
		}
		ticks = append(ticks, tick)
	}
	sort.SliceStable(ticks, func(i, j int) bool { return last(ticks[i].Nothing) < last(ticks[j].Nothing) })
	return ticks
}

// last orders what does not matter behind what does.
func last(unimportant bool) int {
	if unimportant {
		return 1
	}
	return 0
}

const nothingToTick = "nothing to tick for this sort of token"

// Takes is what a token takes for a requirement that it has not been seen to
// meet, where the label does not say so: that which it lacks, if that is known.
func Takes(f providers.Finding) string {
	switch {
	case f.State == providers.Granted || f.State == providers.Implied:
		return ""
	case unnamed(f):
		return "a permission of its own stands for it"
	case len(f.Lacks) > 0:
		return takes(f.Name, f.Label, f.Lacks)
	default:
		return takes(f.Name, f.Label, f.Needs)
	}
}

// unnamed reports whether a token takes something else for a requirement than
// the scope that it is named after, and nobody knows for certain what.
func unnamed(f providers.Finding) bool {
	return f.State != providers.NotApplicable && f.State != "" && len(f.Needs) == 0
}

func takes(name, label string, needs []string) string {
	if len(needs) == 1 && (needs[0] == name || needs[0] == label) || len(needs) == 0 {
		return ""
	}
	return strings.Join(needs, ", ") // and is a word of some of them
}
