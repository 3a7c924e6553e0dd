package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	oauthLifetime          = 2 * time.Hour
	gitLabDeviceLifetime   = 5 * time.Minute
	gitLabAuthCodeLifetime = 10 * time.Minute
)

// gitLabDevice is one sign-in on a device that was started.
type gitLabDevice struct {
	waiting
	app    gitLabApp
	client string
	polled time.Time
	polls  []answer
}

func (h *gitLab) registerOAuth(mux *http.ServeMux) {
	answering := func(pattern string, serve func(*http.Request) answer) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			h.sandbox.mu.Lock()
			a := serve(r)
			h.sandbox.mu.Unlock()
			a.sendDoorkeeper(w, r)
		})
	}
	answering("POST /oauth/authorize_device", h.authorizeDevice)
	answering("POST /oauth/token", h.issueToken)
	answering("POST /oauth/revoke", h.revokeToken)
	answering("POST /oauth/introspect", h.introspect)
	mux.HandleFunc("GET /oauth/token/info", h.tokenInfo)
	mux.HandleFunc("GET /oauth/authorize", h.consentPage)
	mux.HandleFunc("POST /oauth/authorize", h.consent)
}

var doorkeeperErrors = map[string]string{
	"authorization_pending":         "The authorization request is still pending as the end user hasn't yet completed the user interaction steps.",
	"slow_down":                     "The authorization request is still pending and polling should continue, but the interval must be increased.",
	"expired_token":                 "The device_code has expired, and the device authorization session has concluded.",
	"access_denied":                 "The resource owner or authorization server denied the request.",
	"invalid_request":               "The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.",
	"invalid_redirect_uri":          "The requested redirect uri is malformed or doesn't match client redirect URI.",
	"invalid_client":                "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
	"invalid_grant":                 "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
	"invalid_scope":                 "The requested scope is invalid, unknown, or malformed.",
	"invalid_token":                 "The access token is invalid",
	"invalid_code_challenge_method": "The code challenge method must be plain or S256.",
	"unauthorized_client":           "You are not authorized to revoke this token",
	"unsupported_grant_type":        "The authorization grant type is not supported by the authorization server.",
	"unsupported_response_type":     "The authorization server does not support this response type.",
}

// doorkeeperError is an error as GitLab's OAuth server tells it, with the
// statuses of RFC 6749.
func doorkeeperError(code string) answer {
	status := http.StatusBadRequest
	switch code {
	case "invalid_client", "invalid_token":
		status = http.StatusUnauthorized
	case "unauthorized_client":
		status = http.StatusForbidden
	}
	return answer{status: status, values: map[string]any{"error": code, "error_description": doorkeeperErrors[code]}}
}

func (a answer) sendDoorkeeper(w http.ResponseWriter, r *http.Request) {
	if a.raw != nil {
		a.raw(w)
		return
	}
	if code, failed := a.values["error"]; failed {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="Doorkeeper", error="%s", error_description="%s"`, code, a.values["error_description"]))
	}
	w.Header().Set("Cache-Control", "no-store")
	exchange{w, r}.json(a.status, a.values)
}

// clientOf is the application that a request comes from. A public one needs no
// more than its id.
func (h *gitLab) clientOf(r *http.Request) (id string, a gitLabApp, ok bool) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	a, ok = h.apps[id]
	return id, a, ok && a.proves(secret)
}

// askedScopes are the scopes of a request; none means api, GitLab's default.
func askedScopes(list string) []string {
	scopes := slices.Compact(strings.Fields(list))
	if len(scopes) == 0 {
		return []string{"api"}
	}
	return scopes
}

func (h *gitLab) authorizeDevice(r *http.Request) answer {
	s := h.sandbox
	client, a, ok := h.clientOf(r)
	scopes := askedScopes(r.PostFormValue("scope"))
	switch {
	case !ok:
		return doorkeeperError("invalid_client")
	case a.start != nil:
		return *a.start
	case !a.allows(scopes):
		return doorkeeperError("invalid_scope")
	}
	now := s.now()
	maps.DeleteFunc(h.devices, func(_ string, d *gitLabDevice) bool { return now.After(d.expires.Add(gitLabDeviceLifetime)) })

	lifetime := gitLabDeviceLifetime
	if a.lifetime != 0 {
		lifetime = a.lifetime
	}
	d := &gitLabDevice{
		waiting: waiting{userCode: s.pick("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 8), scopes: scopes, expires: now.Add(lifetime)},
		app:     a, client: client, polls: a.polls,
	}
	if s.options.Approve == Auto {
		d.decide(s.options.Login, true)
	}
	code := s.pick(base62, 43)
	h.devices[code] = d
	page := h.webURL(r) + "/oauth/device"
	values := map[string]any{
		"device_code": code, "user_code": d.userCode, "verification_uri": page, "verification_uri_complete": page + "?user_code=" + d.userCode,
		"expires_in": seconds(lifetime), "interval": seconds(s.options.Interval),
	}
	if a.edit != nil {
		a.edit(values)
	}
	return answer{status: 200, values: values}
}

func (h *gitLab) issueToken(r *http.Request) answer {
	client, a, ok := h.clientOf(r)
	if !ok {
		return doorkeeperError("invalid_client")
	}
	switch r.PostFormValue("grant_type") {
	case deviceGrant:
		return h.poll(client, r.PostFormValue("device_code"))
	case "authorization_code":
		return h.redeem(client, r)
	case "refresh_token":
		return h.renew(client, a, r.PostFormValue("refresh_token"))
	default:
		return doorkeeperError("unsupported_grant_type")
	}
}

// poll answers a device. GitLab forgets a code with the first answer that it
// has run out, and slow_down leaves the interval as it is.
func (h *gitLab) poll(client, code string) answer {
	d := h.devices[code]
	if d == nil || d.client != client {
		return doorkeeperError("invalid_grant")
	}
	now, interval := h.sandbox.now(), h.sandbox.options.Interval
	if !now.Before(d.expires) {
		delete(h.devices, code)
		return doorkeeperError("expired_token")
	}
	// A tenth is left to a network that carries one poll faster than the last.
	if now.Sub(d.polled) < interval-interval/10 {
		return doorkeeperError("slow_down")
	}
	d.polled = now
	if len(d.polls) > 0 {
		next := d.polls[0]
		d.polls = d.polls[1:]
		return next
	}
	switch {
	case !d.decided:
		return doorkeeperError("authorization_pending")
	case !d.approved:
		return doorkeeperError("access_denied")
	default:
		delete(h.devices, code)
		return h.pair(gitLabToken{owner: d.login, scopes: d.scopes, client: client})
	}
}

// pair issues an access token with its refresh token.
func (h *gitLab) pair(t gitLabToken) answer {
	access := h.bare()
	t.refresh, t.created = h.bare(), h.sandbox.now()
	t.expires = t.created.Add(oauthLifetime)
	h.add(access, t)
	return answer{status: 200, values: map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": seconds(oauthLifetime), "refresh_token": t.refresh,
		"scope": strings.Join(t.scopes, " "), "created_at": t.created.Unix(),
	}}
}

// renew trades a refresh token for a new pair. The old pair lives on until the
// new access token is used.
func (h *gitLab) renew(client string, a gitLabApp, refresh string) answer {
	for access, t := range h.tokens {
		if refresh != "" && t.refresh == refresh && t.client == client && !t.revoked && !a.refuses {
			return h.pair(gitLabToken{owner: t.owner, scopes: t.scopes, client: client, previous: access})
		}
	}
	return doorkeeperError("invalid_grant")
}

// revokeToken takes either token of a pair, and says yes to what it does not know
// once it knows who asks.
func (h *gitLab) revokeToken(r *http.Request) answer {
	client, _, ok := h.clientOf(r)
	if !ok {
		return doorkeeperError("unauthorized_client")
	}
	token := r.PostFormValue("token")
	for access, t := range h.tokens {
		if !t.oauth() || token == "" || access != token && t.refresh != token {
			continue
		}
		if t.client != client {
			return doorkeeperError("unauthorized_client")
		}
		t.revoked = true
		h.tokens[access] = t
	}
	return answer{status: 200, values: map[string]any{}}
}

// tokenInfo is what an OAuth token says of itself. Older versions of GitLab
// refuse with 400, newer ones with 401, and neither says why.
func (h *gitLab) tokenInfo(w http.ResponseWriter, r *http.Request) {
	t, known := h.use(gitLabCredential(r))
	if !known || !t.oauth() || !h.alive(t) {
		refusal := doorkeeperError("invalid_token")
		if h.provider == gitLabServer {
			refusal = doorkeeperError("invalid_request")
		}
		refusal.sendDoorkeeper(w, r)
		return
	}
	left := seconds(t.expires.Sub(h.sandbox.now()))
	answer{status: 200, values: map[string]any{
		"resource_owner_id": gitLabUserOf(t.owner).id, "application": map[string]string{"uid": t.client}, "created_at": t.created.Unix(),
		"scope": t.scopes, "scopes": t.scopes, "expires_in": left, "expires_in_seconds": left,
	}}.sendDoorkeeper(w, r)
}

func (h *gitLab) decide(userCode, login string, approved bool) bool {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	d := h.waiting(userCode)
	if d != nil {
		d.decide(login, approved)
	}
	return d != nil
}

// waiting is the undecided sign-in behind a user code, nil where there is
// none. The caller holds the lock.
func (h *gitLab) waiting(userCode string) *gitLabDevice {
	now := h.sandbox.now()
	for _, d := range h.devices {
		if d.takes(userCode, now) {
			return d
		}
	}
	return nil
}
