package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const webCodeLifetime = 10 * time.Minute

// webCode is what stands behind a code of the web flow.
type webCode struct {
	app      *app
	client   string
	login    string
	redirect string
	scopes   []string
	offline  bool
	key      proofKey
	expires  time.Time
}

// webRequest is a request of an application to act for a person, as it stands
// in the address of the consent page.
type webRequest struct {
	code webCode
	back authorization
}

func (h *gitHub) registerWebFlow(mux *http.ServeMux) {
	mux.HandleFunc("GET /login/oauth/authorize", h.webPage)
	mux.HandleFunc("POST /login/oauth/authorize", h.webDecision)
}

// secret is that of an application. GitHub wants it in the web flow.
func (a app) secret(provider string) string { return fake("sandboxSecret", provider+"-"+a.name, 40) }

// barred reports whether something is asked for that the application may not
// have.
func (a app) barred(scopes string) bool {
	return a.bars && slices.Contains(splitScopes(scopes), "offline_access")
}

// registered is the callback of an application.
func (a app) registered() *url.URL {
	u, err := url.Parse(cmp.Or(a.callback, loopbackCallback))
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	return u
}

// asksWeb reads the address of the consent page, and answers where nothing is
// left to be decided.
func (h *gitHub) asksWeb(w http.ResponseWriter, r *http.Request) (asked webRequest, open bool) {
	query := r.URL.Query()
	h.sandbox.mu.Lock()
	a := h.apps[query.Get("client_id")]
	h.sandbox.mu.Unlock()
	if a == nil {
		h.show(w, 404, "result", "Page not found", result{Heading: "404", Text: "This is not the web page you are looking for."})
		return asked, false
	}
	registered := a.registered()
	asked.back = authorization{back: registered, state: query.Get("state")}
	to, err := url.Parse(cmp.Or(query.Get("redirect_uri"), registered.String()))
	if err != nil || !within(to, registered) {
		asked.back.goBack(w, r, webRefusal("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."))
		return asked, false
	}
	asked.back.back = to
	scopes := splitScopes(query.Get("scope"))
	asked.code = webCode{
		app: a, client: query.Get("client_id"), redirect: to.String(), scopes: normalized(scopes),
		offline: slices.Contains(scopes, "offline_access") && h.provider == cloud,
	}
	if h.provider == cloud { // the servers do not know PKCE, and take no notice of it
		asked.code.key = proofKey{query.Get("code_challenge"), cmp.Or(query.Get("code_challenge_method"), "plain")}
	}
	switch {
	case a.suspended:
		asked.back.goBack(w, r, webRefusal("application_suspended", "Your application has been suspended. Contact support@github.com."))
	case a.barred(query.Get("scope")):
		asked.back.goBack(w, r, webRefusal("invalid_scope", oauthErrors["invalid_scope"]))
	case asked.code.key.challenge != "" && asked.code.key.method != "S256":
		asked.back.goBack(w, r, webRefusal("invalid_request", "The code_challenge_method must be S256."))
	default:
		return asked, true
	}
	return asked, false
}

// within compares an address with the registered callback: the host has to be
// the same and the path the same or below. On loopback the port may be any.
func within(asked, registered *url.URL) bool {
	sameHost := asked.Host == registered.Host
	if ip := asked.Hostname(); ip == "127.0.0.1" || ip == "::1" {
		sameHost = ip == registered.Hostname()
	}
	below := asked.Path == registered.Path || strings.HasPrefix(asked.Path, strings.TrimSuffix(registered.Path, "/")+"/")
	return asked.Scheme == registered.Scheme && sameHost && below && asked.User == nil && !strings.Contains(asked.Path, "..")
}

func webRefusal(code, description string) url.Values {
	return url.Values{"error": {code}, "error_description": {description}, "error_uri": {
		"https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors",
	}}
}

func (h *gitHub) webPage(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asksWeb(w, r)
	if !open {
		return
	}
	show(w, 200, "consent", page{Title: "Authorize application", Host: h.name, LeadsTo: asked.back.back, Data: deviceForm{
		App: cmp.Or(asked.code.app.title, "gitgrant"), Scopes: asked.code.scopes, Accounts: h.sandbox.accounts(),
	}})
}

func (h *gitHub) webDecision(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asksWeb(w, r)
	if !open {
		return
	}
	if r.PostFormValue("decision") != "approve" {
		asked.back.goBack(w, r, webRefusal("access_denied", "The user has denied your application access."))
		return
	}
	h.sandbox.mu.Lock()
	code := h.sandbox.pick("0123456789abcdef", 20)
	asked.code.login, asked.code.expires = h.sandbox.account(r), h.sandbox.now().Add(webCodeLifetime)
	h.codes[code] = asked.code
	h.sandbox.mu.Unlock()
	asked.back.goBack(w, r, url.Values{"code": {code}})
}

// redeem trades a code of the web flow for a token, once. The caller holds the
// lock.
func (h *gitHub) redeem(client string, r *http.Request) answer {
	text := r.PostFormValue("code")
	code, known := h.codes[text]
	switch {
	case !h.trusts(client, r):
		return oauthError("incorrect_client_credentials")
	case !known, code.client != client, !h.sandbox.now().Before(code.expires), !code.key.verifies(r.PostFormValue("code_verifier")):
		return oauthError("bad_verification_code")
	case cmp.Or(r.PostFormValue("redirect_uri"), code.redirect) != code.redirect:
		return oauthError("redirect_uri_mismatch")
	}
	delete(h.codes, text)
	return h.issue(&device{
		waiting: waiting{login: code.login, scopes: code.scopes}, app: code.app, client: client, offline: code.offline, web: true,
	})
}

// trusts reports whether a request has the secret of its application.
func (h *gitHub) trusts(client string, r *http.Request) bool {
	a := h.apps[client]
	return a != nil && r.PostFormValue("client_secret") == cmp.Or(a.made, a.secret(h.provider))
}
