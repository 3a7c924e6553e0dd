package sandbox

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"
)

// Request is one request as it arrived. It holds no header values and no
// bodies, and what looks like a token in the address is masked.
type Request struct {
	Method string
	Host   string
	Path   string
	Query  string
	// Headers are the canonical header names, sorted.
	Headers []string
	// Authorized means that an Authorization header was present.
	Authorized bool
	// TokenInURL means that the path or the query held a token.
	TokenInURL bool
}

// journalSize bounds the journal of a sandbox that serves for days.
const journalSize = 10_000

var tokenShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(gh[pousr]_|github_pat_|glpat-|AT[AC]TT3|ATBB|` + oauthTokenStart + `)[A-Za-z0-9._=-]{20,}|` + bareToken + `[0-9a-f]{58}|` +
		bareDataCenter + `[0-9a-f]{58}|MjUyOTcz[A-Za-z0-9+/]{36}`)
})

type journal struct {
	mu   sync.Mutex
	list []Request
}

func (j *journal) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		j.add(Request{
			Method:     r.Method,
			Host:       r.Host,
			Path:       tokenShape().ReplaceAllString(r.URL.Path, "•••"),
			Query:      tokenShape().ReplaceAllString(r.URL.RawQuery, "•••"),
			Headers:    slices.Sorted(maps.Keys(r.Header)),
			Authorized: r.Header.Get("Authorization") != "",
			TokenInURL: tokenShape().MatchString(r.URL.String()),
		})
		next.ServeHTTP(w, r)
	})
}

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.list) == journalSize {
		j.list = slices.Delete(j.list, 0, journalSize/2)
	}
	j.list = append(j.list, r)
}

func (j *journal) requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.list)
}
