package sandbox

import (
	"cmp"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	bitbucketLifetime     = 2 * time.Hour
	bitbucketCodeLifetime = 10 * time.Minute
	// refreshIdle ends a refresh token that nobody uses; refreshGrace is how
	// long a used one still works.
	refreshIdle  = 90 * day
	refreshGrace = 10 * time.Minute
)

// bitbucketAuthCode is what stands behind an authorization code.
type bitbucketAuthCode struct {
	consumer, login string
	redirect        string // as it was asked for; empty where the registered one was left to do
	key             proofKey
	expires         time.Time
}

// bitbucketAuthorization is a request of a consumer to act for a person, as it
// stands in the address of the consent page.
type bitbucketAuthorization struct {
	consumer bitbucketConsumer
	code     bitbucketAuthCode
	back     *url.URL
	state    string
}

func (h *bitbucket) registerOAuth(mux *http.ServeMux) {
	mux.HandleFunc("GET /site/oauth2/authorize", h.consentPage)
	mux.HandleFunc("POST /site/oauth2/authorize", h.consent)
	mux.HandleFunc("POST /site/oauth2/access_token", func(w http.ResponseWriter, r *http.Request) {
		h.sandbox.mu.Lock()
		a := h.issue(r)
		h.sandbox.mu.Unlock()
		w.Header().Set("Cache-Control", "no-store")
		exchange{w, r}.json(a.status, a.values)
	})
}

func oauthProblem(status int, code, description string) answer {
	return answer{status: status, values: map[string]any{"error": code, "error_description": description}}
}

// asks reads the address of the consent page, and answers where nothing is left
// to be decided.
func (h *bitbucket) asks(w http.ResponseWriter, r *http.Request) (asked bitbucketAuthorization, open bool) {
	query := r.URL.Query()
	h.sandbox.mu.Lock()
	consumer, known := h.consumers[query.Get("client_id")]
	h.sandbox.mu.Unlock()
	misconfigured := func(heading string) {
		h.show(w, http.StatusBadRequest, "result", "Bitbucket", result{Heading: heading, Text: "This integration is misconfigured. Contact the vendor for assistance."})
	}
	if !known {
		misconfigured("Invalid client_id")
		return asked, false
	}
	if consumer.callback == "" {
		a := oauthProblem(http.StatusBadRequest, "invalid_request", "No callback uri defined for the OAuth client.")
		exchange{w, r}.json(a.status, a.values)
		return asked, false
	}
	to, err := url.Parse(cmp.Or(query.Get("redirect_uri"), consumer.callback))
	if err != nil || !extends(to, consumer.callback) {
		misconfigured("Invalid redirect_uri")
		return asked, false
	}
	asked = bitbucketAuthorization{consumer: consumer, back: to, state: query.Get("state"), code: bitbucketAuthCode{
		consumer: consumer.key(), redirect: query.Get("redirect_uri"),
		key: proofKey{query.Get("code_challenge"), cmp.Or(query.Get("code_challenge_method"), "plain")},
	}}
	if query.Get("response_type") != "code" {
		asked.goBack(w, r, url.Values{"error": {"unsupported_response_type"}, "error_description": {"The response type is not supported."}})
		return asked, false
	}
	return asked, true
}

// goBack leads the browser to the consumer with what came of it.
func (asked bitbucketAuthorization) goBack(w http.ResponseWriter, r *http.Request, values url.Values) {
	authorization{back: asked.back, state: asked.state}.goBack(w, r, values)
}

func (h *bitbucket) consentPage(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asks(w, r)
	if !open {
		return
	}
	show(w, 200, "consent", page{Title: "Confirm access to your account", Host: "bitbucket.org", LeadsTo: asked.back, Data: deviceForm{
		App: cmp.Or(asked.consumer.title, "gitgrant"), Scopes: asked.consumer.scopes, Accounts: h.sandbox.accounts(),
	}})
}

func (h *bitbucket) consent(w http.ResponseWriter, r *http.Request) {
	asked, open := h.asks(w, r)
	if !open {
		return
	}
	if r.PostFormValue("decision") != "approve" {
		asked.goBack(w, r, url.Values{"error": {"access_denied"}, "error_description": {"The user denied access to the application."}})
		return
	}
	h.sandbox.mu.Lock()
	code := h.sandbox.pick(base62, 18)
	asked.code.login, asked.code.expires = h.sandbox.account(r), h.sandbox.now().Add(bitbucketCodeLifetime)
	h.codes[code] = asked.code
	h.sandbox.mu.Unlock()
	asked.goBack(w, r, url.Values{"code": {code}})
}

// issue answers a request for a token. The caller holds the lock.
func (h *bitbucket) issue(r *http.Request) answer {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return oauthProblem(http.StatusBadRequest, "invalid_grant", "Unsupported grant type: None")
	}
	key, secret, basic := r.BasicAuth()
	if !basic {
		key, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	consumer, known := h.consumers[key]
	if !known || secret != consumer.secret() {
		return oauthProblem(http.StatusUnauthorized, "unauthorized_client", "Requests must be authenticated using OAuth client credentials")
	}
	switch grant := r.PostFormValue("grant_type"); grant {
	case "authorization_code":
		return h.redeem(consumer, r)
	case "refresh_token":
		return h.renew(consumer, r.PostFormValue("refresh_token"))
	case "client_credentials":
		if !consumer.private {
			return oauthProblem(http.StatusBadRequest, "unauthorized_client", "Cannot use client_credentials with a consumer that is not private.")
		}
		return h.grant(consumer, "acme-app", grant, false)
	default:
		return oauthProblem(http.StatusBadRequest, "invalid_grant", "Unsupported grant type: "+cmp.Or(grant, "None"))
	}
}

// redeem trades an authorization code for a pair, once. A redirect address that
// was asked for must be said again.
func (h *bitbucket) redeem(consumer bitbucketConsumer, r *http.Request) answer {
	text := r.PostFormValue("code")
	code, known := h.codes[text]
	delete(h.codes, text)
	switch {
	case !known, code.consumer != consumer.key(), !h.sandbox.now().Before(code.expires):
		return oauthProblem(http.StatusBadRequest, "invalid_grant", "The specified code is not valid.")
	case r.PostFormValue("redirect_uri") != code.redirect:
		return oauthProblem(http.StatusBadRequest, "invalid_grant", "The specified redirect_uri does not match the one of the authorization.")
	case !code.key.verifies(r.PostFormValue("code_verifier")):
		return oauthProblem(http.StatusBadRequest, "invalid_grant", "The specified code_verifier is not valid.")
	default:
		return h.grant(consumer, code.login, "authorization_code", true)
	}
}

// renew trades a refresh token for a new pair. The old one lives on for a
// while, so that an answer that was lost can be asked for again.
func (h *bitbucket) renew(consumer bitbucketConsumer, text string) answer {
	old, known := h.refreshes[text]
	now := h.sandbox.now()
	if !known || old.consumer != consumer.key() || consumer.refuses || ended(old.ends, now) {
		return oauthProblem(http.StatusBadRequest, "invalid_grant", "The specified refresh token is not valid.")
	}
	if end := now.Add(refreshGrace); end.Before(old.ends) {
		old.ends = end
	}
	h.refreshes[text] = old
	return h.grant(consumer, old.owner, "refresh_token", true)
}

// grant issues an access token, with a refresh token where there is a person.
func (h *bitbucket) grant(consumer bitbucketConsumer, owner, state string, refresh bool) answer {
	now := h.sandbox.now()
	scopes := slices.Clone(consumer.scopes)
	key := "scope"
	if consumer.legacy {
		key = "scopes"
	}
	values := map[string]any{
		"access_token": h.mint(bitbucketToken{kind: oauthToken, owner: owner, scopes: scopes, expires: now.Add(bitbucketLifetime)}),
		"token_type":   "bearer", "expires_in": seconds(bitbucketLifetime), "state": state, key: strings.Join(scopes, " "),
	}
	if refresh {
		text := oauthTokenStart + "Refresh" + h.sandbox.pick(base62+"-_", oauthLength-len(oauthTokenStart+"Refresh"))
		h.refreshes[text] = bitbucketRefresh{consumer: consumer.key(), owner: owner, ends: now.Add(refreshIdle)}
		values["refresh_token"] = text
	}
	return answer{status: 200, values: values}
}
