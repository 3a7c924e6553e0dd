package gitlab_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox/sandboxtest"
)

func TestARefusalIsReadInGitLabsWords(t *testing.T) {
	message := func(text string) string { return fmt.Sprintf(`{"message":%q}`, text) }
	plain := header{"Content-Type": "text/plain"}
	limit := func(more header) answer {
		more["Content-Type"] = "text/plain"
		return answer{429, more, "Retry later\n"}
	}
	soon := fmt.Sprint(now.Add(time.Hour).Unix())
	for name, test := range map[string]struct {
		answer answer
		want   cause.Cause
		pause  time.Duration // Until is this long after the question
	}{
		"a token that nobody knows":      {answer{401, nil, message("401 Unauthorized")}, cause.Cause{Kind: cause.Rejected, Detail: "401 Unauthorized"}, 0},
		"an expired one":                 {answer{401, nil, expired}, cause.Cause{Kind: cause.Expired, Detail: "Token is expired. You can either do re-authorization or token refresh."}, 0},
		"a revoked one":                  {answer{401, nil, revoked}, cause.Cause{Kind: cause.Revoked, Detail: "Token was revoked. You have to re-authorize from the user."}, 0},
		"impersonation that is disabled": {answer{401, nil, `{"error":"invalid_token","error_description":"Token is an impersonation token but impersonation was disabled."}`}, cause.Cause{Kind: cause.Restricted, Detail: "Token is an impersonation token but impersonation was disabled."}, 0},
		"a proof of possession":          {answer{401, nil, `{"error":"dpop_error","error_description":"DPoP validation error: DPoP header is missing"}`}, cause.Cause{Kind: cause.Restricted, Detail: "DPoP validation error: DPoP header is missing"}, 0},
		"a 401 for another reason":       {answer{401, nil, `{"error":"restricted_language_server_client_error","error_description":"Requests from this client are not allowed"}`}, cause.Cause{Kind: cause.Rejected, Detail: "Requests from this client are not allowed"}, 0},
		"a proxy's 401":                  {answer{401, header{"Content-Type": "text/html"}, "<html>Sign in"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"a gateway's own sign-in":        {answer{401, nil, message("Unauthorized")}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a gateway that forbids":         {answer{403, nil, `{"error":"Forbidden"}`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a 401 without a word":           {answer{401, nil, `{}`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a blocked owner":                {answer{403, nil, message("403 Forbidden - Your account has been blocked.")}, cause.Cause{Kind: cause.Restricted, Detail: "Your account has been blocked."}, 0},
		"a bare 403":                     {answer{403, nil, message("403 Forbidden")}, cause.Cause{Kind: cause.Restricted, Detail: "403 Forbidden"}, 0},
		"an address that is banned":      {answer{403, plain, "Forbidden\n"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "other"}, 0},
		"a limit with a pause":           {limit(header{"Retry-After": "40", "RateLimit-Reset": soon}), cause.Cause{Kind: cause.RateLimited}, 40 * time.Second},
		"a limit with a very long pause": {limit(header{"Retry-After": "99999999999"}), cause.Cause{Kind: cause.RateLimited}, 24 * time.Hour},
		"a limit with a pause below 0":   {limit(header{"Retry-After": "-1"}), cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"a limit with its end":           {limit(header{"RateLimit-Reset": soon}), cause.Cause{Kind: cause.RateLimited}, time.Hour},
		"a limit that has ended":         {limit(header{"RateLimit-Reset": "1"}), cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"a limit without an end":         {limit(header{"RateLimit-Reset": "9223372036854775807"}), cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"a limit that tells nothing":     {limit(header{}), cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"a broken gateway":               {answer{502, header{"Content-Type": "text/html"}, "<html>"}, cause.Cause{Kind: cause.ServerError}, 0},
		"a host at rest":                 {answer{503, nil, message("503 Service Unavailable")}, cause.Cause{Kind: cause.ServerError}, 0},
		"a page for an answer":           {answer{200, header{"Content-Type": "text/html"}, "<html>Sign in to the Wi-Fi"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"nothing for an answer":          {answer{200, nil, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"an answer without scopes":       {answer{200, nil, `{"id":42,"user_id":8}`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"an answer of null":              {answer{200, nil, `null`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"an empty 204":                   {answer{204, nil, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"a redirect":                     {answer{302, header{"Location": "https://evil.example/user"}, ""}, cause.Cause{Kind: cause.Redirected, Detail: "https://evil.example"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atSelf: test.answer}}
			h, c := s.at(t)
			_, err := gitlab.Server().Inspect(t.Context(), c, h, cred(token, providers.PAT))
			got := causeOf(t, err)
			if test.pause > 0 {
				test.want.Until = now.Add(test.pause)
			}
			test.want.Host, test.want.Status = sandboxtest.NameOf(h), test.answer.status
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if found := canary.Search(token, map[string][]byte{"error": fmt.Appendf(nil, "%v %+v", err, got)}); found != nil {
				t.Error(found)
			}
		})
	}
}

func causeOf(t *testing.T, err error) cause.Cause {
	t.Helper()
	var got cause.Cause
	if !errors.As(err, &got) {
		t.Fatalf("error is %v", err)
	}
	return got
}

func TestTheAPISaysWhyWhereTokenInfoDoesNot(t *testing.T) {
	for name, test := range map[string]struct {
		user answer
		want cause.Kind
	}{
		"an expired OAuth token":  {answer{401, nil, expired}, cause.Expired},
		"a revoked OAuth token":   {answer{401, nil, revoked}, cause.Revoked},
		"an unknown one":          {answer{401, nil, `{"message":"401 Unauthorized"}`}, cause.Rejected},
		"one of a blocked owner":  {answer{403, nil, `{"message":"403 Forbidden - Your account has been blocked."}`}, cause.Restricted},
		"an owner without a name": {ok(`{"username":"\u202e"}`), cause.NotUnderstood},
		"an owner of null":        {ok(`null`), cause.NotUnderstood},
		"a broken gateway":        {answer{502, nil, ""}, cause.ServerError},
		"something else's API":    {answer{404, header{"Content-Type": "text/html"}, "<html>"}, cause.WrongHost},
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{400, 401} {
				s := &server{answers: map[string]answer{atInfo: {status, nil, invalid}, atUser: test.user}}
				h, c := s.at(t)
				_, err := gitlab.Server().Inspect(t.Context(), c, h, cred(token, providers.Device))
				if got := causeOf(t, err); got.Kind != test.want {
					t.Errorf("it is %+v", got)
				}
			}
		})
	}
}

func TestTokenInfoThatCannotBeAskedSaysNothingOfTheToken(t *testing.T) {
	for name, test := range map[string]struct {
		info answer
		want cause.Kind
	}{
		"a limit":          {answer{429, nil, "Retry later"}, cause.RateLimited},
		"a broken gateway": {answer{502, nil, ""}, cause.ServerError},
		"a ban":            {answer{403, header{"Content-Type": "text/plain"}, "Forbidden"}, cause.NotUnderstood},
		"a page":           {answer{200, header{"Content-Type": "text/html"}, "<html>"}, cause.NotUnderstood},
		"no scopes":        {ok(`{"expires_in":7200}`), cause.NotUnderstood},
		"a sign-in page":   {answer{302, header{"Location": "https://login.example/"}, ""}, cause.Redirected},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atInfo: test.info, atUser: ok(robot)}}
			h, c := s.at(t)
			_, err := gitlab.Server().Inspect(t.Context(), c, h, cred(token, providers.Device))
			if got := causeOf(t, err); got.Kind != test.want {
				t.Errorf("it is %+v", got)
			}
		})
	}
}
