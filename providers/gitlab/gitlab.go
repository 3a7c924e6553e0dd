// Package gitlab is gitlab.com and self-managed GitLab.
//
// Facts that the code leans on, from GitLab's documentation and source:
//
//   - An access token tells its scopes and its end at personal_access_tokens/self,
//     whatever its own scopes are. An OAuth token is refused there with 400 and
//     tells the same at /oauth/token/info.
//   - A fine-grained token tells no permission anywhere, and may lack the one to
//     ask about itself.
//   - A 401 of the API says in its body whether a token was revoked or has
//     expired, unless the token is unknown; /oauth/token/info never says why.
//   - A 403 is a missing scope, a missing role or a policy, and never a bad token.
//   - A date of expiry is midnight UTC, as that day begins.
package gitlab

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

const (
	cloudHost = "gitlab.com"
	apiRoot   = "/api/v4"
)

// clientID is the OAuth application of whoever distributes the program, for
// gitlab.com alone: each other host has applications of its own. The build
// writes it in by -ldflags; a profile of the host wins.
var clientID string

// Provider is gitlab.com or, as Server, everybody else's GitLab.
type Provider struct {
	kind providers.Kind
}

// Cloud is gitlab.com.
func Cloud() *Provider { return &Provider{kind: providers.GitLab} }

// Server is self-managed GitLab.
func Server() *Provider { return &Provider{kind: providers.GitLabServer} }

// Kind is which of the two it is.
func (p *Provider) Kind() providers.Kind { return p.kind }

// Methods are both flows, which a public application may use, and tokens.
func (p *Provider) Methods() []providers.Method {
	return []providers.Method{providers.Device, providers.Browser, providers.PAT}
}

// Since tells of the device flow, which is younger than much of what runs.
func (p *Provider) Since(m providers.Method) string {
	if m == providers.Device {
		return "17.2"
	}
	return ""
}

// Locate keeps ports and context paths: GitLab may live below another address.
func (p *Provider) Locate(input string) (providers.Host, error) {
	if strings.TrimSpace(input) == "" {
		if p.kind == providers.GitLabServer {
			return providers.Host{}, providers.ErrNeedHost
		}
		input = cloudHost
	}
	base, err := address.Parse(input)
	if err != nil {
		return providers.Host{}, err
	}
	name := base.Hostname()
	isCloud := name == cloudHost || name == "www."+cloudHost || name == "altssh."+cloudHost
	if isCloud != (p.kind == providers.GitLab) {
		return providers.Host{}, providers.ErrOtherKind
	}
	if isCloud {
		base = &url.URL{Scheme: "https", Host: cloudHost}
	}
	base.Path = strings.TrimSuffix(base.Path, apiRoot)
	web := base.String()
	h := providers.Host{URL: web, Provider: p.kind, WebURL: web, APIURL: web + apiRoot}
	if isCloud {
		h.ClientID = clientID
	}
	return h, nil
}

// Device is the device flow of GitLab 17.2 and later, for a public application.
func (p *Provider) Device(h providers.Host, scopes []string) oauth.Device {
	return oauth.Device{Application: p.Application(h), CodeURL: h.WebURL + "/oauth/authorize_device", Scopes: scopes}
}

// Browser is the sign-in of a public application, which PKCE makes safe.
func (p *Provider) Browser(h providers.Host, scopes []string) oauth.Browser {
	return oauth.Browser{
		Application:  p.Application(h),
		AuthorizeURL: h.WebURL + "/oauth/authorize",
		Scopes:       scopes,
		Redirect:     h.Callback(providers.Loopback),
	}
}

// Application is a public one, unless its owner has told a secret.
func (p *Provider) Application(h providers.Host) oauth.Application {
	return oauth.Application{Site: h.WebURL, TokenURL: h.WebURL + "/oauth/token", ID: h.ClientID}
}

// TokenPage is the form for personal tokens, with name and scopes filled in.
// Its expiry cannot be.
func (p *Provider) TokenPage(h providers.Host, purpose providers.Purpose, name string) string {
	scopes := providers.PolicyOf(p.kind).Scopes(purpose, providers.PersonalAccessToken)
	query := url.Values{"name": {name}, "scopes": {strings.Join(scopes, ",")}}
	return h.WebURL + "/-/user_settings/personal_access_tokens?" + query.Encode()
}

// ManagePage lists the personal tokens.
func (p *Provider) ManagePage(h providers.Host) string {
	return h.WebURL + "/-/user_settings/personal_access_tokens"
}

// Registration is the form for OAuth applications of one's own. The device
// flow is always on; what matters is that the application is not confidential,
// and that every scope which will be asked for is ticked.
func (p *Provider) Registration(h providers.Host) providers.Registration {
	var scopes []string
	for _, purpose := range providers.Purposes {
		for _, scope := range providers.PolicyOf(p.kind).Scopes(purpose, providers.OAuthToken) {
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	form := providers.Registration{
		Page: h.WebURL + "/-/user_settings/applications",
		Fields: []providers.Field{
			{Label: "Name", Value: "gitgrant"},
			{Label: "Redirect URI", Value: h.Callback(providers.Loopback)},
			{Label: "Confidential"},
		},
		ID: "Application ID",
	}
	for _, scope := range scopes {
		form.Fields = append(form.Fields, providers.Field{Label: scope, Ticked: true})
	}
	return form
}

// CheckApplication refuses the secret of an application, which GitLab shows
// beside its id: an id is kept in a file.
func (p *Provider) CheckApplication(clientID string) error {
	if strings.HasPrefix(clientID, "gloas-") {
		return cause.Cause{Kind: cause.UnknownApplication}
	}
	return nil
}

var bareToken = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })

// Guess reads the prefix, before which an admin may have set another one. OAuth
// tokens have none unless they are of the newest kind.
func (p *Provider) Guess(token secret.Secret) providers.TokenKind {
	text := token.Reveal()
	switch {
	case strings.Contains(text, "glpat-"):
		return providers.PersonalAccessToken
	case strings.HasPrefix(text, "gliamat-"), bareToken().MatchString(text):
		return providers.OAuthToken
	default:
		return providers.UnknownKind
	}
}

// Wants is nothing: GitLab tells all that can be known of a token.
func (p *Provider) Wants(secret.Secret) providers.Wants { return providers.Wants{} }

// Names are the same beside every token of GitLab.
func (p *Provider) Names(providers.Identity) providers.Names { return providers.Names{Git: gitUser} }
