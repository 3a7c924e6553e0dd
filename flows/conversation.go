package flows

import (
	"slices"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/oauth"
)

// World is what a conversation knows when it begins. It is read, never
// written.
type World struct {
	Providers []providers.Provider
	Hosts     Hosts
	Grants    []keyring.Grant
	Store     keyring.Kind
	CanVault  bool // the vault may be chosen where the store cannot be used
	Ask       bool // a person is there: hosts are met before they are signed in to
	Now       func() time.Time
	Remotes   bool // a host may be named by a git remote
	Place     Place
	Secrets   []string // the hosts whose application has its secret in the store
}

// Conversation is the installation or re-authorization of one grant. It is
// used by one goroutine.
type Conversation struct {
	world   World
	answers Answers
	fixed   map[Step]bool  // answered beforehand, not asked
	old     *keyring.Grant // the grant that is re-authorized; nil in an installation

	step     Step
	problem  error
	provider providers.Provider
	host     providers.Host
	joined   bool             // provider and host are those that the runtime has already
	ownID    bool             // the client id comes from the profile of the host
	flow     providers.Method // that was said of this host; another begins anew
	unmet    string           // the host that did not answer when it was met; said again, it is taken
	version  string           // of the host, where it told when it was met

	applying    applying
	idGiven     bool // the id of the application was said beforehand
	secretGiven bool // and its secret
	badSecret   bool // the one that is kept is not the right one

	trouble *keyring.Condition // the store cannot be used
	ready   bool               // the store was seen usable
	sealing bool               // a passphrase is being asked for
	late    bool               // the store has not answered a save, which may still happen

	facts facts

	former *Former // what the save took the place of
	ended  bool    // it is ended at its host
	given  []Given // what came of giving the new token to those who use it too

	code     *oauth.Code
	visiting *visiting
	cred     *providers.Credential
	known    providers.Expiry // of cred, from its OAuth answer
	verdict  *Verdict
	shared   bool          // the token is stored for the other purpose too
	refused  secret.Secret // the last token that the host would not take

	waiting bool
	patient bool // what is waited for is a store that has not answered
	turn    int  // generation of the work under way; what comes late is dropped
	outcome Outcome
}

// Outcome is how a conversation stands or has ended.
type Outcome struct {
	Ended   bool
	Saved   *keyring.Grant // nil where nothing was stored
	Verdict *Verdict       // of the last token; nil where none was checked
	Problem error          // what stood in the way last
	GoOn    bool           // the person wants to authorize the user token next
}

// Install begins the installation of a new grant. What beforehand holds is not
// asked. The error says which part of it cannot be.
func Install(w World, beforehand Answers) (*Conversation, []Effect, error) {
	c := &Conversation{world: w, answers: beforehand, fixed: map[Step]bool{}}
	if c.answers.Purpose == "" {
		c.answers.Purpose = providers.Runtime
	}
	return c.begin()
}

// Reauthorize begins the replacement of a grant's credential: same runtime,
// same host, and the same account unless the person says otherwise.
func Reauthorize(w World, g keyring.Grant, beforehand Answers) (*Conversation, []Effect, error) {
	a := beforehand
	if a.Provider != "" && string(a.Provider) != g.Provider {
		return nil, nil, &OtherHostError{Runtime: g.Runtime, Has: g.Host, Wanted: a.Host, Kind: a.Provider}
	}
	c := &Conversation{world: w, fixed: map[Step]bool{}, old: &g}
	a.Runtime, a.Purpose, a.Provider = g.Runtime, providers.Purpose(g.Purpose), providers.Kind(g.Provider)
	if a.Host == "" {
		a.Host = g.Host
	}
	c.answers = a
	return c.begin()
}

func (c *Conversation) begin() (*Conversation, []Effect, error) {
	if err := c.fixAnswers(); err != nil {
		return nil, nil, err
	}
	if c.old != nil && c.answers.Method == "" {
		c.answers.Method = c.asBefore()
	}
	c.flow = c.answers.Method
	effects := []Effect{{Work: ProbeStore{}}}
	c.stand(c.steps()[0])
	return c, append(effects, c.enter(c.step)...), nil
}

// fixAnswers takes what was said beforehand through the same doors as what is
// said later.
func (c *Conversation) fixAnswers() error {
	if err := c.fixFacts(); err != nil {
		return err
	}
	if c.answers.Runtime != "" {
		if err := c.nameRuntime(c.answers.Runtime); err != nil {
			return err
		}
		c.fixed[StepRuntime] = true
	}
	c.idGiven, c.secretGiven = c.answers.ClientID != "", !c.answers.ClientSecret.Empty()
	method := c.answers.Method
	if err := c.fixHost(c.answers.Host); err != nil {
		return err
	}
	if method == "" || c.host.URL == "" {
		return nil
	}
	if err := c.chooseMethod(method); err != nil {
		return err
	}
	c.fixed[StepMethod] = true
	if method.OAuth() {
		return c.fixApplication()
	}
	if !c.answers.Token.Empty() {
		c.giveToken(c.answers.Token)
		c.facts.given[TheToken] = true
		c.fixed[StepAuthorize] = len(c.topics()) == 0
	}
	return nil
}

// fixFacts takes what was said beside the token. Whether anybody wants to know
// it, the token tells.
func (c *Conversation) fixFacts() error {
	c.facts.given = map[Topic]bool{}
	if c.answers.Email != "" {
		email, err := ReadEmail(c.answers.Email)
		if err != nil {
			return err
		}
		c.answers.Email, c.facts.given[Email] = email, true
	}
	if c.answers.Username != "" {
		name, err := ReadUsername(c.answers.Username)
		if err != nil {
			return err
		}
		c.answers.Username, c.facts.given[Username] = name, true
	}
	stated := c.answers.Stated.Source != ""
	c.facts.given[End], c.facts.given[Day] = stated, stated
	return nil
}

func (c *Conversation) fixHost(host string) error {
	if c.answers.Provider == "" {
		return nil
	}
	if err := c.chooseProvider(c.answers.Provider); err != nil {
		return err
	}
	c.fixed[StepProvider] = true
	if host == "" && c.host.URL == "" {
		return nil
	}
	if err := c.nameHost(host); err != nil {
		return err
	}
	c.fixed[StepHost] = true
	return nil
}

func (c *Conversation) fixApplication() error {
	if id := c.answers.ClientID; id != "" {
		if err := c.giveClientID(id); err != nil {
			return err
		}
	}
	c.fixed[StepApplication] = c.answers.ClientID != "" && !c.needsSecret()
	return nil
}

// steps are the steps of this branch that are asked, in their order.
func (c *Conversation) steps() []Step {
	var steps []Step
	for _, s := range []Step{StepRuntime, StepProvider, StepHost, StepMethod, StepApplication, StepAuthorize, StepScopes, StepSave, StepHandOff} {
		if c.needs(s) {
			steps = append(steps, s)
		}
	}
	return steps
}

func (c *Conversation) needs(s Step) bool {
	if c.fixed[s] {
		return false
	}
	switch s {
	case StepProvider:
		return !c.joined
	case StepHost:
		return !c.joined && c.provider != nil && hasNoCloud(c.provider)
	case StepApplication:
		return c.needsApplication()
	default:
		return true
	}
}

// Trail is the branch that is being walked, and how far along it one is.
func (c *Conversation) Trail() (steps []Step, current int) {
	steps = c.steps()
	return steps, slices.Index(steps, c.step)
}

// Step is where the conversation stands.
func (c *Conversation) Step() Step { return c.step }

// Answers are what was said so far. The token is in it once it was given.
func (c *Conversation) Answers() Answers { return c.answers }

// Provider is the chosen provider; nil before that.
func (c *Conversation) Provider() providers.Provider { return c.provider }

// Host is the chosen host; its URL is empty before that.
func (c *Conversation) Host() providers.Host { return c.host }

// Code is the device code that waits for approval; nil where there is none.
func (c *Conversation) Code() *oauth.Code { return c.code }

// LooksLikeToken reports whether a text is a token that one of the hosts would
// take.
func (c *Conversation) LooksLikeToken(text string) bool {
	return LooksLikeToken(c.world.Providers, text)
}

// Verdict is what is known of the token by now; nil before it is checked.
func (c *Conversation) Verdict() *Verdict { return c.verdict }

// Waiting reports whether work is under way.
func (c *Conversation) Waiting() bool { return c.waiting }

// Old is the grant that is re-authorized; nil in an installation.
func (c *Conversation) Old() *keyring.Grant { return c.old }

// Store is where the credential will rest.
func (c *Conversation) Store() keyring.Kind { return c.world.Store }

// Outcome is how the conversation stands.
func (c *Conversation) Outcome() Outcome {
	o := c.outcome
	o.Verdict = c.verdict
	if !o.Ended {
		o.Problem = c.problem
	}
	return o
}

// Turn is the generation of the work under way: whatever was started for an
// earlier one can be stopped.
func (c *Conversation) Turn() int { return c.turn }

// Saving reports whether a save is under way, which nothing may interrupt.
func (c *Conversation) Saving() bool { return c.waiting && c.step == StepSave && !c.patient }

// Patient reports whether a store that has not answered is being waited for.
// That can be left, and gone back from.
func (c *Conversation) Patient() bool { return c.waiting && c.patient }

// Late reports whether the store has not answered a save, which may still
// happen.
func (c *Conversation) Late() bool { return c.late }

// Back goes to the step before and keeps every answer. It reports false where
// there is none, or where a save is under way.
func (c *Conversation) Back() ([]Effect, bool) {
	if c.Saving() || c.step == StepHandOff {
		return nil, false
	}
	if c.sealing {
		c.sealing = false
		return nil, true
	}
	if c.Patient() {
		c.interrupt()
		c.problem = keyring.ErrUnknownOutcome
		return nil, true
	}
	if c.step == StepApplication && c.behindID() {
		c.interrupt()
		c.applying.secret = false
		return nil, true
	}
	if c.backTopic() {
		return nil, true
	}
	steps, current := c.Trail()
	if current <= 0 {
		return nil, false
	}
	c.interrupt()
	c.stand(steps[current-1])
	if c.step == StepScopes {
		return nil, true // its verdict stands
	}
	if topics := c.topics(); c.step == StepAuthorize && len(topics) > 0 {
		c.facts.topic = topics[len(topics)-1] // one comes from behind it
	}
	return c.enter(c.step), true
}

// stand puts the conversation at the beginning of a step. Authorize begins with
// the token, unless that was given beforehand.
func (c *Conversation) stand(s Step) {
	c.step, c.facts.topic, c.facts.mends = s, TheToken, false
	if topics := c.topics(); s == StepAuthorize && c.facts.given[TheToken] && len(topics) > 0 {
		c.facts.topic = topics[0]
	}
}

// goOn moves to the next step of the branch.
func (c *Conversation) goOn() []Effect {
	at := order(c.step)
	for _, s := range c.steps() {
		if order(s) > at {
			c.interrupt()
			c.stand(s)
			return c.enter(s)
		}
	}
	return nil
}

// goTo goes to a step by choice, also where it was answered beforehand.
func (c *Conversation) goTo(s Step) []Effect {
	c.interrupt()
	delete(c.fixed, s)
	if s == StepAuthorize {
		delete(c.facts.given, TheToken)
	}
	c.stand(s)
	return c.enter(s)
}

// askFor goes to the question about a topic.
func (c *Conversation) askFor(t Topic) []Effect {
	effects := c.goTo(StepAuthorize)
	c.facts.topic = t
	return effects
}

// interrupt forgets the work under way: its results will be dropped.
func (c *Conversation) interrupt() {
	c.turn++
	c.waiting, c.problem, c.code, c.visiting = false, nil, nil, nil
}

// await starts work whose result moves the conversation on.
func (c *Conversation) await(w Work) []Effect {
	c.turn++
	c.waiting = true
	_, c.patient = w.(AwaitStore)
	return []Effect{{Turn: c.turn, Work: w}}
}

func (c *Conversation) end() []Effect {
	c.outcome.Problem = c.problem
	c.interrupt()
	c.outcome.Ended = true
	return nil
}

func order(s Step) int {
	return slices.Index([]Step{StepRuntime, StepProvider, StepHost, StepMethod, StepApplication, StepAuthorize, StepScopes, StepSave, StepHandOff}, s)
}

func hasNoCloud(p providers.Provider) bool {
	_, err := p.Locate("")
	return err != nil
}
