package flows

import (
	"errors"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// enter is what happens when a step is reached.
func (c *Conversation) enter(s Step) []Effect {
	switch s {
	case StepApplication:
		c.applying = applying{secret: c.ownID || c.idGiven && c.needsSecret()}
		return nil
	case StepAuthorize:
		return c.authorize()
	case StepScopes:
		return c.check()
	case StepSave:
		c.problem = c.obstacle()
		return nil
	default:
		return nil
	}
}

// authorize begins the sign-in, once the store is known to be usable: nobody
// is sent to a browser for a token that could not be kept.
func (c *Conversation) authorize() []Effect {
	if !c.ready {
		return c.await(ProbeStore{})
	}
	if !c.answers.Method.OAuth() || c.cred != nil {
		return nil
	}
	return c.await(SignIn{
		Provider: c.provider, Host: c.host, Purpose: c.answers.Purpose, Method: c.answers.Method, Secret: c.answers.ClientSecret,
	})
}

func (c *Conversation) check() []Effect {
	if c.verdict != nil && c.verdict.Status != Unchecked {
		return nil
	}
	s, err := c.subject()
	if err != nil {
		return c.refuse(err)
	}
	return c.await(CheckToken{Subject: s})
}

func (c *Conversation) subject() (Subject, error) {
	s := Subject{
		Provider: c.provider, Host: c.host, Purpose: c.answers.Purpose,
		Credential: *c.cred, Known: c.known,
		Renewable: c.answers.Method.OAuth() && !c.cred.Refresh.Empty() && c.host.ClientID != "",
	}
	if c.answers.Stated.Source != "" {
		s.Known = c.answers.Stated
	}
	var err error
	s.Repositories, err = c.repositories()
	return s, err
}

// Take takes what came of an effect. What belongs to an earlier turn is
// dropped.
func (c *Conversation) Take(ev Event) []Effect {
	if ev.Turn == 0 {
		return c.takeAside(ev.What)
	}
	if ev.Turn != c.turn || !c.waiting {
		return nil
	}
	if c.takeNews(ev.What) {
		return nil
	}
	c.waiting = false
	return c.takeResult(ev.What)
}

// takeNews takes what is told while an effect goes on.
func (c *Conversation) takeNews(what any) bool {
	switch what := what.(type) {
	case CodeIssued:
		c.code = &what.Code
	case PageOpened:
		c.visiting = &visiting{what.Page, what.Visit}
	case NotReturned:
		c.problem = what.Err
	case Progress:
		c.verdict = &what.Verdict
	case Replacing:
		c.former = what.Former
	default:
		return false
	}
	return true
}

// takeResult takes what an effect ended with.
func (c *Conversation) takeResult(what any) []Effect {
	switch what := what.(type) {
	case StoreState:
		return c.takeStore(what.Condition)
	case VaultTaken:
		c.world.Store = keyring.Vault
		effects := c.takeStore(what.Condition)
		c.sealing = c.trouble != nil && TakesPassphrase(*c.trouble) // the choice of the vault is the wish to open it
		return effects
	case StoreAnswered:
		return c.save()
	case HostMet:
		c.version = what.Version
		return c.goOn()
	case ApplicationTried:
		return c.goOn()
	case HostFound:
		return c.takeFound(what.Found)
	case Authorized:
		c.takeToken(what)
		return append(c.goOn(), c.remember()...)
	case Checked:
		c.verdict, c.shared = &what.Verdict, what.Shared
		c.noteRefusal()
		return nil
	case Saved:
		c.outcome.Saved = &what.Grant
		return c.goOn()
	case Ended:
		c.ended = true
		return nil
	case Shared:
		c.given = what.Given
		return nil
	case Failed:
		return c.fail(what.Err)
	}
	return nil
}

// takeAside takes what came of work beside the turns. Its failures do not stop
// anybody: a store is probed again before it matters, and a profile that could
// not be kept is asked for again.
func (c *Conversation) takeAside(what any) []Effect {
	if state, ok := what.(StoreState); ok && state.Condition.Usable() {
		c.ready = true
	}
	return nil
}

func (c *Conversation) takeStore(condition keyring.Condition) []Effect {
	c.sealing = condition.Wrong && TakesPassphrase(condition)
	if !condition.Usable() {
		c.ready, c.trouble = false, &condition
		return nil
	}
	c.ready, c.trouble, c.sealing, c.problem = true, nil, false, nil
	if c.step == StepSave {
		return c.save()
	}
	return c.enter(c.step)
}

// noteRefusal remembers a token that is no good whoever asks for it again. Where
// the name beside it may be what is wrong, it stays the one to go on with.
func (c *Conversation) noteRefusal() {
	switch c.verdict.Status {
	case Rejected, Revoked, Expired:
		if c.cred != nil && !c.doubtful() {
			c.refused = c.cred.Token
		}
	}
}

func (c *Conversation) takeToken(got Authorized) {
	c.cred = &providers.Credential{Token: got.Token.Access, Refresh: got.Token.Refresh, Method: c.answers.Method}
	c.known = providers.Expiry{At: got.Token.ExpiresAt, Source: providers.ExpiryOAuth}
	if got.Token.ExpiresAt.IsZero() {
		c.known.Source = providers.ExpiryNone
	}
	c.verdict = nil
}

func (c *Conversation) fail(err error) []Effect {
	var condition keyring.Condition
	if errors.As(err, &condition) {
		return c.takeStore(condition)
	}
	c.problem = err
	c.late = c.step == StepSave && errors.Is(err, keyring.ErrUnknownOutcome)
	switch c.step {
	case StepHost:
		var why cause.Cause
		if errors.As(err, &why) && why.Kind != cause.WrongHost {
			c.unmet = c.host.URL
		}
	case StepApplication:
		c.doubtApplication(err)
	case StepAuthorize:
		c.code, c.visiting = nil, nil
	}
	return nil
}

// obstacle is why the token at hand may not be saved as it is.
func (c *Conversation) obstacle() error {
	if err := c.otherAccount(); err != nil {
		return err
	}
	return c.taken()
}

func (c *Conversation) otherAccount() error {
	if c.old == nil || c.answers.ReplaceAccount || c.verdict.Account.Login == c.old.Account {
		return nil
	}
	return &OtherAccountError{Runtime: c.old.Runtime, Had: c.old.Account, Got: c.verdict.Account.Login}
}

// taken finds the grant that a save would run over: only now is the account
// known.
func (c *Conversation) taken() error {
	for _, g := range c.world.Grants {
		if c.old != nil && g.Key == c.old.Key {
			continue
		}
		if g.Key == c.key() {
			return &TakenError{Runtime: g.Runtime, Purpose: c.answers.Purpose, Account: g.Account}
		}
	}
	return nil
}

func (c *Conversation) key() keyring.Key {
	return keyring.Key{Runtime: c.answers.Runtime, Purpose: string(c.answers.Purpose), Account: c.verdict.Account.Login}
}

func (c *Conversation) save() []Effect {
	if err := c.obstacle(); err != nil {
		return c.refuse(err)
	}
	c.problem = nil
	w := SaveGrant{
		Grant:      c.grant(),
		Credential: keyring.Credential{Access: c.cred.Token, Refresh: c.cred.Refresh},
		Late:       c.late,
	}
	if c.old != nil {
		w.Old = &c.old.Key
	}
	return c.await(w)
}

func (c *Conversation) grant() keyring.Grant {
	v := *c.verdict
	g := keyring.Grant{
		Key:      c.key(),
		Provider: string(c.host.Provider), Host: c.host.URL, Method: string(c.answers.Method), Kind: string(v.Kind),
		Email: c.cred.Email, Username: c.cred.Username,
		ExpiresAt: v.ExpiresAt, ExpirySource: string(v.Expiry),
		Verdict: encode(v),
	}
	if c.answers.Method.OAuth() {
		g.ClientID = c.host.ClientID
	}
	g.Repositories, _ = c.repositories() // the check has refused what is none
	return g
}

// repositories are those that the token is proven against; a re-authorization
// that names none is about the same ones as before.
func (c *Conversation) repositories() ([]string, error) {
	if len(c.answers.Repositories) == 0 && c.old != nil {
		return c.old.Repositories, nil
	}
	var list []string
	for _, named := range c.answers.Repositories {
		repo, err := providers.RepositoryOf(c.provider, c.host, named)
		if err != nil {
			return nil, err
		}
		list = append(list, repo)
	}
	return list, nil
}
