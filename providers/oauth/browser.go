package oauth

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Browser is the sign-in in a browser of one application on one host: the
// authorization code grant (RFC 6749) as programs on a person's machine use it
// (RFC 8252), with PKCE (RFC 7636) where the host knows it.
type Browser struct {
	Application
	AuthorizeURL string
	Scopes       []string // asked for, separated by spaces
	// Redirect is the address that the application is registered with, where
	// the browser ends: http on loopback, where the program listens, or any
	// other, which a person brings along by hand. A port in it is the one to
	// listen on.
	Redirect string
	// Ports are those to listen on, in their order, where the redirect names
	// none; 0 is any that is free, and so is nothing.
	Ports []uint16
	// Bare leaves PKCE out, for hosts that say that they do not know it.
	Bare bool
	// NeedsSecret says that the host hands out no token without the secret of
	// the application.
	NeedsSecret bool
}

// visitLife is how long a person has until the browser comes back: as long as
// for a device code.
const visitLife = defaultLife

// Page is what a person takes to the browser.
type Page struct {
	Address   string // of the consent page
	Redirect  string // where the browser ends
	Listening bool   // the program hears of it by itself when it does
	ExpiresAt time.Time
}

// Visit is one sign-in that waits for its browser to come back.
type Visit struct {
	Page

	browser  Browser
	state    secret.Secret
	verifier secret.Secret // empty where the host knows no PKCE
	callback *callback     // nil where nobody can listen
	taken    atomic.Bool
	brought  chan result
}

// result is what the browser came back with: a code, or a refusal.
type result struct {
	code    secret.Secret
	refusal refusal
	shown   chan struct{} // closed when its page has been sent; nil where there is none
}

// Start opens the visit: from now on the browser may come back. The pages are
// what it shows then. Whoever starts a visit closes it.
func (b Browser) Start(pages Pages) (*Visit, error) {
	v := &Visit{browser: b, state: secret.New(rand.Text()), brought: make(chan result, 1)}
	v.Redirect, v.ExpiresAt = b.Redirect, b.now().Add(visitLife)
	if err := v.listen(pages); err != nil {
		return nil, err
	}
	config := oauth2.Config{
		ClientID: b.ID, Endpoint: oauth2.Endpoint{AuthURL: b.AuthorizeURL},
		RedirectURL: v.Redirect, Scopes: b.Scopes,
	}
	var options []oauth2.AuthCodeOption
	if !b.Bare {
		v.verifier = secret.New(oauth2.GenerateVerifier())
		options = append(options, oauth2.S256ChallengeOption(v.verifier.Reveal()))
	}
	v.Address = config.AuthCodeURL(v.state.Reveal(), options...)
	return v, nil
}

// listen opens the callback where the redirect is one that only this machine
// can reach, and puts its port into the redirect.
func (v *Visit) listen(pages Pages) error {
	u, err := url.Parse(v.Redirect)
	if err != nil {
		return cause.Cause{Kind: cause.Profile, Host: hostOf(v.browser.Site), Detail: "redirect address"}
	}
	if u.Scheme != "http" {
		return nil
	}
	ports := v.browser.Ports
	if fixed, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		ports = []uint16{uint16(fixed)}
	}
	c, err := openCallback(u, ports)
	if err != nil {
		return cause.Cause{Kind: cause.NoListener, Host: hostOf(v.browser.Site), Detail: u.Host}
	}
	u.Host = c.host
	v.Redirect, v.callback, v.Listening = u.String(), c, true
	c.serve(v, pages)
	return nil
}

// Close ends the visit: nobody listens any more.
func (v *Visit) Close() {
	if v.callback != nil {
		v.callback.close()
	}
}

// Wait waits for the browser and trades what it brings for a token. The error
// is a cause.Cause or the context's.
func (v *Visit) Wait(ctx context.Context, c *wire.Client) (Token, error) {
	defer v.Close()
	timer := time.NewTimer(v.ExpiresAt.Sub(v.browser.now()))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return Token{}, ctx.Err()
	case <-timer.C:
		return Token{}, cause.Cause{Kind: cause.NoReturn, Host: hostOf(v.browser.Site)}
	case r := <-v.brought:
		v.finish(r)
		if r.refusal.Error != "" {
			return Token{}, v.browser.denied(r.refusal)
		}
		token, err := v.browser.exchange(ctx, c, r.code, v.Redirect, v.verifier)
		if ctx.Err() != nil {
			return Token{}, ctx.Err()
		}
		return token, err
	}
}

// finish closes the door behind the browser, once it has its page.
func (v *Visit) finish(r result) {
	if r.shown != nil {
		timer := time.NewTimer(callbackPatience)
		defer timer.Stop()
		select {
		case <-r.shown:
		case <-timer.C:
		}
	}
	v.Close()
}

// Bring takes the address that the browser ended on from a person who copied
// it, where the browser could not reach this program. What is not that address
// is ErrNotReturn, and the visit goes on.
func (v *Visit) Bring(address string) error {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		// Some browsers leave the scheme out of what they show.
		scheme, _, _ := strings.Cut(v.Redirect, "://")
		address = scheme + "://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return ErrNotReturn
	}
	query := u.RawQuery
	u.RawQuery, u.Fragment, u.RawFragment = "", "", ""
	if rooted(u.String()) != rooted(v.Redirect) {
		return ErrNotReturn
	}
	r, ok := v.read(query)
	if !ok || !v.take(r) {
		return ErrNotReturn
	}
	return nil
}

// rooted is an address as a browser has it, with a path where none was written.
func rooted(address string) string {
	if _, rest, _ := strings.Cut(address, "://"); !strings.Contains(rest, "/") {
		return address + "/"
	}
	return address
}

// take takes the first result; the others come too late.
func (v *Visit) take(r result) bool {
	if !v.taken.CompareAndSwap(false, true) {
		return false
	}
	v.brought <- r
	return true
}

// exchange trades a code for a token. The page of consent has been seen by
// then, so that a host that does not know the application means its secret.
func (b Browser) exchange(ctx context.Context, c *wire.Client, code secret.Secret, redirect string, verifier secret.Secret) (Token, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code.Reveal()}, "redirect_uri": {redirect}}
	if !b.Bare {
		form.Set("code_verifier", verifier.Reveal())
	}
	token, word, err := b.issue(ctx, c, form, code, verifier)
	var refusal cause.Cause
	if word == "" || !errors.As(err, &refusal) {
		return token, err
	}
	switch word {
	case "bad_verification_code", "invalid_grant":
		refusal.Kind, refusal.Detail = cause.CodeRefused, ""
	case "redirect_uri_mismatch":
		refusal.Kind, refusal.Detail = cause.RedirectRefused, redirect
	case "incorrect_client_credentials", "invalid_client", "unauthorized_client":
		refusal.Kind, refusal.Detail = cause.SecretRefused, ""
		if b.Secret.Empty() {
			refusal.Kind = cause.SecretWanted
		}
	}
	return Token{}, refusal
}

// denied reads the refusal that a browser came back with.
func (b Browser) denied(r refusal) cause.Cause {
	c := cause.Cause{Kind: cause.SignInRefused, Host: hostOf(b.Site), Detail: wire.Clean(cmp.Or(r.Description, r.Error))}
	switch r.Error {
	case "access_denied":
		c.Kind, c.Detail = cause.Denied, ""
	case "invalid_scope":
		c.Kind = cause.ScopeRefused
	case "redirect_uri_mismatch", "invalid_redirect_uri":
		c.Kind, c.Detail = cause.RedirectRefused, b.Redirect
	}
	return c
}

// Try asks the token endpoint for something that it cannot give, to hear
// whether it has anything against the application and its secret. A host that
// takes no exception may still do so later.
func (b Browser) Try(ctx context.Context, c *wire.Client) error {
	_, err := b.exchange(ctx, c, secret.New("none-"+rand.Text()), b.Redirect, secret.New(oauth2.GenerateVerifier()))
	switch {
	case cause.Is(err, cause.CodeRefused):
		return nil
	case cause.Is(err, cause.SecretWanted) && !b.NeedsSecret:
		c := cause.Of(err)
		c.Kind = cause.UnknownApplication // nobody has seen its page yet
		return c
	default:
		return err
	}
}
