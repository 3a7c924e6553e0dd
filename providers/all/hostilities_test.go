package all_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"gitgrant/providers/cause"
)

// hostility is what a host does in place of its answer. Where it spoils the
// right one, answer is that; else it is nil.
type hostility struct {
	name  string
	serve func(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)
	// wants are the causes that this may have. None is for what is spoilt but
	// may still be understood.
	wants []cause.Kind
	// patient says that it is waited for until the deadline.
	patient bool
}

// elsewhere is where redirects lead; nobody asks there.
const elsewhere = "http://localhost:1/elsewhere?token=stolen"

const piece = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func hostilities() []hostility {
	body := func(status int, contentType, text string) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
		return func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	leading := func(status int) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
		return func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(status)
		}
	}
	unread := []cause.Kind{cause.NotUnderstood, cause.WrongHost}
	return []hostility{
		{"endless", endless, []cause.Kind{cause.TooLarge}, false},
		{"compressed", bomb, []cause.Kind{cause.TooLarge}, false},
		{"huge", body(200, "application/json", `{"login":"`+strings.Repeat(piece, 2<<20/len(piece))+`"}`), []cause.Kind{cause.TooLarge}, false},
		{"a flood of headers", flood, []cause.Kind{cause.TooLarge}, false},
		{"slow", drip, []cause.Kind{cause.NoAnswer}, true},
		{"silent", func(_ http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) { <-r.Context().Done() }, []cause.Kind{cause.NoAnswer}, true},
		{"broken off", func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) { panic(http.ErrAbortHandler) }, []cause.Kind{cause.Broken}, false},
		{"malformed", body(200, "application/json", `{"login":"acme-bot","id":`), unread, false},
		{"of another shape", body(200, "application/json", `[{"login":["a"],"access_token":{},"scopes":7,"expires_in":{}}]`), unread, false},
		{"deep", body(200, "application/json", strings.Repeat("[", 200_000)), unread, false},
		{"empty", body(200, "application/json", ""), unread, false},
		{"a page", body(200, "text/html; charset=utf-8", "<!DOCTYPE html><title>Sign in</title><script>alert(1)</script>"), unread, false},
		{"redirecting", leading(http.StatusFound), []cause.Kind{cause.Redirected, cause.WrongHost}, false},
		{"redirecting with the body", leading(http.StatusTemporaryRedirect), []cause.Kind{cause.Redirected, cause.WrongHost}, false},
		{"laden with escapes", spoiling(func(name string, v any) any {
			if text, ok := v.(string); ok && name != "access_token" && name != "refresh_token" && name != "device_code" && name != "token" {
				return strings.Join(injections, "") + text + strings.Join(injections, "")
			}
			return v
		}, func(http.Header) {}), nil, false},
		{"lying about a clock that goes on for ever", lying("9999999999999999999", 1e30, "292277026596-12-04", "Fri, 31 Dec 9999 23:59:59 GMT"), nil, false},
		{"lying about a clock that stands at the beginning", lying("-1", -1.0, "0000-00-00T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"), nil, false},
		{"lying about a clock that is none", lying("soon", "soon", []any{}, "\x00"), nil, false},
	}
}

func endless(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return // an answer to it has no body
	}
	_, err := io.WriteString(w, `{"login":"`)
	for chunk := strings.Repeat(piece, 512); err == nil && r.Context().Err() == nil; {
		_, err = io.WriteString(w, chunk)
	}
}

func bomb(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(packed)
}

// packed unpacks to sixteen megabytes.
var packed = func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, `{"login":"`) // into memory
	for range 16 {
		_, _ = io.WriteString(z, strings.Repeat("a", 1<<20))
	}
	_ = z.Close()
	return b.Bytes()
}()

func flood(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
	for i := range 1000 {
		w.Header().Set("X-Flood-"+strconv.Itoa(i), piece+piece)
	}
}

func drip(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, " ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// spoiling changes the values of the right answer, by their names, and its
// headers.
func spoiling(change func(name string, v any) any, headers func(http.Header)) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	var all func(name string, v any) any
	all = func(name string, v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				v[name] = all(name, inner)
			}
			return v
		case []any:
			for i := range v {
				v[i] = all(name, v[i])
			}
			return v
		default:
			return change(name, v)
		}
	}
	return func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		text := answer.Body.Bytes()
		var value any
		if json.Unmarshal(text, &value) == nil {
			text, _ = json.Marshal(all("", value)) // what was read can be written
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		headers(w.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(text)
	}
}

// lying says impossible things of spans, days and moments, wherever a host may
// say any.
func lying(seconds string, span, day any, moment string) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return spoiling(func(name string, v any) any {
		switch {
		case strings.HasSuffix(name, "_in"), name == "interval", name == "expires_in_seconds":
			return span
		case strings.HasSuffix(name, "_at"), strings.HasSuffix(name, "Date"), strings.HasPrefix(name, "expir"):
			return day
		}
		return v
	}, func(h http.Header) {
		h.Set("Date", moment)
		for _, name := range []string{"Retry-After", "X-RateLimit-Reset", "RateLimit-Reset", "X-RateLimit-Remaining"} {
			h.Set(name, seconds)
		}
		h.Set("GitHub-Authentication-Token-Expiration", fmt.Sprint(day))
	})
}
