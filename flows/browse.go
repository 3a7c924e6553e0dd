package flows

import (
	"context"
	"strings"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// The work of a sign-in in a browser, beside SignIn.
type (
	// TryApplication asks a host whether it has anything against an application.
	TryApplication struct {
		Provider providers.Provider
		Host     providers.Host
		Secret   secret.Secret // empty: the one that is kept, if any
	}
	// BringReturn hands a visit the address that its browser ended on.
	BringReturn struct {
		Visit   *oauth.Visit
		Address string
	}
)

func (TryApplication) work() {}
func (BringReturn) work()    {}

// What comes of it.
type (
	// ApplicationTried is a host that takes no exception to an application.
	ApplicationTried struct{}
	// PageOpened is a page of consent for the person, and the visit that waits
	// for the browser to come back from it.
	PageOpened struct {
		Page  oauth.Page
		Visit *oauth.Visit
	}
	// NotReturned is an address that is not the one that the browser ended on.
	// The visit goes on.
	NotReturned struct{ Err error }
)

// visiting is the sign-in in a browser that is under way.
type visiting struct {
	page  oauth.Page
	visit *oauth.Visit
}

// Page is the page of consent that waits for approval; nil where there is none.
func (c *Conversation) Page() *oauth.Page {
	if c.visiting == nil {
		return nil
	}
	return &c.visiting.page
}

// Obstructed reports whether a browser may not come back to this program by
// itself from where it runs.
func (c *Conversation) Obstructed() bool {
	_, obstructed := c.world.Place.obstacle()
	return obstructed
}

// EndsElsewhere reports whether the browser ends where this program cannot
// listen at all, so that a person has to bring the address.
func (c *Conversation) EndsElsewhere() bool {
	return !strings.HasPrefix(c.provider.Browser(c.host, nil).Redirect, "http://")
}

// bringReturn takes the address that the browser ended on from the person.
func (c *Conversation) bringReturn(a Answer) []Effect {
	text := a.Text
	if !a.Secret.Empty() {
		text = a.Secret.Reveal()
	}
	if strings.TrimSpace(text) == "" {
		return c.refuse(oauth.ErrNotReturn)
	}
	c.problem = nil
	return []Effect{{Turn: c.turn, Work: BringReturn{Visit: c.visiting.visit, Address: text}}}
}

// browser is the sign-in in a browser at a host, with the secret that was given
// or is kept.
func (d *Desk) browser(ctx context.Context, p providers.Provider, h providers.Host, given secret.Secret) (*wire.Client, oauth.Browser, error) {
	b := p.Browser(h, nil)
	c, err := d.client(h)
	if err != nil {
		return nil, b, err
	}
	if err := p.CheckApplication(h.ClientID); err != nil {
		return nil, b, err
	}
	b.Now, b.Secret = d.Now, given
	if given.Empty() {
		kept, err := d.application(ctx, p, h, h.ClientID, providers.Browser)
		if err != nil {
			return nil, b, err
		}
		b.Secret = kept.Secret
	}
	return c, b, nil
}

// browse signs in in a browser.
func (d *Desk) browse(ctx context.Context, w SignIn, scopes []string, tell func(any)) error {
	c, b, err := d.browser(ctx, w.Provider, w.Host, w.Secret)
	if err != nil {
		return err
	}
	b.Scopes = scopes
	v, err := b.Start(d.Pages)
	if err != nil {
		return err
	}
	defer v.Close()
	tell(PageOpened{v.Page, v})
	token, err := v.Wait(ctx, c)
	if err != nil {
		return err
	}
	tell(Authorized{token})
	return nil
}

// try asks a host about an application.
func (d *Desk) try(ctx context.Context, w TryApplication, tell func(any)) error {
	c, b, err := d.browser(ctx, w.Provider, w.Host, w.Secret)
	if err != nil {
		return err
	}
	if err := b.Try(ctx, c); err != nil {
		return err
	}
	tell(ApplicationTried{})
	return nil
}

// tryBudget is how long a host has to say whether it knows an application, where
// nobody waits to sign in.
const tryBudget = 5 * time.Second

// TryApplication asks a host whether it has anything against an application
// before that goes into a profile. The secret is the one beside it: where the
// host wants one and there is none it is not asked, and that is ErrSecretless.
func (d *Desk) TryApplication(ctx context.Context, p providers.Provider, h providers.Host, given secret.Secret) error {
	if err := p.CheckApplication(h.ClientID); err != nil {
		return err
	}
	b := p.Browser(h, nil)
	if b.NeedsSecret && given.Empty() {
		return ErrSecretless
	}
	c, err := d.client(h)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryBudget)
	defer cancel()
	b.Now, b.Secret = d.Now, given
	return spokenError(h, b.Try(ctx, c))
}

// Refuses reports whether it is the host that has something against an
// application, and not the way to the host that failed.
func Refuses(err error) bool {
	switch cause.Of(err).Kind {
	case cause.UnknownApplication, cause.GitHubApp, cause.SecretWanted, cause.SecretRefused, cause.RedirectRefused:
		return true
	default:
		return false
	}
}

// remember keeps an application: its id in the profile of the host, its secret
// in the store. The secret of another application before it is forgotten.
func (d *Desk) remember(ctx context.Context, w RememberHost) error {
	ctx = context.WithoutCancel(ctx) // what has proved right is kept, whatever ends meanwhile
	p, known := d.Provider(w.Host.Provider)
	if !known {
		return &UnknownProviderError{Kind: string(w.Host.Provider)}
	}
	before, err := d.Hosts.Resolve(p, w.Host.URL)
	if err != nil {
		return err
	}
	return d.KeepProfile(ctx, w.Host, w.Secret, before.ClientID)
}

// KeepProfile keeps the profile of a host and the secret of its application, where
// one was given. That of a former application goes first, so that it is never sent
// along with the id of another, whatever ends in between.
func (d *Desk) KeepProfile(ctx context.Context, h providers.Host, given secret.Secret, former string) error {
	if h.ClientID != former {
		if err := d.Ring.ForgetHostSecret(ctx, h.URL); err != nil {
			return err
		}
	}
	if err := d.Hosts.Set(h); err != nil {
		return err
	}
	if given.Empty() {
		return nil
	}
	return d.Ring.SaveHostSecret(ctx, h.URL, given)
}
