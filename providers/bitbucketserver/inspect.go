package bitbucketserver

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

const (
	api        = "/api/latest"
	properties = api + "/application-properties"

	// realm is what a host calls itself where it asks for a password.
	realm = `realm="Atlassian Bitbucket"`
)

func get(ctx context.Context, c *wire.Client, to string, cred providers.Credential) (wire.Answer, error) {
	return c.Do(ctx, wire.Request{
		URL: to, Auth: wire.Auth{Token: cred.Token}, Header: map[string]string{"Accept": "application/json"},
	})
}

// account is the name of the account that an answer was given to; empty where
// that is nobody.
func account(a wire.Answer) string {
	name, err := url.QueryUnescape(a.Header("X-AUSERNAME"))
	if err != nil {
		name = a.Header("X-AUSERNAME")
	}
	if name = wire.Clean(name); strings.EqualFold(name, "anonymous") {
		return ""
	}
	return name
}

// about is what a host says of itself.
type about struct {
	Version string `json:"version"`
	Name    string `json:"displayName"`
}

// Meet asks for the version, which the host tells anybody. Where something in
// front of it does not let the question through, its own words tell it.
func (Provider) Meet(ctx context.Context, c *wire.Client, h providers.Host) (string, error) {
	a, err := get(ctx, c, h.APIURL+properties, providers.Credential{})
	if err != nil {
		return "", err
	}
	if a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests {
		return "", refusal(h, a)
	}
	var it about
	if a.Status == http.StatusOK && a.JSON(&it) == nil && it.Version != "" && it.Name == "Bitbucket" {
		return wire.Clean(it.Version), nil
	}
	closed := a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
	if closed && (a.Has("X-AREQUESTID") || strings.Contains(a.Header("WWW-Authenticate"), realm)) {
		return "", nil
	}
	return "", cause.Cause{Kind: cause.WrongHost, Host: a.Host, Status: a.Status}
}

// Inspect asks for the version of the host, since the answer names the account,
// and then who that is. What the token may do, and until when, nothing tells.
func (Provider) Inspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	in, err := accepted(ctx, c, h, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	in.Account, err = owner(ctx, c, h, cred, in.Account.Login)
	return in, err
}

// Recheck asks who an account is only where it is another than before.
func (p Provider) Recheck(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, known providers.Inspection) (providers.Inspection, error) {
	in, err := accepted(ctx, c, h, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	if in.Account.Login == known.Account.Login {
		in.Account = known.Account
		return in, nil
	}
	in.Account, err = owner(ctx, c, h, cred, in.Account.Login)
	return in, err
}

// accepted is what the host says to a token that it accepts, of its account the
// name alone.
func accepted(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	a, err := get(ctx, c, h.APIURL+properties, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	in := providers.Inspection{
		Account: providers.Account{Login: account(a)}, Kind: providers.HTTPAccessToken,
		Rights: providers.Rights{Evidence: "HTTP access token"}, Expiry: providers.Expiry{Source: providers.ExpiryUnknown},
	}
	if cred.Method.OAuth() {
		in.Kind, in.Rights.Evidence = providers.OAuthToken, "OAuth token"
	}
	if notPermitted(a) {
		return in, nil
	}
	if a.Status != http.StatusOK {
		return providers.Inspection{}, refusal(h, a)
	}
	var it about
	if a.JSON(&it) != nil || it.Version == "" {
		return providers.Inspection{}, a.NotUnderstood()
	}
	if in.Account.Login == "" {
		return providers.Inspection{}, cause.Cause{Kind: cause.Rejected, Host: a.Host, Status: a.Status}
	}
	in.Version = wire.Clean(it.Version)
	return in, nil
}

// user is an account as the API tells it.
type user struct {
	Name    string `json:"name"`
	Display string `json:"displayName"`
	Type    string `json:"type"`
}

// owner finds the account of a name in the list and, since those behind tokens
// may not be listed, by itself. A token that may not look is no worse for it.
func owner(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, login string) (providers.Account, error) {
	var list struct {
		Values []user `json:"values"`
	}
	if err := look(ctx, c, h, cred, "/users?limit=100&filter="+url.QueryEscape(login), &list); err != nil {
		return providers.Account{}, err
	}
	for _, u := range list.Values {
		if u.is(login) {
			return u.account(login), nil
		}
	}
	var alone user
	slug := strings.ToLower(strings.ReplaceAll(login, "@", "_")) // which the API takes in place of a name
	if !providers.PlainPath(slug) || strings.Contains(slug, "/") {
		return providers.Account{Login: login}, nil
	}
	if err := look(ctx, c, h, cred, "/users/"+slug, &alone); err != nil {
		return providers.Account{}, err
	}
	if alone.is(login) {
		return alone.account(login), nil
	}
	return providers.Account{Login: login}, nil
}

func (u user) is(login string) bool { return strings.EqualFold(wire.Clean(u.Name), login) }

func (u user) account(login string) providers.Account {
	return providers.Account{Login: login, Name: wire.Clean(u.Display), Robot: u.Type == "SERVICE"}
}

// look reads something that a token may not be allowed to see, or that may not
// be there: then what it reads into stays as it is.
func look(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, place string, into any) error {
	a, err := get(ctx, c, h.APIURL+api+place, cred)
	switch {
	case err != nil:
		return err
	case a.Status == http.StatusOK && account(a) != "":
		return a.JSON(into)
	case notPermitted(a), notThere(a):
		return nil
	default:
		return refusal(h, a)
	}
}
