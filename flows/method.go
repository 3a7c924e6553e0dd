package flows

import (
	"slices"

	"gitgrant/providers"
)

// methodOptions are the ways to authorize: OAuth2, by the flow that works best
// from here, and a token that a person makes.
func (c *Conversation) methodOptions() []Option {
	var list []Option
	for _, m := range c.flows() {
		o := Option{ID: string(m), Closed: c.closed(m), Remarks: c.remarks(m)}
		if len(list) == 0 {
			list = append(list, o)
			continue
		}
		list[0].Other = &o
	}
	for _, m := range c.provider.Methods() {
		if !m.OAuth() {
			list = append(list, Option{ID: string(m), Closed: c.closed(m)})
		}
	}
	if i := c.best(list); i >= 0 {
		list[i].Best = true
	}
	return list
}

// flows are those of OAuth2 at this host, the one that works best from here
// first.
func (c *Conversation) flows() []providers.Method {
	list := slices.DeleteFunc(slices.Clone(c.provider.Methods()), func(m providers.Method) bool { return !m.OAuth() })
	slices.SortStableFunc(list, func(a, b providers.Method) int { return c.effort(a) - c.effort(b) })
	return list
}

// effort ranks a flow. A browser that comes back by itself is less work than a
// code; where it may not come back, or something is missing for it, the code is
// the one that works. What was said before of this host stands.
func (c *Conversation) effort(m providers.Method) int {
	_, obstructed := c.world.Place.obstacle()
	switch {
	case c.closed(m) != nil:
		return 4
	case m == c.flow:
		return 0
	case m == providers.Device:
		return 2
	case obstructed || c.wants(m, WantsSecret):
		return 3
	default:
		return 1
	}
}

// asBefore is the way by which the grant at hand was authorized. Where its
// browser may not come back to this place, it is the flow that works here.
func (c *Conversation) asBefore() providers.Method {
	m := providers.Method(c.old.Method)
	if _, obstructed := c.world.Place.obstacle(); m == providers.Browser && obstructed {
		return c.flows()[0]
	}
	return m
}

// remarks are what there is to know about a way.
func (c *Conversation) remarks(m providers.Method) []Remark {
	var list []Remark
	if obstacle, there := c.world.Place.obstacle(); there && m == providers.Browser {
		list = append(list, obstacle)
	}
	if m.OAuth() && !c.lasts() {
		list = append(list, EndsSoon)
	}
	for _, r := range []Remark{WantsApplication, WantsSecret} {
		if c.wants(m, r) {
			list = append(list, r)
		}
	}
	return list
}

// wants reports whether something of the application is still missing for a
// way.
func (c *Conversation) wants(m providers.Method, what Remark) bool {
	switch {
	case !m.OAuth():
		return false
	case what == WantsApplication:
		return c.host.ClientID == ""
	default:
		return m == providers.Browser && c.provider.Browser(c.host, nil).NeedsSecret && c.answers.ClientSecret.Empty() && !c.secretKept()
	}
}

// lasts reports whether tokens of OAuth2 outlive their hand-over at this host.
// Nobody but gitgrant renews them.
func (c *Conversation) lasts() bool {
	return providers.PolicyOf(c.host.Provider).Lasts(c.answers.Purpose, providers.OAuthToken)
}

// best is the index of the first way that works at once and gives a token that
// lasts, below 0 where none can be taken.
func (c *Conversation) best(list []Option) int {
	open := func(o Option) bool { return o.Closed == nil }
	flow := func(o Option) bool {
		m := providers.Method(o.ID)
		return open(o) && m.OAuth() && c.ownID && !c.wants(m, WantsSecret) && c.lasts()
	}
	// The flow that was said before may be the one that works less well.
	atOnce := func(o Option) bool { return flow(o) || o.Other != nil && flow(*o.Other) }
	byToken := func(o Option) bool { return open(o) && o.ID == string(providers.PAT) }
	for _, good := range []func(Option) bool{atOnce, byToken, open} {
		if i := slices.IndexFunc(list, good); i >= 0 {
			return i
		}
	}
	return -1
}

// defaultMethod is what was said before, else what works best.
func (c *Conversation) defaultMethod(list []Option) string {
	for _, o := range list {
		m, before := providers.Method(o.ID), c.answers.Method
		if m == before || m.OAuth() && before.OAuth() {
			return o.ID
		}
	}
	if i := slices.IndexFunc(list, func(o Option) bool { return o.Best }); i >= 0 {
		return list[i].ID
	}
	return string(providers.PAT)
}

func (c *Conversation) chooseMethod(m providers.Method) error {
	if err := c.closed(m); err != nil {
		return err
	}
	if c.answers.Method != m && c.cred != nil {
		c.dropCredential()
	}
	c.answers.Method, c.flow = m, m
	return nil
}

// closed is why a way to authorize cannot be taken; nil where it can.
func (c *Conversation) closed(m providers.Method) error {
	e := &MethodError{Method: m, Host: c.host.URL}
	since := c.provider.Since(m)
	switch {
	case !slices.Contains(c.provider.Methods(), m):
		e.Reason = NoSuchMethod
	case !c.host.Allows(m):
		e.Reason, e.File = NotAllowed, c.world.Hosts.LimitedBy(c.host.URL)
	case m.OAuth() && !providers.PolicyOf(c.host.Provider).Serves(c.answers.Purpose, providers.OAuthToken):
		e.Reason = EndsTooSoon
	case providers.Before(c.version, since):
		e.Reason, e.Version, e.Since = TooOld, c.version, since
	default:
		return nil
	}
	return e
}

// otherFlow is the other way of OAuth2, where it may be taken.
func (c *Conversation) otherFlow() (choice string, open bool) {
	if c.answers.Method == providers.Browser {
		return ByCode, c.closed(providers.Device) == nil
	}
	return ByBrowser, c.closed(providers.Browser) == nil
}

// changeFlow takes another way from where one waits.
func (c *Conversation) changeFlow(m providers.Method) []Effect {
	if err := c.chooseMethod(m); err != nil {
		return c.refuse(err)
	}
	if m.OAuth() && c.needs(StepApplication) && (c.host.ClientID == "" || c.wants(m, WantsSecret)) {
		return c.goTo(StepApplication)
	}
	return c.goTo(StepAuthorize)
}
