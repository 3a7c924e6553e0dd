package sandbox

import (
	"net/http"
	"time"
)

// gitLabApp is an OAuth application of GitLab, and how its sign-ins go.
type gitLabApp struct {
	name, about string
	// title is what the pages call it; gitgrant where it is empty.
	title string
	// confidential applications need their secret, which is told of none but
	// those that have one here.
	confidential bool
	secret       string
	// callback is the address that its sign-ins may lead to.
	callback string
	// scopes are those that its registration ticks; all of GitLab's where
	// there are none.
	scopes []string
	// lifetime is that of a device code; 5 minutes where it is zero.
	lifetime time.Duration
	// start stands for the answer to the request for a device code.
	start *answer
	// edit changes the answer to the request for a device code.
	edit func(values map[string]any)
	// polls are the answers to the first polls that come in time.
	polls []answer
	// refuses makes every refresh fail.
	refuses bool
}

func (a gitLabApp) id(provider string) string { return bareFake(bareClient, provider+" "+a.name) }

// proves reports whether a request with this secret comes from the application.
func (a gitLabApp) proves(secret string) bool {
	return !a.confidential || a.secret != "" && secret == a.secret
}

// allows reports whether the registration ticks every one of these scopes.
func (a gitLabApp) allows(scopes []string) bool {
	ticked := a.scopes
	if len(ticked) == 0 {
		ticked = gitLabScopes
	}
	for _, scope := range scopes {
		if !holdsAny(ticked, scope) {
			return false
		}
	}
	return true
}

func gitLabClients(provider string) []Client {
	var clients []Client
	for _, a := range namedGitLabApps {
		clients = append(clients, Client{Name: a.name, ID: a.id(provider), Secret: a.secret, Provider: provider, About: a.about})
	}
	return clients
}

const loopbackCallback = "http://127.0.0.1/callback"

// noDeviceFlow is a host older than 17.2: the page is not there.
var noDeviceFlow = answer{raw: func(w http.ResponseWriter) { sendHTMLError(w, 404) }}

var namedGitLabApps = []gitLabApp{
	{name: "default", about: "A public application: device flow, PKCE with any port of http://127.0.0.1/callback, refresh tokens.", callback: loopbackCallback},
	{name: "localhost", about: "The same, registered for http://localhost:7171/auth/redirect, whose port must match.", callback: "http://localhost:7171/auth/redirect"},
	{name: "confidential", about: "A confidential application: without its secret every request answers 401 invalid_client.", callback: loopbackCallback, confidential: true},
	{name: "with-secret", about: "A confidential application: it gets, renews and ends tokens with its secret alone.", callback: loopbackCallback, confidential: true, secret: bareFake(bareClient, "gitlab secret")},
	{name: "few-scopes", about: "Registered for read_user and read_repository alone: anything else answers invalid_scope.", callback: loopbackCallback, scopes: []string{"read_user", "read_repository"}},
	{name: "refresh-refused", about: "Works, but every refresh answers invalid_grant.", callback: loopbackCallback, refuses: true},
	{name: "no-device-flow", about: "The host is older than 17.2 and has no device flow: 404 with an HTML page.", callback: loopbackCallback, start: &noDeviceFlow},
	{name: "slow-down", about: "The first poll answers slow_down.", polls: []answer{doorkeeperError("slow_down")}},
	{name: "denied", about: "The first poll answers access_denied.", polls: []answer{doorkeeperError("access_denied")}},
	{name: "expired-token", about: "The first poll answers expired_token.", polls: []answer{doorkeeperError("expired_token")}},
	{name: "hang-up", about: "The first two polls lose their connection.", polls: []answer{hungUp, hungUp}},
	{name: "bad-gateway", about: "The first two polls get a 502 with an HTML page.", polls: []answer{badGateway, badGateway}},
	{name: "short-lived", about: "A code runs out after 5 seconds.", lifetime: 5 * time.Second},
	{name: "foreign-page", about: "The page for the code is at another site.", edit: func(v map[string]any) {
		v["verification_uri"], v["verification_uri_complete"] = "https://login.evil.example/oauth/device", "https://login.evil.example/oauth/device"
	}},
	{name: "foreign-shortcut", about: "The page for the code is right, but the one with the code filled in is at another site.", edit: func(v map[string]any) {
		v["verification_uri_complete"] = "https://login.evil.example/oauth/device?user_code=0A44L90H"
	}},
}
