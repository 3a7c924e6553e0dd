package flows

import (
	"errors"
	"slices"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
)

func (c *Conversation) chooseProvider(kind providers.Kind) error {
	i := slices.IndexFunc(c.world.Providers, func(p providers.Provider) bool { return p.Kind() == kind })
	if i < 0 {
		return &UnknownProviderError{Kind: string(kind)}
	}
	p := c.world.Providers[i]
	if c.provider != nil && c.provider.Kind() != kind {
		c.answers.Host, c.host = "", providers.Host{}
		c.dropHost()
	}
	c.provider, c.answers.Provider = p, kind
	if !hasNoCloud(p) {
		return c.nameHost(c.answers.Host)
	}
	if only, found := c.world.Hosts.Only(kind); found && c.answers.Host == "" {
		c.answers.Host = only.URL // the one that has a profile is likely meant
	}
	return nil
}

func (c *Conversation) nameHost(text string) error {
	h, err := c.world.Hosts.Resolve(c.provider, text)
	if err != nil {
		return err
	}
	if err := c.sameHost(h); err != nil {
		return err
	}
	for _, repo := range c.answers.Repositories {
		if _, err := providers.RepositoryOf(c.provider, h, repo); err != nil {
			return err
		}
	}
	if c.host.URL != "" && c.host.URL != h.URL {
		c.dropHost()
	}
	c.ownID = h.ClientID != "" && c.answers.ClientID == ""
	if c.answers.ClientID != "" {
		h.ClientID = c.answers.ClientID
	}
	c.answers.Host, c.host = h.URL, h
	return nil
}

// sameHost holds a runtime to its one host.
func (c *Conversation) sameHost(h providers.Host) error {
	if c.old != nil && c.old.Host != h.URL {
		return &OtherHostError{Runtime: c.old.Runtime, Has: c.old.Host, Wanted: h.URL}
	}
	for _, g := range c.world.Grants {
		if g.Runtime == c.answers.Runtime && g.Host != h.URL {
			return &OtherHostError{Runtime: g.Runtime, Has: g.Host, Wanted: h.URL}
		}
	}
	return nil
}

// dropHost resets what depends on the host.
func (c *Conversation) dropHost() {
	c.answers.ClientID, c.ownID, c.unmet, c.version, c.flow = "", false, "", "", ""
	c.applying, c.badSecret = applying{}, false
	if !c.secretGiven {
		c.answers.ClientSecret = secret.Secret{}
	}
	c.dropCredential()
	c.newToken(secret.Secret{})
	if !c.facts.given[Email] {
		c.answers.Email = ""
	}
	if !c.facts.given[Username] {
		c.answers.Username = ""
	}
}

func (c *Conversation) dropCredential() {
	c.code, c.visiting = nil, nil
	c.cred, c.verdict, c.known = nil, nil, providers.Expiry{}
}

// answerProvider takes a kind, or the address of anything on a host, which is
// then asked what it is.
func (c *Conversation) answerProvider(text string) []Effect {
	if choose(c.providerOptions(), text) == nil {
		return c.take(c.chooseProvider(providers.Kind(text)))
	}
	if !c.world.Remotes && remoteName().MatchString(text) {
		return c.refuse(ErrNotOffered)
	}
	return c.await(FindHost{Pasted: text})
}

// answerHost meets the host before anybody signs in to it, where a person is
// there to be told. A host that does not answer is taken when it is said again:
// it may be reachable by other ways than the one tried.
func (c *Conversation) answerHost(text string) []Effect {
	err := c.nameHost(text)
	if err != nil {
		err = c.nameRoot(text, err)
	}
	switch {
	case err != nil:
		return c.refuse(err)
	case !c.world.Ask || c.unmet == c.host.URL:
		return c.goOn()
	case isBase(text):
		return c.await(MeetHost{Provider: c.provider, Host: c.host})
	default:
		return c.await(FindHost{Pasted: text, Kind: c.provider.Kind()})
	}
}

// nameRoot takes what is more than the address of a host for something on it:
// until the host was met, it is where its name leads to. why is what is said of
// anything else.
func (c *Conversation) nameRoot(text string, why error) error {
	pasted, err := address.Paste(text)
	if err != nil || errors.Is(why, providers.ErrOtherKind) {
		return why
	}
	return c.nameHost(pasted.Bases[0])
}

// takeFound goes on with the host that was found, whichever step it was for.
func (c *Conversation) takeFound(found Found) []Effect {
	if err := c.chooseProvider(found.Provider.Kind()); err != nil {
		return c.refuse(err)
	}
	if err := c.nameHost(found.Host.URL); err != nil {
		return c.refuse(err)
	}
	c.step, c.version = StepHost, found.Version
	return c.goOn()
}
