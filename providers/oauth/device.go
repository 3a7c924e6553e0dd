// Package oauth is OAuth 2.0 as Git hosts speak it: the device authorization
// grant (RFC 8628), and the authorization code grant in a browser (RFC 6749,
// 7636, 8252).
//
// Rules of this package:
//
//   - A sign-in that a person has begun is not lost to a bad network: transport
//     errors, 5xx and 429 while polling are waited out until the code ends. What
//     no waiting mends ends it: a redirect, a certificate that is not good.
//   - The host sets the pace: its interval is obeyed and slow_down raises it.
//   - What the host sends is checked before anybody sees it: a code is letters,
//     digits and hyphens; an address to open is on the host's own site.
//   - What comes back from a browser counts where it carries the state of this
//     very sign-in, and once. Everything else is answered and forgotten: it
//     neither ends the wait nor is repeated to anybody.
//   - Errors are read from the body first: some hosts send them with status 200.
package oauth

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Bounds of what a host may ask for.
const (
	minInterval     = time.Second
	defaultInterval = 5 * time.Second
	maxInterval     = 60 * time.Second
	slowDown        = 5 * time.Second
	defaultLife     = 15 * time.Minute
	maxLife         = time.Hour
	maxUserCode     = 32
	maxSeconds      = 1e9 // thirty years; no duration overflows below it
)

// Device is the device flow of one application on one host.
type Device struct {
	Application
	CodeURL string
	Scopes  []string // asked for, separated by spaces

	// Sleep stands in for the clock, as Now does; it may be nil. It ends early
	// with the context's error.
	Sleep func(context.Context, time.Duration) error
}

// Code is what a person takes to the browser.
type Code struct {
	Device    secret.Secret
	User      string
	Page      string // where the user code is entered
	Complete  string // the same with the code filled in; empty where the host has none
	ExpiresAt time.Time
	Interval  time.Duration
}

type codeReply struct {
	DeviceCode wire.Confidential `json:"device_code"`
	UserCode   string            `json:"user_code"`
	URI        string            `json:"verification_uri"`
	URL        string            `json:"verification_url"`
	Complete   string            `json:"verification_uri_complete"`
	ExpiresIn  seconds           `json:"expires_in"`
	Interval   seconds           `json:"interval"`
	refusal
}

// Start asks for a code. The error is a cause.Cause.
func (d Device) Start(ctx context.Context, c *wire.Client) (Code, error) {
	a, err := c.Do(ctx, wire.Request{
		URL: d.CodeURL, Form: url.Values{"client_id": {d.ID}, "scope": {strings.Join(d.Scopes, " ")}},
		Header: map[string]string{"Accept": "application/json"},
	})
	if err != nil {
		return Code{}, err
	}
	var reply codeReply
	if err := a.JSON(&reply); err != nil {
		return Code{}, d.unreadable(a)
	}
	if reply.Error != "" {
		return Code{}, d.refused(a, reply.refusal)
	}
	if a.Status != 200 {
		return Code{}, d.unreadable(a)
	}
	return d.code(a, reply)
}

func (d Device) code(a wire.Answer, reply codeReply) (Code, error) {
	page, ok := address.OnSite(d.Site, cmp.Or(reply.URI, reply.URL))
	if !ok || reply.DeviceCode.Empty() || !validUserCode(reply.UserCode) {
		return Code{}, a.NotUnderstood()
	}
	code := Code{
		Device:    reply.DeviceCode.Secret,
		User:      reply.UserCode,
		Page:      page,
		ExpiresAt: d.now().Add(within(time.Duration(reply.ExpiresIn), defaultLife, 0, maxLife)),
		Interval:  within(time.Duration(reply.Interval), defaultInterval, minInterval, maxInterval),
	}
	if complete, ok := address.OnSite(d.Site, reply.Complete); ok {
		code.Complete = complete
	}
	return code, nil
}

// Wait polls until the person has decided or the code has ended. The error is
// a cause.Cause or the context's. The last question is asked when the code ends:
// the host's clock decides, and the person may have been in time.
func (d Device) Wait(ctx context.Context, c *wire.Client, code Code) (Token, error) {
	interval := code.Interval
	for {
		if err := d.sleep(ctx, min(interval, max(0, code.ExpiresAt.Sub(d.now())))); err != nil {
			return Token{}, err
		}
		ended := !d.now().Before(code.ExpiresAt)
		token, again, err := d.poll(ctx, c, code, interval)
		if err != nil || again == 0 {
			return token, err
		}
		if ended {
			return Token{}, cause.Cause{Kind: cause.CodeExpired, Host: hostOf(d.Site)}
		}
		interval = again
	}
}

// poll asks once. It returns the pause before the next question, or 0 when the
// matter is decided.
func (d Device) poll(ctx context.Context, c *wire.Client, code Code, interval time.Duration) (Token, time.Duration, error) {
	a, err := d.ask(ctx, c, url.Values{
		"device_code": {code.Device.Reveal()},
		"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
	}, code.Device)
	if ctx.Err() != nil {
		return Token{}, 0, ctx.Err()
	}
	if err != nil {
		if passing(err) {
			return Token{}, interval, nil
		}
		return Token{}, 0, err
	}
	if a.Status >= 500 || a.Status == 429 {
		return Token{}, min(interval+slowDown, maxInterval), nil
	}
	var said reply
	if err := a.JSON(&said); err != nil {
		return Token{}, 0, d.unreadable(a)
	}
	switch said.Error {
	case "":
		token, err := d.token(a, said)
		return token, 0, err
	case "authorization_pending":
		return Token{}, interval, nil
	case "slow_down":
		// A host that names its new interval has counted the five seconds in.
		slower := max(interval+slowDown, time.Duration(said.Interval))
		return Token{}, min(slower, maxInterval), nil
	default:
		return Token{}, 0, d.refused(a, said.refusal)
	}
}

// passing reports whether a failure may be gone at the next try.
func passing(err error) bool {
	switch cause.Of(err).Kind {
	case cause.NoAnswer, cause.NoConnection, cause.NoSuchName, cause.NoNameService, cause.Broken, cause.ProxyRefused:
		return true
	default:
		return false
	}
}

// refused reads an error of RFC 8628 or RFC 6749, with the spellings that are
// in use.
func (d Device) refused(a wire.Answer, r refusal) cause.Cause {
	c := refused(a, r)
	switch r.Error {
	case "expired_token", "token_expired", "invalid_grant":
		c.Kind = cause.CodeExpired
	case "device_flow_disabled", "unauthorized_client", "unsupported_grant_type":
		c.Kind = cause.DeviceDisabled
	default:
		return c
	}
	c.Detail = wire.Clean(r.Description)
	return c
}

// unreadable is an answer without an error code in it. A host that does not
// know the application, or not the flow, says so with a bare 4xx.
func (d Device) unreadable(a wire.Answer) cause.Cause {
	switch {
	case a.Status >= 500:
		return cause.Cause{Kind: cause.ServerError, Host: a.Host, Status: a.Status}
	case a.Status == 429:
		return cause.Cause{Kind: cause.RateLimited, Host: a.Host, Status: a.Status}
	case a.Is("text/html") && a.Status != 404:
		return a.NotUnderstood() // a page from somewhere on the way
	case a.Is("text/html"):
		// A host that has no such address shows its page for it.
		return cause.Cause{Kind: cause.DeviceDisabled, Host: a.Host, Status: a.Status}
	case a.Status == 401 || a.Status == 404:
		return cause.Cause{Kind: cause.UnknownApplication, Host: a.Host, Status: a.Status}
	case a.Status == 403 || a.Status == 422:
		return cause.Cause{Kind: cause.DeviceDisabled, Host: a.Host, Status: a.Status}
	default:
		return a.NotUnderstood()
	}
}

func (d Device) sleep(ctx context.Context, pause time.Duration) error {
	if d.Sleep != nil {
		return d.Sleep(ctx, pause)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// within is what a host asked for inside of bounds, and the usual where it
// asked for nothing.
func within(asked, usual, least, most time.Duration) time.Duration {
	if asked <= 0 {
		return usual
	}
	return min(max(asked, least), most)
}

func validUserCode(code string) bool {
	if code == "" || len(code) > maxUserCode {
		return false
	}
	return !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}

func hostOf(site string) string {
	u, err := url.Parse(site)
	if err != nil {
		return ""
	}
	return u.Host
}
