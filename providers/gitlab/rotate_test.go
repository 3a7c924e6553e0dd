package gitlab_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/wire"
)

// answering is a GitLab that gives one answer to everything.
func answering(t *testing.T, status int, body string) (*wire.Client, providers.Host) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, providers.Host{URL: server.URL, WebURL: server.URL, APIURL: server.URL + "/api/v4"}
}

func TestOnlyATokenThatIsDeadCountsAsRevoked(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		good   bool
		noAPI  bool
	}{
		"revoked now":              {http.StatusNoContent, "", true, false},
		"revoked before":           {http.StatusUnauthorized, `{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}`, true, false},
		"expired before":           {http.StatusUnauthorized, `{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}`, true, false},
		"unknown to the host":      {http.StatusUnauthorized, `{"message":"401 Unauthorized"}`, true, false},
		"a DPoP proof is missing":  {http.StatusUnauthorized, `{"error":"dpop_error","error_description":"DPoP validation error: no header"}`, false, false},
		"a proxy wants a sign-in":  {http.StatusUnauthorized, "<html>sign in</html>", false, false},
		"a permission is missing":  {http.StatusForbidden, `{"error":"insufficient_granular_scope","error_description":"Access denied: [Revoke]"}`, false, false},
		"the host is too old":      {http.StatusNotFound, `{"error":"404 Not Found"}`, false, true},
		"the host is out of order": {http.StatusBadGateway, "<html></html>", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, h := answering(t, tc.status, tc.body)
			err := gitlab.Server().Revoke(t.Context(), c, h, providers.Credential{Token: secret.New("glpat-x"), Method: providers.PAT})
			if (err == nil) != tc.good || errors.Is(err, providers.ErrNoSuchAPI) != tc.noAPI {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestATokenOfASignInCountsAsEndedWhereGitLabItselfSaysSo(t *testing.T) {
	noAPI := cause.Kind("no API")
	for name, tc := range map[string]struct {
		status int
		body   string
		want   cause.Kind // none where it is ended
	}{
		"ended, or not known":     {http.StatusOK, `{}`, ""},
		"a page of a portal":      {http.StatusOK, "<html>sign in</html>", cause.NotUnderstood},
		"ended, without a word":   {http.StatusOK, "", ""},
		"the secret is not right": {http.StatusForbidden, `{"error":"unauthorized_client","error_description":"You are not authorized to revoke this token"}`, cause.SecretToEnd},
		"a policy of a gateway":   {http.StatusForbidden, "<html>no</html>", cause.NotUnderstood},
		"the host has no such":    {http.StatusNotFound, "<html>404</html>", noAPI},
		"out of order":            {http.StatusBadGateway, "<html></html>", cause.ServerError},
	} {
		t.Run(name, func(t *testing.T) {
			c, h := answering(t, tc.status, tc.body)
			h.ClientID = "c0ffee"
			err := gitlab.Server().Revoke(t.Context(), c, h, providers.Credential{Token: secret.New("c0ffee"), Method: providers.Device})
			got := cause.Kind("")
			switch {
			case errors.Is(err, providers.ErrNoSuchAPI):
				got = noAPI
			case err != nil:
				got = causeOf(t, err).Kind
			}
			if got != tc.want {
				t.Errorf("%q, want %q: %v", got, tc.want, err)
			}
		})
	}
}

func TestAnEndWithinADayAsksForTheNext(t *testing.T) {
	for until, want := range map[string]string{
		"2027-01-31T00:00:00Z": "2027-01-31",
		"2027-01-31T23:59:59Z": "2027-02-01",
	} {
		var asked string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.FormValue("expires_at")
			_, _ = w.Write([]byte(`{"token":"glpat-new","expires_at":"` + asked + `"}`))
		}))
		c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, until)
		rotated, err := gitlab.Server().Rotate(t.Context(), c, providers.Host{APIURL: server.URL + "/api/v4"},
			providers.Credential{Token: secret.New("glpat-x"), Method: providers.PAT}, at)
		if err != nil || asked != want || rotated.Token.Reveal() != "glpat-new" {
			t.Errorf("until %s it asks for %s (%v), want %s", until, asked, err, want)
		}
		c.Close()
		server.Close()
	}
}

func TestARotationWithoutATokenInItsAnswerIsNotUnderstood(t *testing.T) {
	c, h := answering(t, http.StatusOK, `{"expires_at":"2027-01-31"}`)
	_, err := gitlab.Server().Rotate(t.Context(), c, h, providers.Credential{Token: secret.New("glpat-x"), Method: providers.PAT}, now)
	if !cause.Is(err, cause.NotUnderstood) {
		t.Errorf("error is %v", err)
	}
}

func TestARightThatIsMissingIsNamedAsTheHostNamesIt(t *testing.T) {
	for name, tc := range map[string]struct{ body, rotate, revoke string }{
		"scopes":                  {`{"error":"insufficient_scope","scope":"api self_rotate"}`, "api self_rotate", "api self_rotate"},
		"a permission":            {noPermission, "rotate_personal_access_token", "revoke_personal_access_token"},
		"scopes that are none":    {`{"error":"insufficient_scope","scope":"Ring this number: 555"}`, "", ""},
		"scopes that nobody told": {`{"error":"insufficient_scope"}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, h := answering(t, http.StatusForbidden, tc.body)
			cred := providers.Credential{Token: secret.New("glpat-x"), Method: providers.PAT}
			page := gitlab.Server().ManagePage(h)
			_, err := gitlab.Server().Rotate(t.Context(), c, h, cred, now)
			if why := causeOf(t, err); why.Kind != cause.MayNotRotate || why.Right != tc.rotate || why.URL != page {
				t.Errorf("rotate: %+v", why)
			}
			err = gitlab.Server().Revoke(t.Context(), c, h, cred)
			if why := causeOf(t, err); why.Kind != cause.MayNotRevoke || why.Right != tc.revoke || why.URL != page {
				t.Errorf("revoke: %+v", why)
			}
		})
	}
}

func TestARotationThatIsRefusedSaysWhy(t *testing.T) {
	for name, tc := range map[string]struct {
		method providers.Method
		status int
		body   string
		want   cause.Kind // none where the host has no such API
	}{
		"an end that is too far off":         {providers.PAT, 400, `{"message":"400 Bad request - Expiration date must be before 2027-11-22"}`, cause.NotReplaced},
		"a token that was revoked":           {providers.PAT, 401, revoked, cause.Revoked},
		"a token that has expired":           {providers.PAT, 401, expired, cause.Expired},
		"a token that nobody knows":          {providers.PAT, 401, `{"message":"401 Unauthorized"}`, cause.Rejected},
		"one that may not rotate itself":     {providers.PAT, 403, `{"message":"403 Forbidden - Not allowed to rotate this token"}`, cause.Restricted},
		"one without the scope":              {providers.PAT, 403, noScope, cause.MayNotRotate},
		"one without the permission":         {providers.PAT, 403, noPermission, cause.MayNotRotate},
		"one that is none of a person":       {providers.PAT, 405, `{"message":"405 Method Not Allowed"}`, ""},
		"a host that is too old":             {providers.PAT, 404, `{"error":"404 Not Found"}`, ""},
		"an OAuth token, which is not asked": {providers.Device, 200, `{"token":"glpat-new"}`, ""},
		"a limit":                            {providers.PAT, 429, `Retry later`, cause.RateLimited},
		"a broken gateway":                   {providers.PAT, 502, "<html></html>", cause.ServerError},
	} {
		t.Run(name, func(t *testing.T) {
			c, h := answering(t, tc.status, tc.body)
			_, err := gitlab.Server().Rotate(t.Context(), c, h, providers.Credential{Token: secret.New("glpat-x"), Method: tc.method}, now)
			if tc.want == "" && !errors.Is(err, providers.ErrNoSuchAPI) || tc.want != "" && !cause.Is(err, tc.want) {
				t.Errorf("error is %v", err)
			}
		})
	}
}
