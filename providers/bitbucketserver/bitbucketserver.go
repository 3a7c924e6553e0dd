// Package bitbucketserver is Bitbucket Data Center, once called Bitbucket
// Server.
//
// Facts that the code leans on, from Atlassian's documentation and from hosts
// at work:
//
//   - Every answer below /rest to a token that is accepted names its account in
//     X-AUSERNAME, written as in an address. The version of the host is told to
//     anybody, so 200 without that header is no acceptance.
//   - A 401 with X-AUSERNAME is a permission that is missing; without it the
//     token is not accepted, and nothing says why.
//   - Nothing tells what a token may do, nor when it ends. What it may do shows
//     where a request is let in; a permission includes the lower ones, and
//     Project admin of a token includes Repository admin.
//   - A token goes to /rest and /scm alone, and as Bearer alone: elsewhere it
//     is sent to the sign-in page, and as a password that is refused it brings
//     the account a CAPTCHA. The tokens of projects and repositories are good
//     for nothing else but Bearer.
package bitbucketserver

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/oauth"
)

const (
	apiRoot   = "/rest"
	cloudHost = "bitbucket.org"
)

// Provider is Bitbucket Data Center.
type Provider struct{}

// New is Bitbucket Data Center.
func New() Provider { return Provider{} }

// Kind is Bitbucket Data Center.
func (Provider) Kind() providers.Kind { return providers.BitbucketServer }

// Methods are the sign-in of an application link, and tokens: there is no device
// flow.
func (Provider) Methods() []providers.Method {
	return []providers.Method{providers.Browser, providers.PAT}
}

// Since tells of the OAuth2 provider, which older hosts do not have.
func (Provider) Since(m providers.Method) string {
	if m == providers.Browser {
		return "7.20"
	}
	return ""
}

// pasted is what follows the base address in what a person copies from the
// browser, from the clone dialog or from a manual.
var pasted = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(/rest(/.*)?|/projects(/.*)?|/users/[^/]+/repos(/.*)?|/scm/[^/]+/[^/]+\.git|/plugins/servlet/.*|/login|/dashboard)$`)
})

// Locate keeps ports and context paths, and cuts off what a person may have
// pasted behind them.
func (Provider) Locate(input string) (providers.Host, error) {
	if strings.TrimSpace(input) == "" {
		return providers.Host{}, providers.ErrNeedHost
	}
	base, err := address.Parse(input)
	if err != nil {
		return providers.Host{}, err
	}
	if name := base.Hostname(); name == cloudHost || strings.HasSuffix(name, "."+cloudHost) {
		return providers.Host{}, providers.ErrOtherKind
	}
	if at := pasted().FindStringIndex(base.Path); at != nil {
		base.Path = base.Path[:at[0]]
	}
	web := base.String()
	return providers.Host{URL: web, Provider: providers.BitbucketServer, WebURL: web, APIURL: web + apiRoot}, nil
}

// Device is no flow: this host has none, and Methods does not offer it.
func (Provider) Device(providers.Host, []string) oauth.Device { return oauth.Device{} }

// Browser is the sign-in of an incoming application link, whose secret the host
// wants beside the proof of PKCE. It takes an address with https alone, unless
// its administrator says otherwise: where nobody can listen for that, the person
// brings the address that the browser ended on.
func (p Provider) Browser(h providers.Host, scopes []string) oauth.Browser {
	return oauth.Browser{
		Application:  p.Application(h),
		AuthorizeURL: h.WebURL + "/rest/oauth2/latest/authorize",
		Scopes:       scopes,
		Redirect:     h.Callback(ownCallback),
		NeedsSecret:  true,
	}
}

// ownCallback is where nobody listens: only the address counts.
const ownCallback = "https://127.0.0.1/callback"

// Application is an incoming application link. It takes id and secret in the
// body alone.
func (Provider) Application(h providers.Host) oauth.Application {
	return oauth.Application{Site: h.WebURL, TokenURL: h.WebURL + "/rest/oauth2/latest/token", ID: h.ClientID}
}

// TokenPage is the list of the personal tokens, with the button that makes one.
// Nothing can be filled in.
func (p Provider) TokenPage(h providers.Host, _ providers.Purpose, _ string) string {
	return p.ManagePage(h)
}

// ManagePage lists the personal tokens.
func (Provider) ManagePage(h providers.Host) string {
	return h.WebURL + "/plugins/servlet/access-tokens/manage"
}

// httpsOff is the property of the host's JVM that lets redirects be http.
const httpsOff = "atlassian.oauth2.provider.skip.redirect.url.https.requirement=true"

// Registration is the form that an administrator fills in. Its box is for the
// highest permission that anybody will ask for, which includes the rest.
func (Provider) Registration(h providers.Host) providers.Registration {
	return providers.Registration{
		Page: h.WebURL + "/plugins/servlet/applinks/listApplicationLinks",
		Way:  []string{"Create link", "External application", "Incoming"},
		Fields: []providers.Field{
			{Label: "Name", Value: "gitgrant"},
			{Label: "Redirect URL", Value: h.Callback(ownCallback)},
			{Label: "Projects: Admin", Ticked: true},
		},
		ID:       "Client ID",
		HTTPSOff: httpsOff,
	}
}

// CheckApplication has nothing to go by: an id says nothing here, and its
// secret looks like nothing in particular.
func (Provider) CheckApplication(string) error { return nil }

// numbered is how the decoded text of a token begins.
var numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+:`) })

// Guess looks for the number that the text of a token begins with. Newer ones
// are said to have a word before it.
func (Provider) Guess(token secret.Secret) providers.TokenKind {
	text := strings.TrimRight(strings.TrimPrefix(token.Reveal(), "BBDC-"), "=")
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || !numbered().Match(decoded) {
		return providers.UnknownKind
	}
	return providers.HTTPAccessToken
}

// Wants is the end of a token, which it may not ask for itself.
func (Provider) Wants(secret.Secret) providers.Wants { return providers.Wants{Expiry: true} }

// robotUser is what git wants as the user name beside a token that belongs to
// no person.
const robotUser = "x-token-auth"

// Names are the account's own beside the token of a person. REST takes Bearer,
// and from the token of nobody git has to bring the same.
func (Provider) Names(id providers.Identity) providers.Names {
	switch {
	case id.Account.Robot, id.Kind == providers.ProjectToken, id.Kind == providers.RepositoryToken:
		return providers.Names{Git: robotUser, Bearer: true}
	case id.Username != "":
		return providers.Names{Git: id.Username}
	default:
		return providers.Names{Git: id.Account.Login}
	}
}
