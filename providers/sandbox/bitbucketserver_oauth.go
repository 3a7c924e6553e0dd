package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// dataCenterApp is an incoming application link with an external application,
// and how its sign-ins go.
type dataCenterApp struct {
	name, about string
	// title is what the pages call it; gitgrant where it is empty.
	title string
	// callback is the address that its sign-ins lead to. Where it is one of
	// loopback, any port of it is taken.
	callback string
	// plain is for a host whose admin has switched off that a callback must be
	// https.
	plain bool
	// highest is the most that may be asked for; PROJECT_ADMIN where it is
	// empty.
	highest string
	// refuses makes every refresh fail.
	refuses bool
	// secret is that of an application that was registered at the page.
	secret string
}

func (a dataCenterApp) id() string { return bareFake(bareClient, dataCenterKind+" "+a.name)[:32] }

// password is the secret that every request of the application needs.
func (a dataCenterApp) password() string {
	return cmp.Or(a.secret, bareFake(bareDataCenter, dataCenterKind+" secret of "+a.name))
}

// allows reports whether the link lets somebody ask for these scopes.
func (a dataCenterApp) allows(scopes []string) bool {
	asked := highestScope(scopes)
	return asked >= 0 && asked <= highestScope([]string{cmp.Or(a.highest, "PROJECT_ADMIN")})
}

var namedDataCenterApps = []dataCenterApp{
	{name: "default", about: "An incoming link of a host that takes http redirects: any port of http://127.0.0.1/callback, PKCE, its secret in the body, refresh tokens.", callback: loopbackCallback, plain: true},
	{name: "https-only", about: "A link of a host as it is delivered: its redirect is https://127.0.0.1/callback, and one that is http is refused.", callback: "https://127.0.0.1/callback"},
	{name: "repositories-read", about: "The admin allows REPO_READ at the most: anything higher answers invalid_scope.", callback: loopbackCallback, plain: true, highest: "REPO_READ"},
	{name: "refresh-refused", about: "Works, but every refresh answers invalid_grant.", callback: loopbackCallback, plain: true, refuses: true},
}

func dataCenterClients() []Client {
	var clients []Client
	for _, a := range namedDataCenterApps {
		clients = append(clients, Client{Name: a.name, ID: a.id(), Secret: a.password(), Provider: dataCenterKind, About: a.about})
	}
	return clients
}

// dataCenterCode is what stands behind an authorization code. It has what a
// code of GitLab has, and the same proof of possession.
type dataCenterCode = gitLabAuthCode

const dataCenterCodeLifetime = 10 * time.Minute

const plainRedirect = "Redirect URL is invalid: URL must use https"

func (h *dataCenter) registerOAuth(mux *http.ServeMux) {
	mux.HandleFunc("GET /oauth2/latest/authorize", h.consentPage)
	mux.HandleFunc("POST /oauth2/latest/authorize", h.consent)
	mux.HandleFunc("POST /oauth2/latest/token", func(w http.ResponseWriter, r *http.Request) {
		h.sandbox.mu.Lock()
		a := h.issueToken(r)
		h.sandbox.mu.Unlock()
		w.Header().Set("Cache-Control", "no-store")
		exchange{w, r}.json(a.status, a.values)
	})
}

// dataCenterAsk is a request of an application to act for a person, as it
// stands in the address of the consent page.
type dataCenterAsk struct {
	app  dataCenterApp
	code dataCenterCode
	back *url.URL
	// state is the application's own, handed back as it came.
	state string
}

// read reads an address of the consent page. A refusal is for the person where
// the application or its redirect cannot be trusted; else back is true, and it
// goes to the application.
func (h *dataCenter) read(query url.Values) (asked dataCenterAsk, refusal string, back bool) {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	client := query.Get("client_id")
	a, known := h.apps[client]
	to, err := url.Parse(query.Get("redirect_uri"))
	switch {
	case !known:
		return asked, "The client ID is unknown.", false
	case err != nil:
		return asked, "The redirect URL does not match the one of the application link.", false
	case to.Scheme != "https" && !a.plain:
		return asked, plainRedirect, false
	case !leadsTo(to.String(), a.callback):
		return asked, "The redirect URL does not match the one of the application link.", false
	}
	scopes := strings.Fields(query.Get("scope"))
	asked = dataCenterAsk{app: a, back: to, state: query.Get("state"), code: dataCenterCode{
		client: client, redirect: to.String(), scopes: scopes,
		challenge: query.Get("code_challenge"), method: cmp.Or(query.Get("code_challenge_method"), "plain"),
	}}
	switch {
	case query.Get("response_type") != "code":
		return asked, "unsupported_response_type", true
	case !a.allows(scopes):
		return asked, "invalid_scope", true
	case asked.code.method != "plain" && asked.code.method != "S256":
		return asked, "invalid_request", true
	default:
		return asked, "", true
	}
}

// goBack leads the browser to the application with what came of it.
func (asked dataCenterAsk) goBack(w http.ResponseWriter, r *http.Request, values url.Values) {
	authorization{back: asked.back, state: asked.state}.goBack(w, r, values)
}

// asks reads the address of the consent page, and answers where nothing is
// left to be decided.
func (h *dataCenter) asks(w http.ResponseWriter, r *http.Request) (asked dataCenterAsk, open bool) {
	asked, refusal, back := h.read(r.URL.Query())
	switch {
	case refusal == "":
		return asked, true
	case back:
		asked.goBack(w, r, refusedByDataCenter(refusal))
	default:
		h.show(w, 400, "result", "Authorize application", result{Heading: "The application cannot be authorized", Text: refusal})
	}
	return asked, false
}

func refusedByDataCenter(code string) url.Values {
	return url.Values{"error": {code}, "error_description": {dataCenterErrors[code]}}
}

func (h *dataCenter) consentPage(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asks(w, r)
	if !open {
		return
	}
	show(w, 200, "consent", page{Title: "Authorize application", Host: h.profile().name, LeadsTo: asked.back, Data: deviceForm{
		App: cmp.Or(asked.app.title, "gitgrant"), Scopes: asked.code.scopes, Accounts: h.sandbox.accounts(),
	}})
}

func (h *dataCenter) consent(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asks(w, r)
	if !open {
		return
	}
	if r.PostFormValue("decision") != "approve" {
		asked.goBack(w, r, refusedByDataCenter("access_denied"))
		return
	}
	h.sandbox.mu.Lock()
	code := h.sandbox.pick(base62, 43)
	asked.code.login, asked.code.expires = h.sandbox.account(r), h.sandbox.now().Add(dataCenterCodeLifetime)
	h.codes[code] = asked.code
	h.sandbox.mu.Unlock()
	asked.goBack(w, r, url.Values{"code": {code}})
}

var dataCenterErrors = map[string]string{
	"access_denied":             "The resource owner or authorization server denied the request.",
	"invalid_request":           "The request is missing a required parameter or has one that is not supported.",
	"invalid_client":            "Client authentication failed.",
	"invalid_grant":             "The grant is not valid, has expired, was revoked or was issued to another client.",
	"invalid_scope":             "The requested scope is unknown, or higher than the application link allows.",
	"unsupported_grant_type":    "The grant type is not supported.",
	"unsupported_response_type": "The response type is not supported.",
}

func dataCenterError(code string) answer {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return answer{status: status, values: map[string]any{"error": code, "error_description": dataCenterErrors[code]}}
}

// issueToken takes id and secret of the application in the body alone. The
// caller holds the lock.
func (h *dataCenter) issueToken(r *http.Request) answer {
	client := r.PostFormValue("client_id")
	a, known := h.apps[client]
	if !known || r.PostFormValue("client_secret") != a.password() {
		return dataCenterError("invalid_client")
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		return h.redeem(client, r)
	case "refresh_token":
		return h.renew(client, a, r.PostFormValue("refresh_token"))
	default:
		return dataCenterError("unsupported_grant_type")
	}
}

// redeem trades an authorization code for a pair, once.
func (h *dataCenter) redeem(client string, r *http.Request) answer {
	text := r.PostFormValue("code")
	code, known := h.codes[text]
	delete(h.codes, text)
	switch {
	case !known, code.client != client, !h.sandbox.now().Before(code.expires),
		r.PostFormValue("redirect_uri") != code.redirect, !code.verifies(r.PostFormValue("code_verifier")):
		return dataCenterError("invalid_grant")
	default:
		return h.pair(code.login, client, code.scopes)
	}
}

// renew trades a refresh token for a new pair. The old pair is dead from then
// on.
func (h *dataCenter) renew(client string, a dataCenterApp, refresh string) answer {
	for access, t := range h.tokens {
		if refresh != "" && t.refresh == refresh && t.client == client && !t.revoked && !a.refuses {
			t.revoked = true
			h.tokens[access] = t
			return h.pair(t.owner, client, strings.Fields(t.name))
		}
	}
	return dataCenterError("invalid_grant")
}
