// Package bitbucket is bitbucket.org, which is Bitbucket Cloud.
//
// Facts that the code leans on, from Atlassian's documentation, its description
// of the API and what its hosts were seen to answer:
//
//   - Tokens are taken by api.bitbucket.org, and no more by the API that lives
//     below bitbucket.org. Git alone goes there.
//   - An API token goes as Basic beside the e-mail address of its owner, and for
//     git beside another name. Every other token goes as Bearer.
//   - App passwords ended in July 2026. One is never sent.
//   - Each answer to a token that is known tells its kind and its scopes in
//     headers, a 403 included. API tokens have granular scopes, of which none
//     includes another; the others have classic ones, of which only the highest
//     are listed.
//   - A 401 never says whether the token has expired, was revoked, is mistyped or
//     stands beside the wrong e-mail address. Now and then it also meets a token
//     that is good.
//   - A 403 is a missing scope, a missing role or a policy, and never a bad token.
//   - Nothing tells when a token ends.
package bitbucket

import (
	"context"
	"net/url"
	"strings"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/oauth"
)

const (
	cloudHost = "bitbucket.org"
	cloudWeb  = "https://" + cloudHost
	cloudAPI  = "https://api." + cloudHost + "/2.0"
	// accounts is where Atlassian keeps what belongs to a person. It is an
	// address of the program's own: nothing that a host sends leads there.
	accounts = "https://id.atlassian.com"
)

// Provider is bitbucket.org.
type Provider struct {
	// Sleep stands in for the clock and may be nil. It ends early with the
	// context's error.
	Sleep func(context.Context, time.Duration) error
}

// Cloud is bitbucket.org.
func Cloud() *Provider { return &Provider{} }

// Kind is Bitbucket Cloud.
func (p *Provider) Kind() providers.Kind { return providers.Bitbucket }

// Methods are the sign-in of a consumer, and tokens that a person makes.
func (p *Provider) Methods() []providers.Method {
	return []providers.Method{providers.Browser, providers.PAT}
}

// Since is nothing: there is one host, and it is the newest.
func (p *Provider) Since(providers.Method) string { return "" }

// Locate takes every address of bitbucket.org for the one host that it is: its
// API, a repository, an address to clone from.
func (p *Provider) Locate(input string) (providers.Host, error) {
	if strings.TrimSpace(input) == "" {
		input = cloudHost
	}
	base, err := address.Parse(input)
	if err != nil {
		return providers.Host{}, err
	}
	switch base.Hostname() {
	case cloudHost, "www." + cloudHost, "api." + cloudHost:
		return providers.Host{URL: cloudWeb, Provider: providers.Bitbucket, WebURL: cloudWeb, APIURL: cloudAPI}, nil
	default:
		return providers.Host{}, providers.ErrOtherKind
	}
}

// Device is nothing: Bitbucket has no device flow, and Methods does not have it.
func (p *Provider) Device(providers.Host, []string) oauth.Device { return oauth.Device{} }

// Browser is the sign-in of a consumer, whose secret Bitbucket wants. The scopes
// are those of the consumer, whatever is asked for here. Whether the port of a
// loopback address may differ from the registered one is not documented, so
// that one and the same is used while it is free: it can be registered.
func (p *Provider) Browser(h providers.Host, scopes []string) oauth.Browser {
	return oauth.Browser{
		Application:  p.Application(h),
		AuthorizeURL: h.WebURL + "/site/oauth2/authorize",
		Scopes:       scopes,
		Redirect:     h.Callback(providers.Loopback),
		Ports:        []uint16{usualPort, 0},
		NeedsSecret:  true,
	}
}

// usualPort is where the browser comes back, where nobody else is there.
const usualPort = 53417

// Application is a consumer. Bitbucket wants its key and secret in the header.
func (p *Provider) Application(h providers.Host) oauth.Application {
	return oauth.Application{Site: h.WebURL, TokenURL: h.WebURL + "/site/oauth2/access_token", ID: h.ClientID, Basic: true}
}

// Repository takes an address to clone from as Bitbucket's own button gives it,
// with the user name in front. A repository is in a workspace, and nothing is
// deeper.
func (p *Provider) Repository(h providers.Host, named string) (string, error) {
	if u, err := url.Parse(named); err == nil && u.User != nil {
		if _, password := u.User.Password(); password {
			return "", providers.ErrForeignRepository
		}
		u.User = nil
		named = u.String()
	}
	path, err := h.Repository(named)
	if err != nil || strings.Count(path, "/") != 1 {
		return "", providers.ErrForeignRepository
	}
	return path, nil
}

const tokenPath = "/manage-profile/security/api-tokens"

// TokenPage is where an API token is made. What stands behind the question mark
// chooses the product and the life of the token; Atlassian's own programs use
// it and nobody documents it, so a page that takes no notice of it must do. The
// scopes are not in it: only all of them at once are known to work.
func (p *Provider) TokenPage(h providers.Host, _ providers.Purpose, _ string) string {
	query := url.Values{"autofillToken": {""}, "appId": {"bitbucket"}, "expiryDays": {"90"}}
	return accountsOf(h) + tokenPath + "?" + query.Encode()
}

// ManagePage lists the API tokens.
func (p *Provider) ManagePage(h providers.Host) string { return accountsOf(h) + tokenPath }

// accountsOf is where a host keeps the pages of a person's account. A mirror or
// a test host has them on its own site.
func accountsOf(h providers.Host) string {
	if h.WebURL == cloudWeb {
		return accounts
	}
	return h.WebURL
}

// Registration is the form for OAuth consumers. It belongs to a workspace, so
// that its address is not known here: the page lists the workspaces. The scopes
// are those of the consumer, whatever a sign-in asks for.
func (p *Provider) Registration(h providers.Host) providers.Registration {
	form := providers.Registration{
		Page: h.WebURL + "/account/workspaces/",
		Way:  []string{"Settings", "OAuth consumers", "Add consumer"}, MadeWay: []string{"Settings", "OAuth consumers"},
		Fields: []providers.Field{
			{Label: "Name", Value: "gitgrant"},
			{Label: "Callback URL", Value: h.Callback(providers.Loopback)},
			{Label: "This is a private consumer"},
		},
		ID: "Key",
	}
	for _, r := range providers.PolicyOf(providers.Bitbucket).Requirements(providers.Runtime) {
		form.Fields = append(form.Fields, providers.Field{Label: r.Label, Ticked: true})
	}
	return form
}

// CheckApplication refuses nothing: no key of a consumer is known to be useless.
func (p *Provider) CheckApplication(string) error { return nil }
