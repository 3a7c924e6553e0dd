package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// gitLabAuthCode is what stands behind an authorization code.
type gitLabAuthCode struct {
	client, login string
	redirect      string
	scopes        []string
	challenge     string
	method        string
	expires       time.Time
}

// authorization is a request of an application to act for a person, as it
// stands in the address of the consent page.
type authorization struct {
	app  gitLabApp
	code gitLabAuthCode
	back *url.URL
	// state is the application's own, handed back as it came.
	state string
}

// readAuthorization reads an address of the consent page. Where the
// application or its callback cannot be trusted, refusal is for the person
// alone; every other one goes back to the application.
func (h *gitLab) readAuthorization(query url.Values) (asked authorization, refusal string, back bool) {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	client := query.Get("client_id")
	a, known := h.apps[client]
	if !known {
		return asked, "invalid_client", false
	}
	to, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !leadsTo(to.String(), a.callback) {
		return asked, "invalid_redirect_uri", false
	}
	asked = authorization{app: a, back: to, state: query.Get("state"), code: gitLabAuthCode{
		client: client, redirect: to.String(), scopes: askedScopes(query.Get("scope")),
		challenge: query.Get("code_challenge"), method: cmp.Or(query.Get("code_challenge_method"), "plain"),
	}}
	switch {
	case query.Get("response_type") != "code":
		return asked, "unsupported_response_type", true
	case !a.allows(asked.code.scopes):
		return asked, "invalid_scope", true
	case asked.code.method != "plain" && asked.code.method != "S256":
		return asked, "invalid_code_challenge_method", true
	default:
		return asked, "", true
	}
}

// leadsTo compares an address with the registered one: exactly, except that
// the port does not count where both are the same loopback address. A name
// such as localhost is no address.
func leadsTo(asked, registered string) bool {
	a, err := url.Parse(asked)
	r, err2 := url.Parse(registered)
	if err != nil || err2 != nil || registered == "" {
		return false
	}
	if ip, err := netip.ParseAddr(a.Hostname()); err == nil && ip.IsLoopback() && a.Hostname() == r.Hostname() {
		a.Host = r.Host
	}
	return a.String() == r.String()
}

// goBack leads the browser to the application with what came of it.
func (asked authorization) goBack(w http.ResponseWriter, r *http.Request, values url.Values) {
	if asked.state != "" {
		values.Set("state", asked.state)
	}
	to := *asked.back
	query := to.Query()
	for name := range values {
		query.Set(name, values.Get(name))
	}
	to.RawQuery = query.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

func refused(code string) url.Values {
	return url.Values{"error": {code}, "error_description": {doorkeeperErrors[code]}}
}

// asks reads the address of the consent page, and answers where nothing is
// left to be decided.
func (h *gitLab) asks(w http.ResponseWriter, r *http.Request) (asked authorization, open bool) {
	asked, refusal, back := h.readAuthorization(r.URL.Query())
	switch {
	case refusal == "":
		return asked, true
	case back:
		asked.goBack(w, r, refused(refusal))
	default:
		h.show(w, doorkeeperError(refusal).status, "result", "Authorization required", result{Heading: "An error has occurred", Text: doorkeeperErrors[refusal]})
	}
	return asked, false
}

func (h *gitLab) consentPage(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asks(w, r)
	if !open {
		return
	}
	show(w, 200, "consent", page{Title: "Authorization required", Host: h.name, LeadsTo: asked.back, Data: deviceForm{
		App: cmp.Or(asked.app.title, "gitgrant"), Scopes: asked.code.scopes, Accounts: h.sandbox.accounts(),
	}})
}

func (h *gitLab) consent(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asks(w, r)
	if !open {
		return
	}
	if r.PostFormValue("decision") != "approve" {
		asked.goBack(w, r, refused("access_denied"))
		return
	}
	h.sandbox.mu.Lock()
	code := h.sandbox.pick(base62, 43)
	asked.code.login, asked.code.expires = h.sandbox.account(r), h.sandbox.now().Add(gitLabAuthCodeLifetime)
	h.codes[code] = asked.code
	h.sandbox.mu.Unlock()
	asked.goBack(w, r, url.Values{"code": {code}})
}

// redeem trades an authorization code for a pair, once.
func (h *gitLab) redeem(client string, r *http.Request) answer {
	text := r.PostFormValue("code")
	code, known := h.codes[text]
	delete(h.codes, text)
	switch {
	case !known, code.client != client, !h.sandbox.now().Before(code.expires),
		!leadsTo(r.PostFormValue("redirect_uri"), code.redirect), !code.verifies(r.PostFormValue("code_verifier")):
		return doorkeeperError("invalid_grant")
	default:
		return h.pair(gitLabToken{owner: code.login, scopes: code.scopes, client: client})
	}
}

// verifies holds a verifier of RFC 7636 against the challenge.
func (code gitLabAuthCode) verifies(verifier string) bool {
	return proofKey{code.challenge, code.method}.verifies(verifier)
}

// proofKey is the challenge of RFC 7636 that came with a request for a code.
type proofKey struct{ challenge, method string }

func (key proofKey) verifies(verifier string) bool {
	switch {
	case key.challenge == "" || verifier == "":
		return key.challenge == verifier
	case key.method == "S256":
		sum := sha256.Sum256([]byte(verifier))
		return strings.TrimRight(key.challenge, "=") == base64.RawURLEncoding.EncodeToString(sum[:])
	default:
		return key.challenge == verifier
	}
}
