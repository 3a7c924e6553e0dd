package sandbox

import (
	"net/http"
	"time"
)

// app is an OAuth application, or a GitHub App, and how its sign-ins go.
type app struct {
	name, about string
	// title is what the device page calls it; gitgrant where it is empty.
	title string
	// gitHubApp has tokens without scopes.
	gitHubApp bool
	// expiring applications hand out tokens of 8 hours with a refresh token.
	expiring bool
	// cloudOnly is for what GitHub Enterprise Server does not have.
	cloudOnly bool
	// withholds is a scope that the person takes out before approving.
	withholds string
	// callback is the registered one; http://127.0.0.1/callback where it is
	// empty.
	callback string
	// made is the secret of one that was registered at the page.
	made string
	// suspended applications are let through to nobody.
	suspended bool
	// lifetime is that of a device code; 15 minutes where it is zero.
	lifetime time.Duration
	// start stands for the answer to the request for a device code.
	start *answer
	// edit changes the answer to the request for a device code.
	edit func(values map[string]any)
	// polls are the answers to the first polls that come in time.
	polls []pollAnswer
	// refuses makes every refresh fail.
	refuses bool
	// bars offline_access.
	bars bool
}

// pollAnswer is what a poll gets; it may slow the device down.
type pollAnswer func(*device) answer

// answer is what an OAuth endpoint says; raw writes what is no OAuth answer.
type answer struct {
	status int
	values map[string]any
	raw    func(http.ResponseWriter)
}

func (a app) id(provider string) string {
	prefix := "Ov23li"
	if a.gitHubApp {
		prefix = "Iv23li"
	}
	if provider == enterprise {
		prefix = prefix[:4] + "ct"
	}
	return prefix + label("Sandbox", a.name)
}

func (a app) knownAt(provider string) bool { return provider == cloud || !a.cloudOnly }

func gitHubClients(provider string) []Client {
	var clients []Client
	for _, a := range namedApps {
		if a.knownAt(provider) {
			clients = append(clients, Client{Name: a.name, ID: a.id(provider), Secret: a.secret(provider), Provider: provider, About: a.about})
		}
	}
	return clients
}

var (
	badGateway = answer{raw: func(w http.ResponseWriter) { sendHTMLError(w, 502) }}
	hungUp     = answer{raw: hangUp}
)

var namedApps = []app{
	{name: "default", about: "Both flows work: approve or deny at their pages. Any port of http://127.0.0.1/callback."},
	{name: "localhost", about: "The same, registered for http://localhost:7171/, whose port must match.", callback: "http://localhost:7171/"},
	{name: "suspended", about: "The web flow comes back with application_suspended.", suspended: true},
	{name: "always-expires", about: "Tokens last 8 hours and come with a refresh token.", expiring: true, cloudOnly: true},
	{name: "refresh-refused", about: "The same, but every refresh answers bad_refresh_token.", expiring: true, refuses: true, cloudOnly: true},
	{name: "no-offline", about: "Refuses offline_access with invalid_scope, in both flows.", bars: true},
	{name: "narrow", about: "The person takes admin:repo_hook out of what was asked for.", withholds: "admin:repo_hook"},
	{name: "app", about: "A GitHub App: its tokens have no scopes and no X-OAuth-Scopes header.", gitHubApp: true},
	{name: "slow-down", about: "The first poll answers slow_down with the new interval.", polls: []pollAnswer{slowDown}},
	{name: "slow-down-bare", about: "The first poll answers slow_down without an interval.", polls: []pollAnswer{slowDownBare}},
	{name: "expired-token", about: "The first poll answers expired_token.", polls: []pollAnswer{always(oauthError("expired_token"))}},
	{name: "token-expired", about: "The first poll answers token_expired, the other spelling.", polls: []pollAnswer{always(oauthError("token_expired"))}},
	{name: "denied", about: "The first poll answers access_denied.", polls: []pollAnswer{always(oauthError("access_denied"))}},
	{name: "bad-credentials", about: "The first poll answers incorrect_client_credentials.", polls: []pollAnswer{always(oauthError("incorrect_client_credentials"))}},
	{name: "bad-device-code", about: "The first poll answers incorrect_device_code.", polls: []pollAnswer{always(oauthError("incorrect_device_code"))}},
	{name: "bad-grant-type", about: "The first poll answers unsupported_grant_type.", polls: []pollAnswer{always(oauthError("unsupported_grant_type"))}},
	{name: "hang-up", about: "The first two polls lose their connection.", polls: []pollAnswer{always(hungUp), always(hungUp)}},
	{name: "bad-gateway", about: "The first two polls get a 502 with an HTML page.", polls: []pollAnswer{always(badGateway), always(badGateway)}},
	{name: "disabled", about: "The device flow is off: device_flow_disabled with status 200.", start: new(oauthError("device_flow_disabled"))},
	{name: "disabled-400", about: "The device flow is off: device_flow_disabled with status 400.", start: &answer{status: 400, values: oauthError("device_flow_disabled").values}},
	{name: "no-start", about: "The request for a code gets a 502 with an HTML page.", start: &badGateway},
	{name: "short-lived", about: "A code runs out after 5 seconds.", lifetime: 5 * time.Second},
	{name: "no-interval", about: "The answer with the code names no interval.", edit: func(v map[string]any) { delete(v, "interval") }},
	{name: "foreign-page", about: "The page for the code is at another site.", edit: func(v map[string]any) { v["verification_uri"] = "https://login.evil.example/device" }},
	{name: "hostile-code", about: "The code holds escape sequences and bidi controls.", edit: func(v map[string]any) { v["user_code"] = "\x1b[2JWDJB\u202e-MJHT\x07" }},
}
