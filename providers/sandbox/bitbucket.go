package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// bitbucketCloud is Bitbucket Cloud, as --provider writes it.
const bitbucketCloud = "bitbucket"

// bitbucketUser is an account of Bitbucket. Its e-mail address is its user name
// for the API, and its user name is the one for git.
type bitbucketUser struct {
	id, username, name, email string
}

var bitbucketUsers = []bitbucketUser{
	{"712020:00000000-0000-4000-8000-000000000007", person, "The Octocat", person + "@acme.example"},
	{"712020:00000000-0000-4000-8000-000000000008", robot, "Acme runtime", robot + "@acme.example"},
}

// bitbucketUserOf is an account; one that signed in at the pages alone has an
// address of the same kind.
func bitbucketUserOf(username string) bitbucketUser {
	for _, u := range bitbucketUsers {
		if u.username == username {
			return u
		}
	}
	return bitbucketUser{"712020:00000000-0000-4000-8000-000000000001", username, username, username + "@acme.example"}
}

// bitbucket is bitbucket.org with api.bitbucket.org beside it: two hosts, of
// which the first takes no token for what is the second's.
type bitbucket struct {
	sandbox *Sandbox

	// What follows is guarded by sandbox.mu. Tokens are values: one that was
	// looked up may be read without the lock.
	tokens    map[string]bitbucketToken    // by access token
	refreshes map[string]bitbucketRefresh  // by refresh token
	codes     map[string]bitbucketAuthCode // by authorization code
	consumers map[string]bitbucketConsumer // by key
	hooks     map[string]string            // address by repository and number
	asked     map[string]int               // requests by token, of those that meet a wavering host
	issued    int
}

const (
	bitbucketWeb = "/bitbucket"
	bitbucketAPI = "/bitbucket-api/2.0"
)

func newBitbucket(s *Sandbox) *bitbucket {
	h := &bitbucket{
		sandbox:   s,
		tokens:    map[string]bitbucketToken{},
		refreshes: map[string]bitbucketRefresh{},
		codes:     map[string]bitbucketAuthCode{},
		consumers: map[string]bitbucketConsumer{},
		hooks:     map[string]string{"acme/app {1}": "https://runtime.acme.example/webhooks/bitbucket"},
		asked:     map[string]int{},
	}
	for _, n := range namedBitbucketTokens() {
		if n.unknown {
			continue
		}
		t := n.token
		if n.lasts != 0 {
			t.expires = s.now().Add(n.lasts)
		}
		h.tokens[n.text()] = t
	}
	for _, c := range namedBitbucketConsumers {
		h.consumers[c.key()] = c
	}
	return h
}

func (h *bitbucket) profile() profile {
	return profile{
		name: "bitbucket.org", provider: bitbucketCloud, web: bitbucketWeb, api: bitbucketAPI,
		clientID: namedBitbucketConsumers[0].key(),
	}
}

func (h *bitbucket) register(mux *http.ServeMux) {
	pages := http.NewServeMux()
	h.registerOAuth(pages)
	h.registerPages(pages)
	pages.HandleFunc("/", h.git)
	pages.HandleFunc("/api/2.0/", h.tokensGoElsewhere)
	guarded := http.NewCrossOriginProtection().Handler(pages)
	mux.Handle(bitbucketWeb+"/", http.StripPrefix(bitbucketWeb, guarded))
	mux.Handle(bitbucketAPI+"/", http.StripPrefix(bitbucketAPI, h.rest()))
}

// decide has nothing to settle: Bitbucket has no device flow.
func (h *bitbucket) decide(string, string, bool) bool { return false }

// tokensGoElsewhere is the API below bitbucket.org, which takes no token any
// more.
func (h *bitbucket) tokensGoElsewhere(w http.ResponseWriter, r *http.Request) {
	c := &bitbucketCall{exchange: exchange{w, r}, h: h}
	if r.Header.Get("Authorization") == "" {
		c.fail(http.StatusNotFound, "Resource not found")
		return
	}
	c.unauthorized()
}

func (h *bitbucket) show(w http.ResponseWriter, status int, name, title string, data any) {
	show(w, status, name, page{Title: title, Host: "bitbucket.org", Data: data})
}

// bitbucketIncludes are the classic scopes that bring others along.
var bitbucketIncludes = map[string][]string{
	"account:write":     {"account"},
	"team:write":        {"team"},
	"project":           {"repository"},
	"repository:write":  {"repository"},
	"pullrequest":       {"repository"},
	"pullrequest:write": {"pullrequest", "repository:write", "repository"},
}

// holdsScope reports whether a scope is among those that a token has, or comes
// along with one of them. Granular scopes bring nothing.
func holdsScope(scopes []string, wanted string) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool {
		return scope == wanted || slices.Contains(bitbucketIncludes[scope], wanted)
	})
}

// ended reports whether the time of something is over.
func ended(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }
