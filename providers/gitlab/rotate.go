package gitlab

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Rotate replaces an access token. The end is always named: without one GitLab
// gives the new token a week. GitLab ends a token as its day begins, so a
// moment within a day asks for the next one.
func (p *Provider) Rotate(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, until time.Time) (providers.Rotated, error) {
	if cred.Method.OAuth() {
		return providers.Rotated{}, providers.ErrNoSuchAPI
	}
	a, err := c.Do(ctx, wire.Request{
		URL:  h.APIURL + "/personal_access_tokens/self/rotate",
		Auth: wire.Auth{Token: cred.Token},
		Form: url.Values{"expires_at": {until.UTC().Add(24*time.Hour - time.Nanosecond).Format(time.DateOnly)}},
	})
	if err != nil {
		return providers.Rotated{}, err
	}
	switch a.Status {
	case http.StatusOK, http.StatusCreated:
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return providers.Rotated{}, providers.ErrNoSuchAPI // before 16.10, or not this kind of token
	case http.StatusBadRequest:
		return providers.Rotated{}, cause.Cause{Kind: cause.NotReplaced, Host: a.Host, Status: a.Status, Detail: why(a)} // such as an end too far off
	default:
		return providers.Rotated{}, p.unmoved(a, h, cause.MayNotRotate, "rotate_personal_access_token")
	}
	var token struct {
		Text    wire.Confidential `json:"token"`
		Expires json.RawMessage   `json:"expires_at"`
	}
	if err := a.JSON(&token); err != nil {
		return providers.Rotated{}, err
	}
	rotated := providers.Rotated{Token: token.Text.Secret, Expiry: expiry(token.Expires)}
	if !rotated.Token.Sendable() {
		return providers.Rotated{}, a.NotUnderstood()
	}
	return rotated, nil
}

// why is the host's own reason against a request.
func why(a wire.Answer) string {
	var body errorBody
	if a.JSON(&body) != nil {
		return ""
	}
	return body.words()
}

// Revoke ends an access token by itself, and an OAuth token by its application.
func (p *Provider) Revoke(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) error {
	if cred.Method.OAuth() {
		return p.revokeByApplication(ctx, c, h, cred)
	}
	a, err := c.Do(ctx, wire.Request{
		Method: http.MethodDelete, URL: h.APIURL + "/personal_access_tokens/self", Auth: wire.Auth{Token: cred.Token},
	})
	switch {
	case err != nil:
		return err
	case a.Status == http.StatusNoContent, dead(a):
		return nil
	case a.Status == http.StatusNotFound, a.Status == http.StatusMethodNotAllowed:
		return providers.ErrNoSuchAPI
	default:
		return p.unmoved(a, h, cause.MayNotRevoke, "revoke_personal_access_token")
	}
}

// revokeByApplication ends an OAuth token. GitLab looks first whether it is the
// application that asks, a confidential one by its secret, and then says yes also
// to a token that it does not know.
func (p *Provider) revokeByApplication(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) error {
	app := p.Application(h)
	app.Secret = cred.AppSecret
	a, err := app.Revoke(ctx, c, h.WebURL+"/oauth/revoke", cred.Token)
	if err != nil {
		return err
	}
	var nothing map[string]any
	switch code := oauthError(a); {
	case a.Status == http.StatusOK && len(a.Body) == 0:
		return nil
	case a.Status == http.StatusOK:
		return a.JSON(&nothing) // a page from somewhere on the way ends no token
	case a.Status == http.StatusNotFound:
		return providers.ErrNoSuchAPI
	case code == "unauthorized_client", code == "invalid_client":
		return cause.Cause{Kind: cause.SecretToEnd, Host: a.Host, Status: a.Status}
	default:
		return refusal(a)
	}
}

// unmoved reads a refusal to change a token. One that was made without the right
// for it works on as it is: no policy stands against it. A host names the scopes
// that it would take; permission is the one of fine-grained tokens.
func (p *Provider) unmoved(a wire.Answer, h providers.Host, kind cause.Kind, permission string) cause.Cause {
	c := refusal(a)
	code := oauthError(a)
	if a.Status != http.StatusForbidden || code != noScope && code != noPermission {
		return c
	}
	c.Kind, c.Right, c.URL = kind, permission, p.ManagePage(h)
	if code == noScope {
		c.Right = accepted(a)
	}
	return c
}

// dead reports whether the host refuses the token as one that has ended or that
// it does not know: there is nothing left to revoke. Other reasons for a 401,
// and pages from somewhere on the way, say no such thing.
func dead(a wire.Answer) bool {
	switch refusal(a).Kind {
	case cause.Expired, cause.Revoked, cause.Rejected:
		return a.Status == http.StatusUnauthorized
	default:
		return false
	}
}
