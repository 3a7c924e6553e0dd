package bitbucket

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Meet asks for the account behind no token: the refusal is in Bitbucket's own
// form.
func (p *Provider) Meet(ctx context.Context, c *wire.Client, h providers.Host) (string, error) {
	a, err := c.Do(ctx, wire.Request{URL: h.APIURL + "/user", Header: map[string]string{"Accept": "application/json"}})
	if err != nil {
		return "", err
	}
	_, understood := read(a)
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		if understood || challenges(a) {
			return "", nil
		}
	case a.Status >= http.StatusInternalServerError, a.Status == http.StatusTooManyRequests:
		return "", refusal(a, wire.Auth{})
	}
	return "", cause.Cause{Kind: cause.WrongHost, Host: a.Host, Status: a.Status}
}

// Inspect asks for the account behind the token. The headers of the answer tell
// the rest, even where the token may not ask.
func (p *Provider) Inspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	auth, err := present(cred)
	if cause.Is(err, cause.AppPassword) {
		return providers.Inspection{Kind: providers.AppPassword}, err
	}
	if err != nil {
		return providers.Inspection{}, err
	}
	a, err := p.get(ctx, c, h.APIURL+"/user", auth)
	if err != nil {
		return providers.Inspection{}, err
	}
	in := providers.Inspection{Rights: rightsIn(a), Expiry: providers.Expiry{Source: providers.ExpiryUnknown}}
	in.Kind = kindIn(a, cred, in.Rights)
	switch {
	case a.Status == http.StatusOK:
		in.Account, err = owner(a)
	case !lives(a):
		err = refusal(a, auth)
	}
	if err != nil {
		return providers.Inspection{}, err
	}
	in.Account.Robot = in.Account.Robot || personless(in.Kind)
	if in.Shown, err = p.workspaces(ctx, c, h, auth, in); err != nil {
		return providers.Inspection{}, err
	}
	return in, nil
}

// lives reports whether a 403 is the answer to a token that is known and only
// may not ask for its account.
func lives(a wire.Answer) bool {
	if a.Status != http.StatusForbidden {
		return false
	}
	said, understood := read(a)
	return a.Has(scopesHeader) || understood && said.aboutScopes()
}

// owner reads whose token it is. The user name is going away, and whoever has
// none is known by what people see instead.
func owner(a wire.Answer) (providers.Account, error) {
	var user struct {
		Type     string `json:"type"`
		Username string `json:"username"`
		Nickname string `json:"nickname"`
		Name     string `json:"display_name"`
		ID       string `json:"account_id"`
	}
	if err := a.JSON(&user); err != nil {
		return providers.Account{}, err
	}
	login := cmp.Or(wire.Clean(user.Username), wire.Clean(user.Nickname), wire.Clean(user.ID))
	if login == "" {
		return providers.Account{}, a.NotUnderstood()
	}
	return providers.Account{Login: login, Name: wire.Clean(user.Name), Robot: user.Type != "" && user.Type != "user"}, nil
}

// membership is the requirement that can be shown without the scope that the
// form for consumers has for it: Bitbucket lists the workspaces of an account
// for the scope account too.
const membership = "workspace-membership:read"

// workspaces tries to list the workspaces of an OAuth token that does not have
// the scope for it.
func (p *Provider) workspaces(ctx context.Context, c *wire.Client, h providers.Host, auth wire.Auth, in providers.Inspection) (map[string]string, error) {
	const place = "user/workspaces"
	if in.Kind != providers.OAuthToken || !in.Rights.Known || slices.Contains(in.Rights.Scopes, "team") || slices.Contains(in.Rights.Scopes, "team:write") {
		return nil, nil
	}
	a, err := p.get(ctx, c, h.APIURL+"/"+place+"?pagelen=1", auth)
	if err != nil {
		return nil, err
	}
	var page struct {
		Values []struct{} `json:"values"`
	}
	switch {
	case a.Status == http.StatusOK && a.JSON(&page) == nil && page.Values != nil:
		return map[string]string{membership: fmt.Sprintf("%s: HTTP %d", place, a.Status)}, nil
	case a.Status == http.StatusOK:
		return nil, a.NotUnderstood()
	case lives(a):
		return nil, nil
	default:
		return nil, refusal(a, auth)
	}
}
