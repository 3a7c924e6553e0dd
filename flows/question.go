package flows

import (
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// Step is one screen of a conversation.
type Step string

// The steps, in their order. A conversation has those that its branch needs.
const (
	StepRuntime     Step = "Runtime"
	StepProvider    Step = "Provider"
	StepHost        Step = "Host"
	StepMethod      Step = "Method"
	StepApplication Step = "Application"
	StepAuthorize   Step = "Authorize"
	StepScopes      Step = "Scopes"
	StepSave        Step = "Save"
	StepHandOff     Step = "Hand off"
)

// Ask is what sort of answer a question takes.
type Ask string

// The sorts of answer. AskNothing is a wait: events move it on, and the
// options are what may be done meanwhile.
const (
	AskText       Ask = "text"
	AskChoice     Ask = "choice"
	AskToken      Ask = "token"
	AskPassphrase Ask = "passphrase"
	AskSecret     Ask = "secret" // of an OAuth application
	AskReturn     Ask = "return" // the address that the browser ended on, while it is waited for
	AskNothing    Ask = "nothing"
)

// Choices, beside the names of providers and methods.
const (
	GoOn          = "continue"
	CheckAgain    = "check-again"
	SignInAgain   = "sign-in-again" // with a new code
	OtherToken    = "other-token"   // give a better token
	ByToken       = "by-token"      // a personal access token instead of OAuth2
	ByCode        = "by-code"       // OAuth2 with a code instead of a browser that comes back
	ByBrowser     = "by-browser"    // the other way round
	OtherID       = "other-id"      // name another OAuth application
	OtherSecret   = "other-secret"  // give its secret once more
	OtherEmail    = "other-email"   // correct the e-mail beside the token
	ForceIt       = "force"         // store although scopes are missing
	TakeAccount   = "replace-account"
	OpenStore     = "open-store"
	TakeVault     = "use-vault"
	ProbeAgain    = "probe-again"
	SaveIt        = "save"
	SaveAgain     = "save-again"
	KeepWaiting   = "keep-waiting" // for a store that has not answered
	NextUserToken = "user-token"
	GiveOthers    = "give-others" // the new token, to those who use the old one
	EndOld        = "end-old"     // at its host
	Leave         = "leave"
	Finish        = "done"
)

// Option is one choice.
type Option struct {
	ID string
	// Closed is why it cannot be taken now; nil where it can.
	Closed error
	// Remarks are what there is to know before it is taken.
	Remarks []Remark
	// Best says that it is what works best from here, whatever was said before.
	Best bool
	// Other is another way to the same: the flow of OAuth2 that works less well
	// from here. It is taken by its own ID; nil where there is none.
	Other *Option
}

// Question is what a conversation wants to know now.
type Question struct {
	Step    Step
	Topic   Topic // in Authorize: which fact beside the token is asked for
	Ask     Ask
	Options []Option
	// Default is what an empty answer means: an option's ID, or what was
	// answered before.
	Default string
	// Kept says that a secret given before will do: an empty answer keeps it.
	Kept bool
	// Refused says that the host has refused the token that was given before: it
	// is not offered once more.
	Refused bool
	// Problem is why the last answer, or what came of it, was not good enough.
	Problem error
	// Trouble is the state of a store that cannot be used; the question is then
	// what to do about it.
	Trouble *keyring.Condition
	// Creates says that the passphrase seals a vault that does not exist yet,
	// and so is to be asked for twice.
	Creates bool
	// Final says that a good answer has the token checked at once.
	Final bool
	// TakesAddress says that the address of anything on a host, or the name of a
	// git remote, is taken in place of an option.
	TakesAddress bool
	// TakesToken says that a better token is taken in place of an option.
	TakesToken bool
}

// Answer is what a person says to a question: an option's ID or a text, or a
// secret where a token or passphrase is asked for or taken.
type Answer struct {
	Text   string
	Secret secret.Secret
}

// Question is what the conversation wants to know now.
func (c *Conversation) Question() Question {
	q := c.ask()
	q.Step, q.Problem = c.step, c.problem
	return q
}

func (c *Conversation) ask() Question {
	switch {
	case c.outcome.Ended:
		return Question{Ask: AskNothing}
	case c.sealing:
		return Question{Ask: AskPassphrase, Trouble: c.trouble, Creates: c.trouble.State == keyring.Missing}
	case c.trouble != nil && c.storeMatters() && !c.waiting:
		return c.askAboutStore()
	}
	switch c.step {
	case StepRuntime:
		return Question{Ask: AskText, Default: c.answers.Runtime}
	case StepProvider:
		return Question{Ask: AskChoice, Options: c.providerOptions(), Default: string(c.answers.Provider), TakesAddress: true}
	case StepHost:
		return Question{Ask: AskText, Default: c.answers.Host}
	case StepMethod:
		list := c.methodOptions()
		return Question{Ask: AskChoice, Options: list, Default: c.defaultMethod(list)}
	case StepApplication:
		return c.askForApplication()
	case StepAuthorize:
		return c.askToAuthorize()
	case StepScopes:
		return c.askAboutScopes()
	case StepSave:
		return c.askToSave()
	default:
		return c.askWhatNext()
	}
}

// storeMatters is where the state of the store stands in the way: before
// anybody signs in, and when something is to be saved.
func (c *Conversation) storeMatters() bool { return c.step == StepAuthorize || c.step == StepSave }

// TakesPassphrase reports whether a passphrase is what a store waits for: a
// vault that is to be opened or made. One that is damaged no passphrase mends.
func TakesPassphrase(c keyring.Condition) bool {
	waits := c.State == keyring.Locked || c.State == keyring.Missing
	return waits && c.Store == keyring.Vault && c.Seal != "identity"
}

// CanOpen reports whether a person can open a store that is locked: a vault by its
// passphrase, the keychain by the desktop's own prompt.
func CanOpen(c keyring.Condition) bool {
	return c.State == keyring.Locked && (c.Store == keyring.System || TakesPassphrase(c))
}

func (c *Conversation) askAboutStore() Question {
	q := Question{Ask: AskChoice, Trouble: c.trouble}
	switch c.trouble.State {
	case keyring.Locked, keyring.Missing, keyring.Activatable, keyring.NoCollection:
		q.Options = options(OpenStore)
	}
	if c.trouble.Store == keyring.System && c.world.CanVault {
		q.Options = append(q.Options, options(TakeVault)...)
	}
	q.Options = append(q.Options, options(ProbeAgain, Leave)...)
	q.Default = q.Options[0].ID
	return q
}

func (c *Conversation) providerOptions() []Option {
	var list []Option
	for _, p := range c.world.Providers {
		list = append(list, Option{ID: string(p.Kind())})
	}
	return list
}

func (c *Conversation) askToAuthorize() Question {
	if !c.answers.Method.OAuth() {
		if c.facts.topic != TheToken {
			return c.askTopic()
		}
		given := !c.answers.Token.Empty()
		refused := given && c.answers.Token.Equal(c.refused)
		return Question{Ask: AskToken, Kept: given && !refused, Refused: refused}
	}
	switch {
	case c.waiting && c.visiting != nil:
		return Question{Ask: AskReturn, Options: options(SignInAgain, ByToken)}
	case c.waiting:
		return Question{Ask: AskNothing, Options: options(SignInAgain, ByToken)}
	case c.cred != nil:
		return Question{Ask: AskChoice, Options: options(GoOn, SignInAgain, ByToken), Default: GoOn}
	default:
		return c.askToSignInAgain()
	}
}

// mendedByOther reports whether what stood in the way of one flow may not stand
// in the way of the other.
func mendedByOther(problem error) bool {
	switch cause.Of(problem).Kind {
	case cause.DeviceDisabled, cause.SignInRefused, cause.NoReturn, cause.NoListener, cause.CodeRefused,
		cause.RedirectRefused, cause.SecretWanted, cause.SecretRefused:
		return true
	default:
		return false
	}
}

// askToSignInAgain offers what may mend a sign-in that came to nothing.
func (c *Conversation) askToSignInAgain() Question {
	q := Question{Ask: AskChoice, Options: options(SignInAgain), Default: SignInAgain}
	switch kind := cause.Of(c.problem).Kind; {
	case kind == cause.SecretWanted, kind == cause.SecretRefused:
		q.Options, q.Default = options(OtherSecret, SignInAgain), OtherSecret
	case !c.ownID, kind == cause.UnknownApplication, kind == cause.GitHubApp, kind == cause.RedirectRefused, kind == cause.ScopeRefused:
		q.Options = append(q.Options, options(OtherID)...)
	}
	if other, open := c.otherFlow(); open && mendedByOther(c.problem) {
		q.Options = append(q.Options, options(other)...)
	}
	q.Options = append(q.Options, options(ByToken)...)
	return q
}

func (c *Conversation) askAboutScopes() Question {
	q := Question{Ask: AskChoice, TakesToken: !c.answers.Method.OAuth()}
	if c.waiting {
		q.Ask = AskNothing
		return q
	}
	if c.verdict == nil {
		q.Options, q.Default = options(CheckAgain, Leave), CheckAgain // the check could not begin
		return q
	}
	if c.verdict.Status.Storable(c.answers.Force) {
		q.Options = options(GoOn)
	}
	if c.doubtful() {
		q.Options = append(q.Options, options(OtherEmail)...)
	}
	better := OtherToken
	if c.answers.Method.OAuth() {
		better = SignInAgain
	}
	if c.verdict.Status.Class() == NotAsked {
		q.Options = append(q.Options, options(CheckAgain, better)...)
	} else {
		q.Options = append(q.Options, options(better, CheckAgain)...)
	}
	if c.verdict.Status == MissingScopes && !c.answers.Force {
		q.Options = append(q.Options, options(ForceIt)...)
	}
	q.Options = append(q.Options, options(Leave)...)
	q.Default = q.Options[0].ID
	return q
}

func (c *Conversation) askToSave() Question {
	if c.waiting {
		return Question{Ask: AskNothing}
	}
	if c.otherAccount() != nil {
		return Question{Ask: AskChoice, Options: options(Leave, TakeAccount), Default: Leave}
	}
	if c.taken() != nil {
		return Question{Ask: AskChoice, Options: options(Leave), Default: Leave}
	}
	if c.problem != nil {
		q := Question{Ask: AskChoice, Options: options(SaveAgain)}
		if c.late {
			q.Options = options(KeepWaiting, SaveAgain)
		}
		q.Default = q.Options[0].ID
		if c.world.Store == keyring.System && c.world.CanVault {
			q.Options = append(q.Options, options(TakeVault)...)
		}
		q.Options = append(q.Options, options(Leave)...)
		return q
	}
	return Question{Ask: AskChoice, Options: options(SaveIt, Leave), Default: SaveIt}
}

func (c *Conversation) askWhatNext() Question {
	if c.waiting {
		return Question{Ask: AskNothing}
	}
	if about := c.aboutFormer(); len(about) > 0 {
		return Question{Ask: AskChoice, Options: append(options(Finish), about...), Default: Finish}
	}
	if c.answers.Purpose == providers.Runtime && c.old == nil && !c.hasUserToken() {
		return Question{Ask: AskChoice, Options: options(NextUserToken, Finish), Default: NextUserToken}
	}
	return Question{Ask: AskChoice, Options: options(Finish), Default: Finish}
}

func (c *Conversation) hasUserToken() bool {
	for _, g := range c.world.Grants {
		if g.Runtime == c.answers.Runtime && g.Purpose == string(providers.User) {
			return true
		}
	}
	return false
}

func options(ids ...string) []Option {
	var list []Option
	for _, id := range ids {
		list = append(list, Option{ID: id})
	}
	return list
}
