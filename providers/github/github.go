// Package github is github.com, GitHub Enterprise Cloud with data residency
// (*.ghe.com) and GitHub Enterprise Server.
//
// Facts that the code leans on, all from GitHub's documentation: a classic or
// OAuth token tells its scopes in the X-OAuth-Scopes header of any answer, and
// the header is there even when it is empty; a fine-grained token has no such
// header and no way to tell its permissions; a 401 does not say whether a token
// was revoked or has expired; a 403 is mostly something else than a bad token.
package github

import (
	"net/url"
	"slices"
	"strings"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

const (
	cloudHost    = "github.com"
	tenantSuffix = ".ghe.com"
	apiVersion   = "2022-11-28"
)

// cloudNames all lead to github.com; ssh is its way through firewalls.
var cloudNames = []string{cloudHost, "www." + cloudHost, "api." + cloudHost, "ssh." + cloudHost}

// clientID is the OAuth application of whoever distributes the program, for
// github.com alone: each other host has applications of its own. The build
// writes it in by -ldflags; a profile of the host wins.
var clientID string

// Provider is github.com or, as Enterprise, everybody else's GitHub.
type Provider struct {
	kind providers.Kind
}

// Cloud is github.com.
func Cloud() DotCom { return DotCom{&Provider{kind: providers.GitHub}} }

// Enterprise is GitHub Enterprise Server and *.ghe.com.
func Enterprise() *Provider { return &Provider{kind: providers.GitHubEnterprise} }

// Kind is which of the two it is.
func (p *Provider) Kind() providers.Kind { return p.kind }

// Methods are the device flow, which needs no client secret, the web flow, which
// does, and tokens.
func (p *Provider) Methods() []providers.Method {
	return []providers.Method{providers.Device, providers.Browser, providers.PAT}
}

// Since is nothing: every server that is still supported has all of them.
func (p *Provider) Since(providers.Method) string { return "" }

// Locate knows the three address schemes of GitHub.
func (p *Provider) Locate(input string) (providers.Host, error) {
	if strings.TrimSpace(input) == "" {
		if p.kind == providers.GitHubEnterprise {
			return providers.Host{}, providers.ErrNeedHost
		}
		input = cloudHost
	}
	base, err := address.Parse(input)
	if err != nil {
		return providers.Host{}, err
	}
	name := base.Hostname()
	isCloud := slices.Contains(cloudNames, name)
	if isCloud != (p.kind == providers.GitHub) {
		return providers.Host{}, providers.ErrOtherKind
	}
	h := providers.Host{Provider: p.kind}
	switch {
	case isCloud:
		h.URL, h.APIURL, h.ClientID = "https://"+cloudHost, "https://api."+cloudHost, clientID
	case strings.HasSuffix(name, tenantSuffix):
		tenant := strings.TrimPrefix(name, "api.")
		h.URL, h.APIURL = "https://"+tenant, "https://api."+tenant
	default:
		base.Path = strings.TrimSuffix(base.Path, "/api/v3")
		h.URL, h.APIURL = base.String(), base.String()+"/api/v3"
	}
	h.WebURL = h.URL
	return h, nil
}

// Device is the device flow; GitHub knows it without a client secret.
func (p *Provider) Device(h providers.Host, scopes []string) oauth.Device {
	return oauth.Device{Application: p.Application(h), CodeURL: h.WebURL + "/login/device/code", Scopes: scopes}
}

// Browser is the web flow. GitHub wants the secret of the application for it,
// also beside PKCE, which the servers of Enterprise do not know.
func (p *Provider) Browser(h providers.Host, scopes []string) oauth.Browser {
	return oauth.Browser{
		Application:  p.Application(h),
		AuthorizeURL: h.WebURL + "/login/oauth/authorize",
		Scopes:       scopes,
		Redirect:     h.Callback(providers.Loopback),
		Bare:         p.kind == providers.GitHubEnterprise && !isTenant(h.URL),
		NeedsSecret:  true,
	}
}

// isTenant reports whether a host is one of GitHub's own cloud.
func isTenant(url string) bool { return strings.HasSuffix(url, tenantSuffix) }

// Application is an OAuth App. Its secret is wanted for the sign-in in a browser,
// also with PKCE, and to refresh what came from there.
func (p *Provider) Application(h providers.Host) oauth.Application {
	return oauth.Application{Site: h.WebURL, TokenURL: h.WebURL + "/login/oauth/access_token", ID: h.ClientID}
}

// AsksToRenew is for user tokens: asked for offline_access, GitHub gives a token
// of eight hours and one to renew it with, and gitgrant renews it. What a runtime
// holds nobody renews, so that it is left to last. Servers before 3.23 take no
// notice; an application may be set to have every token expire.
func (p *Provider) AsksToRenew(purpose providers.Purpose) bool { return purpose == providers.User }

// LiveTokens is how many tokens of one application an account may have with the
// same scopes.
func (p *Provider) LiveTokens() int { return 10 }

// TokenPage is the form for classic tokens, the only one whose prefilling
// GitHub documents reliably.
func (p *Provider) TokenPage(h providers.Host, purpose providers.Purpose, name string) string {
	scopes := providers.PolicyOf(p.kind).Scopes(purpose, providers.ClassicPAT)
	query := url.Values{"scopes": {strings.Join(scopes, ",")}, "description": {name}}
	return h.WebURL + "/settings/tokens/new?" + query.Encode()
}

// ManagePage lists the classic tokens; a menu there leads to the others.
func (p *Provider) ManagePage(h providers.Host) string { return h.WebURL + "/settings/tokens" }

// Registration is the form for OAuth applications.
func (p *Provider) Registration(h providers.Host) providers.Registration {
	return providers.Registration{
		Page: h.WebURL + "/settings/applications/new",
		Made: h.WebURL + "/settings/developers",
		Fields: []providers.Field{
			{Label: "Application name", Value: "gitgrant"},
			{Label: "Homepage URL", Value: h.WebURL},
			{Label: "Authorization callback URL", Value: h.Callback(providers.Loopback)},
			{Label: "Enable Device Flow", Ticked: true},
		},
		ID: "Client ID",
	}
}

// CheckApplication refuses the ids of GitHub Apps: their tokens know no
// scopes, so nothing that a runtime needs could be asked for or checked.
func (p *Provider) CheckApplication(clientID string) error {
	if strings.HasPrefix(clientID, "Iv") {
		return cause.Cause{Kind: cause.GitHubApp}
	}
	return nil
}

// Guess reads the prefix. Old tokens have none.
func (p *Provider) Guess(token secret.Secret) providers.TokenKind {
	text := token.Reveal()
	switch {
	case strings.HasPrefix(text, "ghp_"):
		return providers.ClassicPAT
	case strings.HasPrefix(text, "github_pat_"):
		return providers.FineGrainedPAT
	case strings.HasPrefix(text, "gho_"):
		return providers.OAuthToken
	default:
		return providers.UnknownKind
	}
}

// Wants is nothing: GitHub tells all that can be known of a token.
func (p *Provider) Wants(secret.Secret) providers.Wants { return providers.Wants{} }

// Names are the same beside every token of GitHub: any text does for git.
func (p *Provider) Names(providers.Identity) providers.Names { return providers.Names{Git: gitUser} }
