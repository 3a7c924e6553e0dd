package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// wantCause holds an error against a cause, and looks for secrets in it.
func wantCause(t *testing.T, err error, want cause.Cause) {
	t.Helper()
	var got cause.Cause
	if !errors.As(err, &got) {
		t.Fatalf("error is %v, want %v", err, want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, hidden := range []string{deviceCode, access, refresh} {
		if found := canary.Search(hidden, map[string][]byte{"error": fmt.Appendf(nil, "%v %+v", err, err)}); found != nil {
			t.Error(found)
		}
	}
}

func seconds(n ...int) []time.Duration {
	var all []time.Duration
	for _, s := range n {
		all = append(all, time.Duration(s)*time.Second)
	}
	return all
}

func TestPollingGoesOnUntilThePersonHasDecided(t *testing.T) {
	for name, test := range map[string]struct {
		polls  []reply
		pauses []time.Duration
	}{
		"at once":                                  {[]reply{granted}, seconds(5)},
		"after a while":                            {[]reply{pending, pending, granted}, seconds(5, 5, 5)},
		"with pending as an error of HTTP":         {[]reply{{status: 400, body: `{"error":"authorization_pending"}`}, granted}, seconds(5, 5)},
		"slower":                                   {[]reply{oauthError("slow_down"), pending, granted}, seconds(5, 10, 10)},
		"slower and slower":                        {[]reply{oauthError("slow_down"), oauthError("slow_down"), granted}, seconds(5, 10, 15)},
		"slower as an error of HTTP":               {[]reply{{status: 400, body: `{"error":"slow_down"}`}, granted}, seconds(5, 10)},
		"as slow as the host says":                 {[]reply{ok(`{"error":"slow_down","interval":10}`), granted}, seconds(5, 10)},
		"as slow as the host says, if longer":      {[]reply{ok(`{"error":"slow_down","interval":"30"}`), granted}, seconds(5, 30)},
		"not faster because the host says so":      {[]reply{ok(`{"error":"slow_down","interval":1}`), granted}, seconds(5, 10)},
		"not slower than a minute":                 {[]reply{ok(`{"error":"slow_down","interval":1e30}`), oauthError("slow_down"), granted}, seconds(5, 60, 60)},
		"not because of a pause that is no number": {[]reply{ok(`{"error":"slow_down","interval":{}}`), granted}, seconds(5, 10)},
		"through a broken connection":              {[]reply{{breaks: true}, {breaks: true}, granted}, seconds(5, 5, 5)},
		"through a broken host":                    {[]reply{{status: 502, body: "<html>Bad Gateway"}, {status: 500}, {status: 503, body: `{"error":"access_denied"}`}, granted}, seconds(5, 10, 15, 20)},
		"through a limit":                          {[]reply{{status: 429, body: `{}`}, granted}, seconds(5, 10)},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, reply{}, test.polls...)
			token, err := h.Wait(t.Context(), h.client, h.code(15*time.Minute, 5*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			if token.Access.Reveal() != access || !token.Refresh.Empty() || !token.ExpiresAt.IsZero() {
				t.Errorf("%q %q %v", token.Access.Reveal(), token.Refresh.Reveal(), token.ExpiresAt)
			}
			if want := []string{"admin:repo_hook", "repo"}; !slices.Equal(token.Scopes, want) {
				t.Errorf("scopes %q", token.Scopes)
			}
			if diff := cmp.Diff(test.pauses, h.pauses); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADecisionEndsThePolling(t *testing.T) {
	for name, test := range map[string]struct {
		reply  reply
		kind   cause.Kind
		detail string
	}{
		"denied":                         {oauthError("access_denied"), cause.Denied, ""},
		"denied as an error of HTTP":     {reply{status: 400, body: `{"error":"access_denied","error_description":"The user\u202e said no"}`}, cause.Denied, "The user said no"},
		"run out":                        {oauthError("expired_token"), cause.CodeExpired, ""},
		"run out, as the table says":     {oauthError("token_expired"), cause.CodeExpired, ""},
		"run out some time ago":          {reply{status: 400, body: `{"error":"invalid_grant"}`}, cause.CodeExpired, ""},
		"switched off meanwhile":         {oauthError("device_flow_disabled"), cause.DeviceDisabled, ""},
		"a code that is not its own":     {oauthError("incorrect_device_code"), cause.SignInRefused, "incorrect_device_code"},
		"an application that is gone":    {reply{status: 401, body: `{"error":"invalid_client"}`}, cause.UnknownApplication, ""},
		"a page of something on the way": {reply{status: 403, body: "<html>Not Found"}, cause.NotUnderstood, "html"},
		"a page":                         {reply{status: 200, body: "<html>Sign in to the Wi-Fi"}, cause.NotUnderstood, "html"},
		"a form":                         {ok("access_token=" + access + "&scope=repo&token_type=bearer"), cause.NotUnderstood, "json"},
		"a form with an error":           {ok("error=authorization_pending"), cause.NotUnderstood, "json"},
		"nothing":                        {reply{status: 200}, cause.NotUnderstood, "empty"},
		"no token":                       {ok(`{}`), cause.NotUnderstood, "json"},
		"an empty token":                 {ok(`{"access_token":""}`), cause.NotUnderstood, "json"},
		"a token that is a number":       {ok(`{"access_token":1}`), cause.NotUnderstood, "json"},
		"a token with a line break":      {ok(`{"access_token":"` + access + `\r\nX-Evil: 1"}`), cause.NotUnderstood, "json"},
		"a refresh token with a space":   {ok(`{"access_token":"` + access + `","refresh_token":"` + refresh + ` x"}`), cause.NotUnderstood, "json"},
		"a token beside a bare 400":      {reply{status: 400, body: granted.body}, cause.NotUnderstood, "json"},
		"a redirect":                     {reply{status: 307, location: "https://evil.example/"}, cause.Redirected, "https://evil.example"},
		"a body without end":             {ok(strings.Repeat(" ", 2<<20)), cause.TooLarge, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, reply{}, pending, test.reply, granted)
			token, err := h.Wait(t.Context(), h.client, h.code(15*time.Minute, 5*time.Second))
			wantCause(t, err, cause.Cause{Kind: test.kind, Host: h.name(), Status: test.reply.status, Detail: test.detail})
			if !token.Access.Empty() || len(h.polled) != 2 {
				t.Errorf("after %d polls: %v", len(h.polled), token)
			}
		})
	}
}

func TestACertificateThatIsNotGoodEndsThePolling(t *testing.T) {
	h := newHost(t, reply{}, granted)
	h.TokenURL = strings.Replace(h.TokenURL, "http:", "https:", 1)
	client, err := wire.New(wire.Options{Bases: []string{h.TokenURL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	_, err = h.Wait(t.Context(), client, h.code(time.Minute, 5*time.Second))
	wantCause(t, err, cause.Cause{Kind: cause.TLS, Host: h.name()})
}

func TestATokenComesWithItsFacts(t *testing.T) {
	for name, test := range map[string]struct {
		reply   string
		scopes  []string
		refresh string
		life    time.Duration // 0: it does not end
	}{
		"one that ends":               {`"expires_in":28800,"refresh_token":"` + refresh + `","scope":"repo"`, []string{"repo"}, refresh, 8 * time.Hour},
		"an end as a text":            {`"expires_in":"7200","scope":"api read_repository"`, []string{"api", "read_repository"}, "", 2 * time.Hour},
		"an end below zero":           {`"expires_in":-1`, nil, "", 0},
		"an end of null":              {`"expires_in":null,"refresh_token":null,"scope":null`, nil, "", 0},
		"an end that is no number":    {`"expires_in":"never"`, nil, "", 0},
		"an end beyond reason":        {`"expires_in":1e300`, nil, "", 1e9 * time.Second},
		"no scope":                    {`"scope":""`, nil, "", 0},
		"commas and spaces":           {`"scope":" repo, ,gist,,user:email "`, []string{"repo", "gist", "user:email"}, "", 0},
		"scopes that are not clean":   {`"scope":"re\u001b[31mpo,\u202e,gi\u200bst"`, []string{"re[31mpo", "gist"}, "", 0},
		"more scopes than a text has": {`"scope":"` + strings.TrimSuffix(strings.Repeat("read:something ", 50), " ") + `"`, slices.Repeat([]string{"read:something"}, 50), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, reply{}, ok(`{"access_token":"`+access+`",`+test.reply+`}`))
			token, err := h.Wait(t.Context(), h.client, h.code(15*time.Minute, 5*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.scopes, token.Scopes); diff != "" {
				t.Error(diff)
			}
			if token.Refresh.Reveal() != test.refresh {
				t.Errorf("refresh token %q", token.Refresh.Reveal())
			}
			var want time.Time
			if test.life > 0 {
				want = h.now.Add(test.life)
			}
			if !token.ExpiresAt.Equal(want) {
				t.Errorf("ends %v, want %v", token.ExpiresAt, want)
			}
		})
	}
}

func TestACodeEndsByTheClockAfterALastQuestion(t *testing.T) {
	for name, test := range map[string]struct {
		life   time.Duration
		polls  []reply
		pauses []time.Duration
		want   cause.Kind
	}{
		"nobody decided":         {12 * time.Second, []reply{pending}, seconds(5, 5, 2), cause.CodeExpired},
		"just in time":           {12 * time.Second, []reply{pending, pending, granted}, seconds(5, 5, 2), ""},
		"the network is gone":    {12 * time.Second, []reply{{breaks: true}}, seconds(5, 5, 2), cause.CodeExpired},
		"the host is broken":     {12 * time.Second, []reply{{status: 503}}, seconds(5, 7), cause.CodeExpired},
		"the host slows down":    {30 * time.Second, []reply{oauthError("slow_down")}, seconds(5, 10, 15), cause.CodeExpired},
		"it had ended before":    {-time.Hour, []reply{pending}, seconds(0), cause.CodeExpired},
		"denied at the last":     {5 * time.Second, []reply{oauthError("access_denied")}, seconds(5), cause.Denied},
		"a pause beyond its end": {5 * time.Second, []reply{granted}, seconds(5), ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, reply{}, test.polls...)
			_, err := h.Wait(t.Context(), h.client, h.code(test.life, 5*time.Second))
			if test.want == "" && err != nil || test.want != "" && !cause.Is(err, test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
			if test.want == cause.CodeExpired {
				wantCause(t, err, cause.Cause{Kind: cause.CodeExpired, Host: h.name()})
			}
			if diff := cmp.Diff(test.pauses, h.pauses); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPersonWhoLeavesEndsThePolling(t *testing.T) {
	t.Run("while it sleeps", func(t *testing.T) {
		h := newHost(t, reply{}, pending)
		ctx, leave := context.WithCancel(t.Context())
		h.Sleep = nil // the real one, for an hour
		leave()
		if _, err := h.Wait(ctx, h.client, h.code(2*time.Hour, time.Hour)); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("while it asks", func(t *testing.T) {
		h := newHost(t, reply{}, pending)
		ctx, leave := context.WithCancel(t.Context())
		h.Sleep = func(context.Context, time.Duration) error {
			leave()
			return nil
		}
		if _, err := h.Wait(ctx, h.client, h.code(time.Hour, 5*time.Second)); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestWithoutAClockOfItsOwnItUsesTheRealOne(t *testing.T) {
	h := newHost(t, codeReply(``), granted)
	h.Now, h.Sleep = nil, nil
	code, err := h.Start(t.Context(), h.client)
	if err != nil {
		t.Fatal(err)
	}
	if code.ExpiresAt.Before(time.Now()) {
		t.Errorf("the code ended %v", code.ExpiresAt)
	}
	code.Interval = time.Nanosecond
	if token, err := h.Wait(t.Context(), h.client, code); err != nil || token.Access.Reveal() != access {
		t.Errorf("%v %v", token, err)
	}
}

func TestACodeAndATokenPrintNoSecret(t *testing.T) {
	h := newHost(t, codeReply(``), ok(`{"access_token":"`+access+`","refresh_token":"`+refresh+`"}`))
	code, err := h.Start(t.Context(), h.client)
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.Wait(t.Context(), h.client, code)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][]byte{"printed": fmt.Appendf(nil, "%v %+v %#v %v %+v %#v", code, code, code, token, token, token)}
	for _, hidden := range []string{deviceCode, access, refresh} {
		if found := canary.Search(hidden, places); found != nil {
			t.Error(found)
		}
	}
}
