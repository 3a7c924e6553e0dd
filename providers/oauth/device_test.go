package oauth_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

const (
	deviceCode = "Dq7x-device-3fK9wB2d-end81Yt"
	access     = "gho_Aq7x-access-3fK9wB2d-end81Yt"
	refresh    = "ghr_Rq7x-refresh-3fK9wB2d-end81Yt"
)

// reply is an answer of the host. Without a status it is JSON with 200.
type reply struct {
	status   int
	body     string
	location string
	breaks   bool // the connection ends instead
}

func ok(body string) reply         { return reply{status: 200, body: body} }
func oauthError(code string) reply { return ok(`{"error":"` + code + `"}`) }

var (
	pending = oauthError("authorization_pending")
	granted = ok(`{"access_token":"` + access + `","token_type":"bearer","scope":"admin:repo_hook,repo"}`)
)

// host is a device flow whose answers are written down beforehand, with a clock
// that only moves while somebody sleeps.
type host struct {
	oauth.Device
	client *wire.Client
	now    time.Time
	pauses []time.Duration
	start  reply
	polls  []reply // the last one again and again

	started string
	polled  []string
}

func newHost(t *testing.T, start reply, polls ...reply) *host {
	t.Helper()
	h := &host{start: start, polls: polls, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	client, err := wire.New(wire.Options{Bases: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	h.start.body = strings.ReplaceAll(start.body, "SITE", server.URL)
	h.client = client
	h.Device = oauth.Device{
		Application: oauth.Application{
			Site: server.URL, TokenURL: server.URL + "/login/oauth/access_token", ID: "Ov23li",
			Now: func() time.Time { return h.now },
		},
		CodeURL: server.URL + "/login/device/code", Scopes: []string{"repo", "admin:repo_hook"},
		Sleep: func(ctx context.Context, pause time.Duration) error {
			h.pauses = append(h.pauses, pause)
			h.now = h.now.Add(pause)
			return ctx.Err()
		},
	}
	return h
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	asked := r.Method + " " + r.RequestURI + " " + r.Header.Get("Accept") + " " + r.PostForm.Encode()
	answer := h.start
	if r.URL.Path == "/login/oauth/access_token" {
		h.polled = append(h.polled, asked)
		answer = h.polls[min(len(h.polled), len(h.polls))-1]
	} else {
		h.started = asked
	}
	if answer.breaks {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
		return
	}
	if answer.location != "" {
		w.Header().Set("Location", answer.location)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if strings.HasPrefix(answer.body, "<") {
		w.Header().Set("Content-Type", "text/html")
	}
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.body)
}

// code is a code that the host has issued.
func (h *host) code(life, interval time.Duration) oauth.Code {
	return oauth.Code{Device: secret.New(deviceCode), User: "WDJB-MJHT", ExpiresAt: h.now.Add(life), Interval: interval}
}

func (h *host) name() string { return strings.TrimPrefix(h.Site, "http://") }

func codeReply(changes string) reply {
	return ok(`{"device_code":"` + deviceCode + `","user_code":"WDJB-MJHT","verification_uri":"SITE/login/device","expires_in":900,"interval":5` + changes + `}`)
}

func TestACodeIsReadAsTheHostSentIt(t *testing.T) {
	for name, test := range map[string]struct {
		reply    reply
		page     string
		complete string
		life     time.Duration
		interval time.Duration
	}{
		"as GitHub sends it":              {codeReply(``), "/login/device", "", 900 * time.Second, 5 * time.Second},
		"with an address that has it all": {codeReply(`,"verification_uri_complete":"SITE/login/device?user_code=WDJB-MJHT"`), "/login/device", "/login/device?user_code=WDJB-MJHT", 900 * time.Second, 5 * time.Second},
		"with one on another site":        {codeReply(`,"verification_uri_complete":"https://evil.example/?user_code=WDJB-MJHT"`), "/login/device", "", 900 * time.Second, 5 * time.Second},
		"by the older name":               {codeReply(`,"verification_uri":"","verification_url":"SITE/device"`), "/device", "", 900 * time.Second, 5 * time.Second},
		"by both names":                   {codeReply(`,"verification_url":"SITE/device"`), "/login/device", "", 900 * time.Second, 5 * time.Second},
		"without times":                   {codeReply(`,"expires_in":null,"interval":null`), "/login/device", "", 15 * time.Minute, 5 * time.Second},
		"with times as texts":             {codeReply(`,"expires_in":"300","interval":"7"`), "/login/device", "", 300 * time.Second, 7 * time.Second},
		"with times in parts":             {codeReply(`,"expires_in":90.5,"interval":1.5`), "/login/device", "", 90500 * time.Millisecond, 1500 * time.Millisecond},
		"with times below zero":           {codeReply(`,"expires_in":-1,"interval":-5`), "/login/device", "", 15 * time.Minute, 5 * time.Second},
		"with times of zero":              {codeReply(`,"expires_in":0,"interval":0`), "/login/device", "", 15 * time.Minute, 5 * time.Second},
		"with times beyond reason":        {codeReply(`,"expires_in":1e30,"interval":9223372036854775807`), "/login/device", "", time.Hour, time.Minute},
		"with times beyond any number":    {codeReply(`,"expires_in":1e999,"interval":"1e999"`), "/login/device", "", 15 * time.Minute, 5 * time.Second},
		"with a pause of nothing":         {codeReply(`,"interval":0.001`), "/login/device", "", 900 * time.Second, time.Second},
		"with times that are none":        {codeReply(`,"expires_in":"soon","interval":{"seconds":5}`), "/login/device", "", 15 * time.Minute, 5 * time.Second},
		"with times in a list":            {codeReply(`,"expires_in":[900],"interval":true`), "/login/device", "", 15 * time.Minute, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, test.reply)
			code, err := h.Start(t.Context(), h.client)
			if err != nil {
				t.Fatal(err)
			}
			got := []any{code.User, code.Page, code.Complete, code.ExpiresAt.Sub(h.now), code.Interval, code.Device.Reveal()}
			complete := test.complete
			if complete != "" {
				complete = h.Site + complete
			}
			if diff := cmp.Diff([]any{"WDJB-MJHT", h.Site + test.page, complete, test.life, test.interval, deviceCode}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACodeThatCannotBeShownIsRefused(t *testing.T) {
	for name, changes := range map[string]string{
		"no device code":                `,"device_code":""`,
		"no user code":                  `,"user_code":""`,
		"an escape sequence in it":      `,"user_code":"\u001b[31mAB"`,
		"a bidi override in it":         `,"user_code":"AB\u202eCD"`,
		"a space in it":                 `,"user_code":"AB CD"`,
		"letters of another script":     `,"user_code":"\u0410B-CD"`,
		"a sentence":                    `,"user_code":"` + strings.Repeat("A", 33) + `"`,
		"no page":                       `,"verification_uri":""`,
		"a page on another site":        `,"verification_uri":"https://evil.example/login/device"`,
		"a page on a site like it":      `,"verification_uri":"http://127.0.0.1.evil.example/login/device"`,
		"a page on another port":        `,"verification_uri":"http://127.0.0.1:1/login/device"`,
		"a page with a user name":       `,"verification_uri":"http://me@127.0.0.1/login/device"`,
		"a script":                      `,"verification_uri":"javascript:alert(1)"`,
		"a file":                        `,"verification_uri":"file:///usr/bin/calc"`,
		"a number where a text belongs": `,"device_code":1`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, codeReply(changes))
			_, err := h.Start(t.Context(), h.client)
			wantCause(t, err, cause.Cause{Kind: cause.NotUnderstood, Host: h.name(), Status: 200, Detail: "json"})
		})
	}
}

func TestTheHostIsAskedInTheWordsOfTheStandard(t *testing.T) {
	h := newHost(t, codeReply(``), granted)
	code, err := h.Start(t.Context(), h.client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Wait(t.Context(), h.client, code); err != nil {
		t.Fatal(err)
	}
	start := url.Values{"client_id": {"Ov23li"}, "scope": {"repo admin:repo_hook"}}
	if want := "POST /login/device/code application/json " + start.Encode(); h.started != want {
		t.Errorf("asked %q, want %q", h.started, want)
	}
	poll := url.Values{"client_id": {"Ov23li"}, "device_code": {deviceCode}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}}
	if want := []string{"POST /login/oauth/access_token application/json " + poll.Encode()}; !slices.Equal(h.polled, want) {
		t.Errorf("polled %q, want %q", h.polled, want)
	}
}

func TestARefusalToStartHasItsCause(t *testing.T) {
	for name, test := range map[string]struct {
		reply  reply
		kind   cause.Kind
		detail string
	}{
		"flow not enabled, status 200":     {oauthError("device_flow_disabled"), cause.DeviceDisabled, ""},
		"flow not enabled, status 400":     {reply{status: 400, body: `{"error":"device_flow_disabled","error_description":"Enable it.\u001b[31m"}`}, cause.DeviceDisabled, "Enable it.[31m"},
		"flow not allowed to the client":   {reply{status: 400, body: `{"error":"unauthorized_client"}`}, cause.DeviceDisabled, ""},
		"a host that does not know it":     {reply{status: 400, body: `{"error":"unsupported_grant_type"}`}, cause.DeviceDisabled, ""},
		"a bare 403":                       {reply{status: 403, body: `{}`}, cause.DeviceDisabled, ""},
		"a bare 422":                       {reply{status: 422}, cause.DeviceDisabled, ""},
		"a client id that nobody knows":    {reply{status: 404, body: `{"error":"Not Found"}`}, cause.UnknownApplication, "Not Found"},
		"a host without a device flow":     {reply{status: 404, body: "<html>Not Found"}, cause.DeviceDisabled, ""},
		"a page of something on the way":   {reply{status: 401, body: "<html>Sign in"}, cause.NotUnderstood, "html"},
		"the same as GitLab says it":       {reply{status: 401, body: `{"error":"invalid_client","error_description":"Client authentication failed."}`}, cause.UnknownApplication, "Client authentication failed."},
		"the same as GitHub says it later": {oauthError("incorrect_client_credentials"), cause.UnknownApplication, ""},
		"a scope that is not allowed":      {reply{status: 400, body: `{"error":"invalid_scope"}`}, cause.ScopeRefused, ""},
		"a reason of its own":              {reply{status: 400, body: `{"error":"x","error_description":"Ask your admin"}`}, cause.SignInRefused, "Ask your admin"},
		"a bare 400":                       {reply{status: 400, body: `{}`}, cause.NotUnderstood, "json"},
		"too many questions":               {reply{status: 429, body: `{}`}, cause.RateLimited, ""},
		"a broken host":                    {reply{status: 502, body: "<html>Bad Gateway"}, cause.ServerError, ""},
		"a page":                           {reply{status: 200, body: "<html>Sign in"}, cause.NotUnderstood, "html"},
		"nothing":                          {reply{status: 200}, cause.NotUnderstood, "empty"},
		"a form":                           {ok("device_code=" + deviceCode + "&user_code=WDJB-MJHT&interval=5"), cause.NotUnderstood, "json"},
		"an error that is no text":         {ok(`{"error":{"code":1}}`), cause.NotUnderstood, "json"},
		"a list":                           {ok(`[]`), cause.NotUnderstood, "json"},
		"ten megabytes":                    {ok(strings.Repeat(" ", 10<<20)), cause.TooLarge, ""},
		"a redirect":                       {reply{status: 302, location: "https://evil.example/login/device/code"}, cause.Redirected, "https://evil.example"},
		"a connection that breaks":         {reply{breaks: true}, cause.Broken, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, test.reply)
			_, err := h.Start(t.Context(), h.client)
			wantCause(t, err, cause.Cause{Kind: test.kind, Host: h.name(), Status: test.reply.status, Detail: test.detail})
		})
	}
}
