package words

import (
	"slices"
	"strconv"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/oauth"
)

// Question is a question of a conversation as a sentence, for those who answer
// in lines.
func Question(c *flows.Conversation, q flows.Question) string {
	a, host := c.Answers(), hostName(c.Host().URL)
	switch {
	case q.Ask == flows.AskPassphrase:
		return AskPassphrase(q.Creates, false) + "."
	case q.Trouble != nil:
		return "What is to be done about " + Store(q.Trouble.Store) + "?"
	case q.Topic != flows.TheToken:
		return topicQuestion(q.Topic)
	}
	switch q.Step {
	case flows.StepRuntime:
		return AskRuntime
	case flows.StepProvider:
		return AskProvider(a.Runtime)
	case flows.StepHost:
		return AskHost(a.Provider)
	case flows.StepMethod:
		return AskMethod
	case flows.StepApplication:
		if q.Ask == flows.AskSecret {
			return AskClientSecret(host) + "."
		}
		return AskApplication(host) + "."
	case flows.StepAuthorize:
		if q.Ask == flows.AskToken {
			return AskToken(host) + "."
		}
		return "How do you want to go on?"
	case flows.StepScopes:
		return "What is to be done with this token?"
	case flows.StepSave:
		if c.Late() {
			return "What is to be done about " + Store(c.Store()) + "?"
		}
		return AskSave
	default:
		return "What next?"
	}
}

// Flag is what answers a question on the command line; empty for those that
// only a person answers.
func Flag(q flows.Question) string {
	if q.Topic != flows.TheToken {
		return topicFlag(q.Topic)
	}
	switch q.Step {
	case flows.StepRuntime:
		return "RUNTIME"
	case flows.StepProvider:
		return "--provider"
	case flows.StepHost:
		return "--host"
	case flows.StepMethod:
		return "--method"
	case flows.StepApplication:
		if q.Ask == flows.AskSecret {
			return "--client-secret-stdin"
		}
		return "--client-id"
	case flows.StepAuthorize:
		return "--token-stdin"
	default:
		return ""
	}
}

// EnterCode says where to take a device code.
func EnterCode(code oauth.Code, now time.Time) string {
	return "Open " + code.Page + " and enter the code " + code.User + " there. It is good for " + Lasts(code.ExpiresAt.Sub(now)) + "."
}

// Register says how an OAuth application is registered, one line each.
func Register(r providers.Registration, secret bool) []string {
	lines := []string{RegisterOpen + " " + r.Page}
	if way := RegisterWay(r.Way); way != "" {
		lines = append(lines, way)
	}
	lines = append(lines, RegisterFill)
	for _, f := range r.Fields {
		lines = append(lines, f.Label+": "+FieldValue(f))
	}
	if https := RegisterHTTPS(r); https != "" {
		lines = append(lines, https)
	}
	return append(lines, RegisterCopy(r.ID, secret))
}

// LinesHelp says how a question is answered in lines.
func LinesHelp(q flows.Question) string {
	how := "Type your answer and press Enter."
	switch q.Ask {
	case flows.AskChoice:
		how = "Type the number of a choice and press Enter."
	case flows.AskToken:
		how = "Paste the token and press Enter; it is not shown."
	case flows.AskNothing:
		how = "There is nothing to answer while this waits."
	case flows.AskSecret:
		how = "Paste the secret and press Enter; it is not shown."
	}
	return join(how, "Type b to go a step back, which keeps every answer.", "Press Ctrl+C to leave; nothing is stored that you did not agree to.")
}

// AnswerNeeded is for an empty answer where there is none to go by.
func AnswerNeeded() string { return "An answer is needed here. Type ? for help." }

// Under says that something is under way, before it takes its time.
func Under(q flows.Question, c *flows.Conversation, a flows.Answer) string {
	answer := a.Text
	switch {
	case q.TakesAddress && !slices.ContainsFunc(q.Options, func(o flows.Option) bool { return o.ID == answer }):
		return FindingHost + "."
	case q.Trouble != nil && answer == flows.ProbeAgain:
		return CheckingStore(q.Trouble.Store) + "."
	case q.Trouble != nil && answer == flows.OpenStore && !flows.TakesPassphrase(*q.Trouble):
		return OpeningStore + "."
	case q.Trouble != nil:
		return "" // the passphrase is asked for first
	case q.Ask == flows.AskToken && c.Provider().Wants(a.Secret) != (providers.Wants{}):
		return "" // there is more to ask
	case q.Ask == flows.AskToken, q.Final && answer != flows.OnADay, answer == flows.CheckAgain:
		return CheckingAt(hostName(c.Host().URL)) + "."
	case tries(q, c, answer):
		return TryingApplication(hostName(c.Host().URL)) + "."
	case answer == flows.SaveIt, answer == flows.SaveAgain:
		return SavingIt + "."
	case answer == flows.EndOld:
		return EndingOld + "."
	case answer == flows.GiveOthers:
		return GivingNew + "."
	case answer == flows.KeepWaiting:
		return WaitingForStore(c.Store()) + "."
	default:
		return ""
	}
}

// tries reports whether an answer has the host asked about the application.
func tries(q flows.Question, c *flows.Conversation, answer string) bool {
	browser := q.Step == flows.StepApplication && c.Answers().Method == providers.Browser
	return browser && answer != flows.ByToken && (q.Ask == flows.AskSecret || !c.WantsSecret())
}

// Stored says what was stored and how to hand it over.
func Stored(g keyring.Grant) string {
	if g.Store == keyring.Memory {
		return SavedWhere(g)
	}
	line := "gitgrant token " + g.Runtime + " --purpose " + g.Purpose
	if g.Purpose == string(providers.User) {
		line += " --account " + g.Account
	}
	return SavedWhere(g) + " Hand it over with `" + line + "` in front of a pipe."
}

// NotStored says that a token was not stored, and with why where nothing else
// has said it.
func NotStored(v flows.Verdict, s Subject, why bool) Message {
	m := Message{What: "The token was not stored.", Why: "Its status is " + string(v.Status) + "."}
	if why {
		m.Why, m.Next = Reason(v, s), Next(v, s).Do
	}
	if v.Status == flows.MissingScopes {
		m.Next = join(m.Next, "To store it as it is, add --force.")
	}
	return m
}

// NothingStored is for a conversation that a person left.
func NothingStored() Message {
	return Message{What: "Nothing was stored.", Next: "Run it again whenever you like."}
}

// PassphrasesDiffer is for a new passphrase that was typed in two ways.
func PassphrasesDiffer() Message {
	return Message{"The two passphrases are not the same.", "Nothing was sealed.", "Type it twice, once more."}
}

// TooLong is for input that is longer than any answer.
func TooLong() Message {
	return Message{"The input is longer than any answer.", "Nothing of it was used.", "Look at what is sent to standard input."}
}

// Findings are what a token may do, one line a requirement, or what it could do
// while it was good.
func Findings(v flows.Verdict) []string {
	var lines []string
	if v.Status.Gone() && len(v.Findings) > 0 {
		lines = append(lines, WhileGood+":")
	}
	for _, f := range v.Findings {
		line := capital(State(f.State)) + ": " + Scope(f) + "."
		if names := Takes(f); names != "" {
			line += " It takes " + names + "."
		}
		lines = append(lines, join(line, Evidence(f)))
	}
	return lines
}

// NoRuntimes says that the list is empty, and how it begins.
func NoRuntimes() string { return EmptyHead + ". Run `gitgrant install` to set up the first one." }

// ToForget asks whether tokens are to be forgotten.
func ToForget(grants []keyring.Grant) string {
	var tokens []string
	for _, g := range grants {
		tokens = append(tokens, "the "+g.Purpose+" token of "+g.Account)
	}
	return "Forget " + list(tokens, "and") + " in " + grants[0].Runtime + "? " + AboutForget(hostName(grants[0].Host))
}

// WhichGrant asks which of several tokens of a runtime is meant.
func WhichGrant(runtime string) string { return "Which token of " + runtime + "?" }

// GrantName is a token of a runtime, to be chosen among others.
func GrantName(g keyring.Grant) string {
	return Purpose(providers.Purpose(g.Purpose)) + " of " + g.Account
}

// ListHead says how many runtimes are listed in lines.
func ListHead(n int) string {
	if n == 0 {
		return EmptyHead + "."
	}
	return TitleList + ": " + strconv.Itoa(n) + "."
}

// ListCommands is the prompt of the list in lines; shut is a store that is to be
// opened, if there is one.
func ListCommands(n int, shut keyring.Kind) string {
	if n == 0 {
		return "n for a new one, u to undo, q to leave"
	}
	return "Number or name to open, / and a text to filter, n for a new one, c to check all, " + toOpen(shut) +
		"s to sort, h to group by host, u to undo, q to leave"
}

// PageCommands is the prompt of the page of one runtime in lines.
func PageCommands(shut keyring.Kind) string {
	return "r to reauthorize, a to add a user token, c to check, " + toOpen(shut) + "e to reuse, t to rotate, " +
		"x to revoke, y for the command that hands it over, m to mute, f to forget, b for the list, q to leave"
}

func toOpen(shut keyring.Kind) string {
	if shut == "" {
		return ""
	}
	return "p to open " + Store(shut) + ", "
}

// NothingLocked is for a wish to open a store where none is known to be locked.
const NothingLocked = "No store here is known to be locked. To check finds out."

// The help on the list and on the page of one runtime in lines. The prompt names
// the letters.
const (
	ListHelp = "Type one of the letters, or the number or the name of a runtime to see its tokens. A slash alone ends the filter. To check asks every Git host again. " +
		"To undo brings back what was forgotten last."
	PageHelp = "Type one of the letters. To reauthorize keeps the old token until the new one is proven. To reuse gives the user token " +
		"to other runtimes too. To rotate has the host replace the token in place. To forget deletes it from this machine alone. " +
		"To revoke ends it at the host, and cannot be undone."
)

// FilteredBy says what the list is filtered by, and how many are left.
func FilteredBy(filter string, n int) string {
	return "Filtered by " + quote(filter) + ": " + strconv.Itoa(n) + "."
}

// ChooseHelp says how one of several is chosen.
func ChooseHelp(n int) string {
	return "Type a number from 1 to " + strconv.Itoa(n) + " or the name, or b to go back, and press Enter."
}

// NoSuchCommand is for anything else.
func NoSuchCommand() string { return "That is none of the commands." }
