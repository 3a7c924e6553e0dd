package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	deviceGrant     = "urn:ietf:params:oauth:grant-type:device_code"
	codeLifetime    = 15 * time.Minute
	accessLifetime  = 8 * time.Hour
	refreshLifetime = 184 * day
	slowDownBy      = 5 * time.Second
)

// device is one sign-in that was started.
type device struct {
	waiting
	app      *app
	client   string
	offline  bool
	interval time.Duration
	polled   time.Time
	polls    []pollAnswer
	web      bool // signed in to through the web flow
}

// refresh is what stands behind a refresh token.
type refresh struct {
	app     *app
	grant   grant
	access  string
	expires time.Time
	web     bool // its renewal wants the secret of the application
}

func (h *gitHub) registerOAuth(mux *http.ServeMux) {
	mux.HandleFunc("POST /login/device/code", func(w http.ResponseWriter, r *http.Request) {
		h.deviceCode(r).send(w, r)
	})
	mux.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
		h.accessToken(r).send(w, r)
	})
}

// send writes JSON where the client asks for it, and a form where not.
func (a answer) send(w http.ResponseWriter, r *http.Request) {
	if a.raw != nil {
		a.raw(w)
		return
	}
	var contentType, text string
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		body, _ := json.Marshal(a.values) // texts and numbers always marshal
		contentType, text = "application/json; charset=utf-8", string(body)
	} else {
		form := url.Values{}
		for name, value := range a.values {
			form.Set(name, fmt.Sprint(value))
		}
		contentType, text = "application/x-www-form-urlencoded; charset=utf-8", form.Encode()
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, text)
}

var oauthErrors = map[string]string{
	"authorization_pending":        "The authorization request is still pending.",
	"slow_down":                    "Too many requests have been made in the same timeframe.",
	"expired_token":                "This 'device_code' has expired.",
	"token_expired":                "This 'device_code' has expired.",
	"access_denied":                "The authorization request was denied.",
	"incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
	"incorrect_device_code":        "The device_code provided is not valid.",
	"unsupported_grant_type":       "The grant_type provided is not supported.",
	"device_flow_disabled":         "Device Flow must be explicitly enabled for this App.",
	"invalid_scope":                "The scopes requested are not valid for this application.",
	"bad_verification_code":        "The code passed is incorrect or expired.",
	"redirect_uri_mismatch":        "The redirect_uri MUST match the registered callback URL for this application.",
	"bad_refresh_token":            "The refresh token passed is incorrect or expired.",
}

// oauthError is an error as GitHub tells it: with status 200.
func oauthError(code string) answer {
	return answer{status: 200, values: map[string]any{
		"error": code, "error_description": oauthErrors[code],
		"error_uri": "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow",
	}}
}

func always(a answer) pollAnswer { return func(*device) answer { return a } }

// slowDown asks for longer pauses and tells the new interval, as GitHub does.
func slowDown(d *device) answer {
	a := slowDownBare(d)
	a.values["interval"] = seconds(d.interval)
	return a
}

// slowDownBare asks for longer pauses and leaves the sum to the client, as RFC
// 8628 has it.
func slowDownBare(d *device) answer {
	d.interval += slowDownBy
	return oauthError("slow_down")
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func (h *gitHub) deviceCode(r *http.Request) answer {
	s := h.sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	client := r.PostFormValue("client_id")
	a := h.apps[client]
	if a == nil {
		return answer{status: 404, values: map[string]any{"error": "Not Found"}}
	}
	if a.start != nil {
		return *a.start
	}
	if a.barred(r.PostFormValue("scope")) {
		return oauthError("invalid_scope")
	}
	now := s.now()
	maps.DeleteFunc(h.devices, func(_ string, d *device) bool { return now.After(d.expires.Add(codeLifetime)) })

	asked := splitScopes(r.PostFormValue("scope"))
	d := &device{
		waiting: waiting{
			userCode: s.pick("BCDFGHJKLMNPQRSTVWXZ", 4) + "-" + s.pick("BCDFGHJKLMNPQRSTVWXZ", 4),
			scopes:   normalized(asked), expires: now.Add(codeLifetime),
		},
		app: a, client: client, offline: slices.Contains(asked, "offline_access") && h.provider == cloud,
		interval: s.options.Interval, polls: a.polls,
	}
	if a.lifetime != 0 {
		d.expires = now.Add(a.lifetime)
	}
	if s.options.Approve == Auto {
		d.decide(s.options.Login, true)
	}
	code := s.pick("0123456789abcdef", 40)
	h.devices[code] = d
	values := map[string]any{
		"device_code": code, "user_code": d.userCode, "verification_uri": h.webURL(r) + "/login/device",
		"expires_in": seconds(d.expires.Sub(now)), "interval": seconds(d.interval),
	}
	if a.edit != nil {
		a.edit(values)
	}
	return answer{status: 200, values: values}
}

func (h *gitHub) accessToken(r *http.Request) answer {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	client := r.PostFormValue("client_id")
	if h.apps[client] == nil {
		return oauthError("incorrect_client_credentials")
	}
	switch r.PostFormValue("grant_type") {
	case deviceGrant:
		return h.poll(client, r.PostFormValue("device_code"))
	case "refresh_token":
		return h.renew(client, r)
	case "", "authorization_code": // the web flow needs no name
		return h.redeem(client, r)
	default:
		return oauthError("unsupported_grant_type")
	}
}

func (h *gitHub) poll(client, code string) answer {
	d := h.devices[code]
	if d == nil || d.client != client {
		return oauthError("incorrect_device_code")
	}
	now := h.sandbox.now()
	if !now.Before(d.expires) {
		return oauthError("expired_token")
	}
	// A tenth is left to a network that carries one poll faster than the last.
	early := now.Sub(d.polled) < d.interval-d.interval/10
	d.polled = now
	if early {
		return slowDown(d)
	}
	if len(d.polls) > 0 {
		next := d.polls[0]
		d.polls = d.polls[1:]
		return next(d)
	}
	switch {
	case !d.decided:
		return oauthError("authorization_pending")
	case !d.approved:
		return oauthError("access_denied")
	default:
		delete(h.devices, code)
		return h.issue(d)
	}
}

// issue mints what an approved sign-in earns.
func (h *gitHub) issue(d *device) answer {
	g := grant{kind: oauthApp, login: d.login, client: d.client}
	if d.app.gitHubApp {
		g.kind, g.contents = appUser, write
	} else {
		g.scopes = slices.DeleteFunc(slices.Clone(d.scopes), func(scope string) bool { return scope == d.app.withholds })
	}
	return h.pair(d.app, g, d.app.expiring || d.offline, d.web)
}

// pair mints an access token, and where it expires a refresh token.
func (h *gitHub) pair(a *app, g grant, expiring, web bool) answer {
	now := h.sandbox.now()
	if expiring {
		g.expires = now.Add(accessLifetime)
	}
	access := h.mint(g)
	values := map[string]any{
		"access_token": access, "token_type": "bearer", "scope": strings.Join(g.scopes, ","),
	}
	if expiring {
		token := "ghr_" + h.sandbox.pick(base62, 76)
		h.refreshes[token] = &refresh{app: a, grant: g, access: access, expires: now.Add(refreshLifetime), web: web}
		values["refresh_token"] = token
		values["expires_in"] = seconds(accessLifetime)
		values["refresh_token_expires_in"] = seconds(refreshLifetime)
	}
	return answer{status: 200, values: values}
}

// renew trades a refresh token for a new pair; the old pair is dead at once.
// What came from the web flow wants the secret of the application again.
func (h *gitHub) renew(client string, r *http.Request) answer {
	token := r.PostFormValue("refresh_token")
	old := h.refreshes[token]
	if old != nil && old.web && !h.trusts(client, r) {
		return oauthError("incorrect_client_credentials")
	}
	if old == nil || old.grant.client != client || old.app.refuses || !h.sandbox.now().Before(old.expires) {
		return oauthError("bad_refresh_token")
	}
	delete(h.refreshes, token)
	delete(h.grants, old.access)
	return h.pair(old.app, old.grant, true, old.web)
}

// waiting is the undecided sign-in behind a user code, nil where there is
// none. The caller holds the lock.
func (h *gitHub) waiting(userCode string) *device {
	now := h.sandbox.now()
	for _, d := range h.devices {
		if d.takes(userCode, now) {
			return d
		}
	}
	return nil
}

func (h *gitHub) decide(userCode, login string, approved bool) bool {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	d := h.waiting(userCode)
	if d != nil {
		d.decide(login, approved)
	}
	return d != nil
}
