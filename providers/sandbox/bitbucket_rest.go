package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// bitbucketCall is one request to the REST API: what was asked, and by whom.
type bitbucketCall struct {
	exchange
	h *bitbucket
	// text and token are empty where nobody signed the request.
	text  string
	token bitbucketToken
}

// bitbucketEndpoint is one address of the REST API and the scopes that it
// takes, in both vocabularies.
type bitbucketEndpoint struct {
	serve    func(*bitbucketCall)
	classic  []string
	granular []string
	// repository is for what is below one, open for what anybody may ask.
	repository, open bool
}

func scopesOf(list string) []string { return strings.Fields(list) }

func (h *bitbucket) rest() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern, classic, granular string, serve func(*bitbucketCall)) {
		e := bitbucketEndpoint{serve: serve, classic: scopesOf(classic), repository: strings.Contains(pattern, "{repository}"), open: pattern == "/"}
		for _, scope := range scopesOf(granular) {
			e.granular = append(e.granular, scope+":bitbucket")
		}
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if c, ok := h.open(w, r, e); ok {
				e.serve(c)
			}
		})
	}
	const workspace, repository = "/user/workspaces/{workspace}", "/repositories/{workspace}/{repository}"
	route("GET /user", "account", "read:user", (*bitbucketCall).user)
	route("GET /user/emails", "email", "read:user", (*bitbucketCall).emails)
	route("GET /user/workspaces", "account", "read:workspace", (*bitbucketCall).workspaces)
	route("GET "+workspace+"/permission", "account", "read:workspace", (*bitbucketCall).workspacePermission)
	route("GET "+workspace+"/permissions/repositories", "account repository", "read:repository", (*bitbucketCall).permissions)
	route("GET /repositories/{workspace}", "repository", "read:repository", (*bitbucketCall).repositories)
	route("GET "+repository, "repository", "read:repository", (*bitbucketCall).repository)
	route("GET "+repository+"/hooks", "webhook", "read:webhook", (*bitbucketCall).listHooks)
	route("POST "+repository+"/hooks", "webhook", "read:webhook write:webhook", (*bitbucketCall).addHook)
	route("DELETE "+repository+"/hooks/{uid}", "webhook", "delete:webhook", (*bitbucketCall).deleteHook)
	route("GET "+repository+"/branching-model/settings", "repository:admin", "admin:repository", (*bitbucketCall).settings)
	for _, gone := range []string{"/workspaces", "/repositories", "/user/permissions/workspaces", "/user/permissions/repositories"} {
		route("GET "+gone, "", "", (*bitbucketCall).gone)
	}
	// What a redirect fault points at: a place that says yes to anybody.
	mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, r *http.Request) {
		c := &bitbucketCall{exchange: exchange{w, r}, h: h, token: runtimeAPIToken(robot)}
		c.tell("account")
		c.user()
	})
	route("/", "", "", (*bitbucketCall).noSuchResource)
	return mux
}

// open does what Bitbucket does before any endpoint. It reports whether the
// endpoint may answer.
func (h *bitbucket) open(w http.ResponseWriter, r *http.Request, e bitbucketEndpoint) (*bitbucketCall, bool) {
	c := &bitbucketCall{exchange: exchange{w, r}, h: h}
	user, text, signed := bitbucketCredential(r)
	if !signed {
		if e.open || e.repository {
			return c, true
		}
		c.unauthorized()
		return c, false
	}
	t, known := h.find(text)
	c.text, c.token = text, t
	switch basic := user != ""; {
	case t.fault.answer != nil && !t.fault.atRepositories:
		t.fault.answer(c)
		return c, false
	case !known, basic != (t.kind == apiToken):
		c.unauthorized()
		return c, false
	case basic && user != bitbucketUserOf(t.owner).email:
		c.unauthorized()
		return c, false
	case t.kind == oauthToken && ended(t.expires, h.sandbox.now()):
		c.fail(http.StatusUnauthorized, "Access token expired. Use your refresh token to obtain a new access token.")
		return c, false
	case !h.alive(t):
		c.unauthorized()
		return c, false
	}
	return c, c.accepted(e)
}

// accepted holds a token that works against what an endpoint takes. Where it is
// refused the answer is given already, with the headers that every known token
// gets.
func (c *bitbucketCall) accepted(e bitbucketEndpoint) bool {
	c.tell(strings.Join(e.classic, ", "))
	if f := c.token.fault; f.answer != nil && e.repository {
		f.answer(c)
		return false
	}
	required := e.classic
	if c.token.kind == apiToken {
		required = e.granular
	}
	for _, scope := range required {
		if !holdsScope(c.token.scopes, scope) {
			c.lacks(required)
			return false
		}
	}
	return true
}

// tell sets the headers that go with every answer to a token that is known.
func (c *bitbucketCall) tell(accepted string) {
	t, header := c.token, c.w.Header()
	for name, value := range t.fault.header {
		header.Set(name, value)
	}
	if t.fault.silent {
		return
	}
	header.Set("X-OAuth-Scopes", strings.Join(t.scopes, ", "))
	header.Set("X-Accepted-OAuth-Scopes", accepted)
	if t.kind != oauthToken && header.Get("X-Credential-Type") == "" {
		header.Set("X-Credential-Type", t.kind)
	}
	sum := sha256.Sum256([]byte(c.text))
	header.Set("X-Token-Id", hex.EncodeToString(sum[:16]))
}

// fail answers in the form that all errors have.
func (c *bitbucketCall) fail(status int, message string) {
	c.json(status, map[string]any{"type": "error", "error": map[string]any{"message": message}})
}

// unauthorized is the one answer to everything that is wrong with a token.
func (c *bitbucketCall) unauthorized() {
	c.w.Header().Set("WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`)
	c.fail(http.StatusUnauthorized, "Token is invalid, expired, or not supported for this endpoint.")
}

const lackingScopes = "Your credentials lack one or more required privilege scopes."

// lacks refuses a token without a scope. What is required and what is granted
// stands beside it, as an object or, with some tokens here, in words.
func (c *bitbucketCall) lacks(required []string) {
	var detail any = map[string]any{"required": required, "granted": c.token.scopes}
	if c.token.fault.inWords {
		detail = "This needs " + strings.Join(required, ", ") + "."
	}
	c.json(http.StatusForbidden, map[string]any{"type": "error", "error": map[string]any{"message": lackingScopes, "detail": detail}})
}

func (c *bitbucketCall) noSuchResource() { c.fail(http.StatusNotFound, "Resource not found") }

// gone is what lives where a workspace must be named by now.
func (c *bitbucketCall) gone() {
	change := map[string]string{"announcement_url": "https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}
	c.json(http.StatusGone, map[string]any{"type": "error", "data": change, "error": map[string]any{
		"message": "CHANGE-2770 - Functionality has been deprecated",
		"detail":  "Please read the changelog entry for more details.", "data": change,
	}})
}

func (c *bitbucketCall) user() {
	if c.token.owner == "" { // a workspace token that may ask
		c.json(200, map[string]any{"type": "app_user", "display_name": "acme workspace token", "uuid": "{00000000-0000-4000-8000-00000000000a}", "account_id": "712020:sandbox-workspace-token"})
		return
	}
	u := bitbucketUserOf(c.token.owner)
	body := map[string]any{
		"type": "user", "username": u.username, "nickname": u.username, "display_name": u.name, "account_id": u.id,
		"uuid": "{" + u.id[len("712020:"):] + "}", "account_status": "active", "created_on": "2020-02-03T04:05:06.000000+00:00",
	}
	if edit := c.token.fault.edit; edit != nil {
		edit(body)
	}
	c.json(200, body)
}

func (c *bitbucketCall) emails() {
	email := map[string]any{"type": "email", "email": bitbucketUserOf(c.token.owner).email, "is_primary": true, "is_confirmed": true}
	c.values(email)
}

// values is one page of a list.
func (c *bitbucketCall) values(list ...any) {
	if list == nil {
		list = []any{}
	}
	c.json(200, map[string]any{"pagelen": 10, "size": len(list), "page": 1, "values": list})
}
