package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one request to the REST API: what was asked, and by whom.
type call struct {
	exchange
	h *gitHub
	// token and grant are empty where nobody signed the request.
	token string
	grant *grant
}

// endpoint is one address of the REST API.
type endpoint struct {
	serve func(*call)
	// scopes and permissions go into the headers that say what is accepted.
	scopes, permissions string
	// repository means that the address is below /repos.
	repository bool
	// free means that the request does not count against the rate limit.
	free bool
}

func (e endpoint) cost() int {
	if e.free {
		return 0
	}
	return 1
}

func (h *gitHub) rest() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, e endpoint) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if c, ok := h.open(w, r, e); ok {
				e.serve(c)
			}
		})
	}
	anything := "allows_permissionless_access=true"
	route("GET /{$}", endpoint{serve: (*call).root, permissions: anything})
	route("GET /meta", endpoint{serve: (*call).meta, permissions: anything})
	route("GET /rate_limit", endpoint{serve: (*call).rateLimit, permissions: anything, free: true})
	route("GET /user", endpoint{serve: (*call).user, permissions: anything})
	inRepository := func(path, permissions string, serve func(*call)) {
		route("GET /repos/{owner}/{repo}"+path, endpoint{serve: serve, scopes: "repo", permissions: permissions, repository: true})
	}
	inRepository("", "metadata=read", (*call).repository)
	inRepository("/contents/{$}", "contents=read", (*call).contents)
	inRepository("/commits", "contents=read", (*call).commits)
	route("GET /repos/{owner}/{repo}/hooks", endpoint{
		serve: (*call).hooks, scopes: "admin:repo_hook, public_repo, read:repo_hook, repo, write:repo_hook",
		permissions: "repository_hooks=read", repository: true,
	})
	if h.provider == cloud {
		// No open here: this one refuses any token instead of asking for one.
		mux.HandleFunc("POST /credentials/revoke", h.revoke)
	}
	// What a redirect fault points at: a place that says yes to anybody.
	mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, r *http.Request) {
		c := &call{exchange: exchange{w, r}, h: h, grant: &grant{kind: classic, login: robot}}
		w.Header().Set("X-OAuth-Scopes", "admin:repo_hook, repo")
		c.user()
	})
	route("/", endpoint{serve: (*call).notFound})
	return mux
}

// open does what GitHub does before any endpoint: it checks the request and
// the token, and sets the headers that go with every answer. It reports
// whether the endpoint may answer.
func (h *gitHub) open(w http.ResponseWriter, r *http.Request, e endpoint) (*call, bool) {
	c := &call{exchange: exchange{w, r}, h: h, token: credential(r)}
	c.setCommonHeaders()
	if r.Header.Get("User-Agent") == "" {
		http.Error(w, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.", http.StatusForbidden)
		return nil, false
	}
	if version := r.Header.Get("X-GitHub-Api-Version"); version != "" && !slices.Contains(h.apiVersions(), version) {
		c.fail(400, fmt.Sprintf("%q is not a supported version of the REST API.", version), "/rest/about-the-rest-api/api-versions")
		return nil, false
	}
	if c.token != "" {
		c.grant = h.grantOf(c.token)
	}
	// Rates are off on GitHub Enterprise Server unless its administrator
	// turns them on.
	if h.provider == cloud {
		c.setRate(c.rate(e.cost()))
	}
	switch {
	case c.token == "" && h.private():
		c.fail(401, "Must authenticate to access this API.", "/rest")
		return nil, false
	case c.token == "":
		return c, true
	case c.grant == nil:
		c.fail(401, "Bad credentials", "/rest")
		return nil, false
	}
	c.setGrantHeaders(e)
	f := c.grant.fault
	if f.answer != nil && (e.repository || !f.atRepositories) {
		f.answer(c)
		return nil, false
	}
	return c, true
}

func (h *gitHub) apiVersions() []string {
	if h.provider == cloud {
		return []string{"2022-11-28", "2026-03-10"}
	}
	return []string{"2022-11-28"}
}

// credential is the token of a request, from any of the forms that GitHub
// takes; empty where there is none.
func credential(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token") {
		return strings.TrimSpace(token)
	}
	return ""
}

func (c *call) setCommonHeaders() {
	header := c.w.Header()
	header.Set("Server", "github.com")
	header.Set("X-GitHub-Media-Type", "github.v3; format=json")
	header.Set("X-GitHub-Request-Id", c.h.requestID())
	if c.h.version != "" {
		header.Set("X-GitHub-Enterprise-Version", c.h.version)
	}
}

// requestID counts instead of drawing, so that the codes of a sandbox with a
// fixed Options.Random do not depend on how much was asked before.
func (h *gitHub) requestID() string {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	h.answered++
	return fmt.Sprintf("5A4D:%06X:%08X", h.answered, h.answered)
}

func (c *call) setGrantHeaders(e endpoint) {
	header := c.w.Header()
	if c.grant.kind.scoped() {
		header.Set("X-OAuth-Scopes", strings.Join(c.grant.scopes, ", "))
		header.Set("X-Accepted-OAuth-Scopes", e.scopes)
	} else {
		header.Set("X-Accepted-GitHub-Permissions", e.permissions)
	}
	if c.grant.layout != "" {
		// The zone shows in the form with an offset alone.
		at := c.grant.expires.UTC()
		if c.grant.layout == expiryOffset {
			at = at.In(time.FixedZone("", 3600))
		}
		header.Set("GitHub-Authentication-Token-Expiration", at.Format(c.grant.layout))
	}
	for name, value := range c.grant.fault.header {
		header.Set(name, value)
	}
}

// rate is an account's use of its hourly limit, which all its tokens share.
type rate struct {
	limit, used int
	reset       time.Time
}

// rate counts n more requests of the caller. It never refuses, whatever the
// number: limits are faults of tokens.
func (c *call) rate(n int) rate {
	login, limit := "", 60
	if c.grant != nil {
		login, limit = c.grant.login, 5000
	}
	s := c.h.sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	c.h.calls[login] += n
	return rate{limit: limit, used: min(c.h.calls[login], limit-1), reset: s.now().Truncate(time.Hour).Add(time.Hour)}
}

func (c *call) setRate(now rate) {
	header := c.w.Header()
	header.Set("X-RateLimit-Limit", strconv.Itoa(now.limit))
	header.Set("X-RateLimit-Used", strconv.Itoa(now.used))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(now.limit-now.used))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(now.reset.Unix(), 10))
	header.Set("X-RateLimit-Resource", "core")
}

// fail answers in GitHub's form for errors.
func (c *call) fail(status int, message, docs string) {
	c.json(status, map[string]string{
		"message": message, "documentation_url": c.h.docs(docs), "status": strconv.Itoa(status),
	})
}

func (c *call) notFound() { c.fail(404, "Not Found", "/rest") }

// revoke is POST /credentials/revoke: it takes tokens from anybody who holds
// them, and for that reason wants no token to sign the request.
func (h *gitHub) revoke(w http.ResponseWriter, r *http.Request) {
	c := &call{exchange: exchange{w, r}, h: h}
	c.setCommonHeaders()
	if r.Header.Get("Authorization") != "" {
		c.fail(403, "This endpoint does not take authenticated requests.", "/rest/credentials/revoke")
		return
	}
	var asked struct{ Credentials []string }
	body := http.MaxBytesReader(w, r.Body, 1<<20)
	if err := json.NewDecoder(body).Decode(&asked); err != nil || len(asked.Credentials) == 0 || len(asked.Credentials) > 1000 {
		c.fail(422, "Validation Failed", "/rest/credentials/revoke")
		return
	}
	h.sandbox.mu.Lock()
	for _, token := range asked.Credentials {
		delete(h.grants, token)
		delete(h.refreshes, token)
	}
	h.sandbox.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}
