package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gitLabCall is one request to the REST API: what was asked, and by whom.
type gitLabCall struct {
	exchange
	h *gitLab
	// text and token are empty where nobody signed the request.
	text  string
	token gitLabToken
}

// gitLabEndpoint is one address of the REST API.
type gitLabEndpoint struct {
	serve func(*gitLabCall)
	// scopes are those of which any is enough; none takes every token.
	scopes string
	// permission is what a fine-grained token must have.
	permission gitLabPermission
	// self is for what a token says of itself, project for what is below
	// /projects, open for what anybody may ask.
	self, project, open bool
	// rotates means that a token which was rotated before betrays its family.
	rotates bool
}

func (h *gitLab) rest() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, e gitLabEndpoint) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if c, ok := h.open(w, r, e); ok {
				e.serve(c)
			}
		})
	}
	const self, project = "/personal_access_tokens/self", "/projects/{id}"
	route("GET "+self, gitLabEndpoint{serve: (*gitLabCall).self, permission: readSelf, self: true})
	route("DELETE "+self, gitLabEndpoint{serve: (*gitLabCall).revokeSelf, permission: revokeSelf, self: true})
	route("POST "+self+"/rotate", gitLabEndpoint{serve: (*gitLabCall).rotateSelf, scopes: "api self_rotate", permission: rotateSelf, rotates: true})
	route("GET /user", gitLabEndpoint{serve: (*gitLabCall).user, scopes: "read_user api read_api", permission: readUser})
	route("GET /version", gitLabEndpoint{serve: (*gitLabCall).metadata, scopes: "read_user api read_api", permission: readMetadata})
	route("GET /metadata", gitLabEndpoint{serve: (*gitLabCall).metadata, scopes: "read_user api read_api", permission: readMetadata})
	route("GET "+project, gitLabEndpoint{serve: (*gitLabCall).project, scopes: "api read_api", permission: readProject, project: true, open: true})
	route("GET "+project+"/hooks", gitLabEndpoint{serve: (*gitLabCall).hooks, scopes: "api read_api", permission: readWebhooks, project: true})
	// What a redirect fault points at: a place that says yes to anybody.
	mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, r *http.Request) {
		c := &gitLabCall{exchange: exchange{w, r}, h: h, token: gitLabPAT(robot, "api", "read_repository")}
		c.self()
	})
	route("/", gitLabEndpoint{serve: (*gitLabCall).noSuchRoute, open: true})
	return mux
}

// open does what GitLab does before any endpoint. It reports whether the
// endpoint may answer.
func (h *gitLab) open(w http.ResponseWriter, r *http.Request, e gitLabEndpoint) (*gitLabCall, bool) {
	c := &gitLabCall{exchange: exchange{w, r}, h: h}
	c.setCommonHeaders()
	var known bool
	if c.text = gitLabCredential(r); c.text != "" {
		c.token, known = h.use(c.text)
		known = known && (!c.token.oauth() || r.Header.Get("Private-Token") == "")
	}
	if !known {
		if c.text != "" || !e.open {
			c.unauthorized()
			return nil, false
		}
		return c, true
	}
	for name, value := range c.token.fault.header {
		w.Header().Set(name, value)
	}
	return c, c.accepted(e)
}

// accepted holds a token that is known against what it meets here. Where it
// is refused the answer is given already.
func (c *gitLabCall) accepted(e gitLabEndpoint) bool {
	t := c.token
	switch {
	case t.ended(c.h.sandbox.now()):
		c.invalid("invalid_token", tokenExpired)
	case t.revoked:
		if e.rotates {
			c.h.sandbox.mu.Lock()
			c.h.revokeFamily(t.family)
			c.h.sandbox.mu.Unlock()
		}
		c.invalid("invalid_token", tokenRevoked)
	case t.fault.meets(e):
		t.fault.answer(c)
	case t.granular() && e.permission.name != "" && !slices.Contains(t.permissions, e.permission):
		c.lacks(e.permission)
	case !t.granular() && e.scopes != "" && !holdsAny(t.scopes, strings.Fields(e.scopes)...):
		c.insufficient(e.scopes)
	default:
		if c.h.provider == gitLabCloud {
			c.setRate(c.rate())
		}
		return true
	}
	return false
}

// gitLabCredential is the token of a request; empty where there is none.
func gitLabCredential(r *http.Request) string {
	if token := r.Header.Get("Private-Token"); token != "" {
		return token
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

func (c *gitLabCall) setCommonHeaders() {
	c.h.sandbox.mu.Lock()
	c.h.served++
	id := fmt.Sprintf("01SANDBOX%017d", c.h.served)
	c.h.sandbox.mu.Unlock()
	header := c.w.Header()
	header.Set("X-Request-Id", id)
	header.Set("X-Gitlab-Meta", `{"correlation_id":"`+id+`","version":"1"}`)
	header.Set("Cache-Control", "max-age=0, private, must-revalidate")
}

// rateLimit is how many requests a minute an account has at gitlab.com.
const rateLimit = 2000

// rate counts one more request of the caller. It never refuses, whatever the
// number: limits are faults of tokens.
func (c *gitLabCall) rate() rate {
	s := c.h.sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	c.h.calls[c.token.owner]++
	return rate{limit: rateLimit, used: min(c.h.calls[c.token.owner], rateLimit-1), reset: s.now().Truncate(time.Minute).Add(time.Minute)}
}

func (c *gitLabCall) setRate(now rate) {
	header := c.w.Header()
	header.Set("RateLimit-Name", "throttle_authenticated_api")
	header.Set("RateLimit-Limit", strconv.Itoa(now.limit))
	header.Set("RateLimit-Observed", strconv.Itoa(now.used))
	header.Set("RateLimit-Remaining", strconv.Itoa(now.limit-now.used))
	header.Set("RateLimit-Reset", strconv.FormatInt(now.reset.Unix(), 10))
}

// message answers in the plainer of GitLab's two forms for errors.
func (c *gitLabCall) message(status int, text string) {
	c.json(status, map[string]string{"message": text})
}

// invalid answers 401 in the form of OAuth.
func (c *gitLabCall) invalid(code, description string) {
	c.w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="The API", error="%s", error_description="%s"`, code, description))
	c.json(401, map[string]string{"error": code, "error_description": description})
}

func (c *gitLabCall) user() {
	u := gitLabUserOf(c.token.owner)
	body := expand("gitlab-user", map[string]string{"web": c.h.webURL(c.r), "login": url.PathEscape(u.username)})
	body["id"], body["username"], body["name"], body["bot"] = u.id, u.username, u.name, u.bot
	c.json(200, body)
}

func (c *gitLabCall) metadata() {
	c.json(200, map[string]any{
		"version": c.h.version, "revision": tip[:11], "enterprise": true,
		"kas": map[string]any{"enabled": false, "externalUrl": nil, "externalK8sProxyUrl": nil, "version": nil},
	})
}
