package flows

import (
	"errors"
	"slices"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// Answer takes an answer to the present question. One that is not good enough
// leaves everything as it was, and the Problem of the question says why.
func (c *Conversation) Answer(a Answer) []Effect {
	q := c.Question()
	if a.Text == "" && a.Secret.Empty() {
		a.Text = q.Default
	}
	if err := q.bars(a); err != nil {
		return c.refuse(err)
	}
	if q.Trouble != nil {
		return c.answerStore(a)
	}
	switch c.step {
	case StepRuntime:
		return c.take(c.nameRuntime(a.Text))
	case StepProvider:
		return c.answerProvider(a.Text)
	case StepHost:
		return c.answerHost(a.Text)
	case StepMethod:
		return c.take(c.chooseMethod(providers.Method(a.Text)))
	case StepApplication:
		return c.answerApplication(a)
	case StepAuthorize:
		return c.answerAuthorize(a)
	case StepScopes:
		return c.answerScopes(a)
	case StepSave:
		return c.answerSave(a)
	default:
		return c.answerNext(a)
	}
}

// bars is why an answer is none to this question; nil where it may be one.
func (q Question) bars(a Answer) error {
	switch {
	case q.Topic != TheToken || q.Ask != AskChoice && q.Ask != AskNothing:
		return nil
	case q.TakesToken && !a.Secret.Empty():
		return nil
	}
	err := choose(q.Options, a.Text)
	if q.TakesAddress && a.Text != "" && errors.Is(err, ErrNotOffered) {
		return nil
	}
	return err
}

// choose is why an option cannot be taken; nil where it can.
func choose(list []Option, id string) error {
	for _, o := range list {
		switch {
		case o.ID == id:
			return o.Closed
		case o.Other != nil && o.Other.ID == id:
			return o.Other.Closed
		}
	}
	return ErrNotOffered
}

func (c *Conversation) refuse(problem error) []Effect {
	c.problem = problem
	return nil
}

// take goes on where the answer was good.
func (c *Conversation) take(problem error) []Effect {
	if problem != nil {
		return c.refuse(problem)
	}
	return c.goOn()
}

func (c *Conversation) nameRuntime(name string) error {
	if err := CheckRuntimeName(name); err != nil {
		return err
	}
	before := c.answers.Runtime
	c.answers.Runtime = name
	if c.old != nil {
		return nil
	}
	if err := c.joinRuntime(); err != nil {
		c.answers.Runtime = before
		return err
	}
	return nil
}

// joinRuntime looks at the grants that the runtime has already: it may not
// have the wanted one, and all of them are on one host.
func (c *Conversation) joinRuntime() error {
	if c.joined {
		c.joined, c.answers.Provider, c.answers.Host = false, "", ""
	}
	for _, g := range c.world.Grants {
		if g.Runtime == c.answers.Runtime && g.Purpose == string(providers.Runtime) && c.answers.Purpose == providers.Runtime {
			return &TakenError{Runtime: g.Runtime, Purpose: providers.Runtime, Account: g.Account}
		}
	}
	i := slices.IndexFunc(c.world.Grants, func(g keyring.Grant) bool { return g.Runtime == c.answers.Runtime })
	if i < 0 || c.answers.Provider != "" {
		return nil
	}
	if err := c.chooseProvider(providers.Kind(c.world.Grants[i].Provider)); err != nil {
		return err
	}
	c.joined = true
	return c.nameHost(c.world.Grants[i].Host)
}

func (c *Conversation) byToken() []Effect {
	if err := c.chooseMethod(providers.PAT); err != nil {
		return c.refuse(err)
	}
	return c.goTo(StepAuthorize)
}

func (c *Conversation) giveToken(token secret.Secret) {
	if c.cred != nil && c.cred.Token.Equal(token) {
		return
	}
	c.dropCredential()
	c.newToken(token)
	c.cred = &providers.Credential{Token: token, Method: providers.PAT}
	c.equip()
}

func (c *Conversation) answerAuthorize(a Answer) []Effect {
	switch a.Text {
	case GoOn:
		return c.goOn()
	case SignInAgain:
		c.dropCredential()
		return c.goTo(StepAuthorize)
	case ByToken:
		return c.byToken()
	case ByCode:
		return c.changeFlow(providers.Device)
	case ByBrowser:
		return c.changeFlow(providers.Browser)
	case OtherID, OtherSecret:
		return c.otherApplication()
	}
	if c.visiting != nil {
		return c.bringReturn(a)
	}
	if c.facts.topic != TheToken {
		return c.answerTopic(a.Text)
	}
	if a.Secret.Empty() && c.Question().Kept {
		c.giveToken(c.answers.Token)
		return c.nextTopic()
	}
	token, err := ReadToken(a.Secret.Reveal())
	if err != nil {
		return c.refuse(err)
	}
	c.giveToken(token)
	c.verdict = nil // the same text may have other scopes by now
	return c.nextTopic()
}

func (c *Conversation) answerScopes(a Answer) []Effect {
	if !a.Secret.Empty() {
		token, err := ReadToken(a.Secret.Reveal())
		if err != nil {
			return c.refuse(err)
		}
		c.giveToken(token)
		c.verdict = nil // the same text may have other scopes by now
		if topic, unsaid := c.unsaid(); unsaid && topic == Email {
			return c.askFor(topic) // without it nothing can be checked
		}
		return c.goTo(StepScopes)
	}
	switch a.Text {
	case CheckAgain:
		c.verdict = nil
		return c.goTo(StepScopes)
	case OtherToken:
		c.verdict = nil
		return c.goTo(StepAuthorize)
	case OtherEmail:
		return c.mendEmail()
	case SignInAgain:
		c.dropCredential()
		return c.goTo(StepAuthorize)
	case ForceIt:
		c.answers.Force = true
	case Leave:
		return c.end()
	}
	if topic, unsaid := c.unsaid(); unsaid {
		return c.askFor(topic) // the token was exchanged here, and checked at once
	}
	return c.goOn()
}

func (c *Conversation) answerSave(a Answer) []Effect {
	switch a.Text {
	case Leave:
		return c.end()
	case TakeAccount:
		c.answers.ReplaceAccount = true
		c.problem = nil
		return nil
	case TakeVault:
		return c.await(SwitchToVault{})
	case KeepWaiting:
		return c.await(AwaitStore{})
	}
	return c.save()
}

func (c *Conversation) answerStore(a Answer) []Effect {
	if c.sealing {
		return c.await(UnlockStore{Passphrase: a.Secret})
	}
	switch a.Text {
	case OpenStore:
		if TakesPassphrase(*c.trouble) {
			c.sealing, c.problem = true, nil
			return nil
		}
		return c.await(UnlockStore{})
	case TakeVault:
		return c.await(SwitchToVault{})
	case ProbeAgain:
		return c.await(ProbeStore{})
	default:
		return c.end()
	}
}
