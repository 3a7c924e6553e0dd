package flows

import (
	"slices"

	"gitgrant/providers"
)

// methodOptions are the ways to authorize, the one that works best from here
// first.
func (c *Conversation) methodOptions() []Option {
	var list []Option
	for _, m := range c.methods() {
		list = append(list, Option{ID: string(m), Closed: c.closed(m), Remarks: c.remarks(m)})
	}
	return list
}

// methods are those of the provider. A browser that comes back by itself is
// less work than a code; where it may not come back, or something is missing
// for it, the code is the one that works.
func (c *Conversation) methods() []providers.Method {
	list := slices.Clone(c.provider.Methods())
	device, browser := slices.Index(list, providers.Device), slices.Index(list, providers.Browser)
	if device < 0 || browser < 0 {
		return list
	}
	_, obstructed := c.world.Place.obstacle()
	first := !obstructed && c.closed(providers.Browser) == nil && !c.wants(providers.Browser, WantsSecret)
	if first == (device < browser) {
		list[device], list[browser] = list[browser], list[device]
	}
	return list
}

// remarks are what there is to know about a way.
func (c *Conversation) remarks(m providers.Method) []Remark {
	var list []Remark
	if obstacle, there := c.world.Place.obstacle(); there && m == providers.Browser {
		list = append(list, obstacle)
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

// defaultMethod is what was said before, else the first way that works at once.
func (c *Conversation) defaultMethod() string {
	if c.answers.Method != "" {
		return string(c.answers.Method)
	}
	open := slices.DeleteFunc(c.methods(), func(m providers.Method) bool { return c.closed(m) != nil })
	for _, m := range open {
		if m.OAuth() && c.ownID && !c.wants(m, WantsSecret) {
			return string(m)
		}
	}
	if slices.Contains(open, providers.PAT) || len(open) == 0 {
		return string(providers.PAT)
	}
	return string(open[0])
}

func (c *Conversation) chooseMethod(m providers.Method) error {
	if err := c.closed(m); err != nil {
		return err
	}
	if c.answers.Method != m && c.cred != nil {
		c.dropCredential()
	}
	c.answers.Method = m
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
