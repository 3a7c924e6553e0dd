package ghspec_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"gitgrant/providers/sandbox/ghspec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatIsNotInTheDescriptionIsReported(t *testing.T) {
	spec, err := ghspec.GitHub("/api")
	if err != nil {
		t.Fatal(err)
	}
	answer := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		path   string
		answer http.HandlerFunc
		want   string
	}{
		"an unknown address":       {"/gists", answer(200, "application/json", "[]"), "not in the description"},
		"a wrong parameter":        {"/repos/acme/app/hooks?per_page=many", answer(200, "application/json", "[]"), "per_page"},
		"a user without a login":   {"/user", answer(200, "application/json", `{"user_view_type":"private"}`), "login"},
		"an answer of HTML":        {"/user", answer(200, "text/html", "<html>"), "text/html"},
		"a status of its own":      {"/user", answer(418, "application/json", "{}"), "418"},
		"an error of another kind": {"/user", answer(401, "application/json", `{"message":401}`), "message"},
	} {
		t.Run(name, func(t *testing.T) {
			var reported []string
			held := spec.Hold(c.answer, func(err error) { reported = append(reported, err.Error()) })
			held.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/api"+c.path, nil))
			if len(reported) != 1 || !strings.Contains(reported[0], c.want) {
				t.Errorf("reported is %q, want one with %q", reported, c.want)
			}
		})
	}
}

func TestAHeldHandlerStillReachesItsConnection(t *testing.T) {
	spec, err := ghspec.GitHub("/api")
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	held := spec.Hold(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"verifiable_password_authentication":false}`))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	}), func(err error) { t.Error(err) })
	held.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/api/meta", nil))
	if !recorder.Flushed {
		t.Error("the flush did not arrive")
	}
}
