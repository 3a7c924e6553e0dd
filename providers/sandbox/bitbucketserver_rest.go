package sandbox

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// dataCenterCall is one request to the REST API: what was asked, and by whom.
type dataCenterCall struct {
	exchange
	h *dataCenter
	dataCenterCaller
}

// dataCenterCaller is who signed a request.
type dataCenterCaller struct {
	// user is nil where nobody signed, and where the signature is no good.
	user *dataCenterUser
	// token is what it was signed with, unless that was the password.
	token dataCenterToken
	// refused means that the signature is no good, locked that the account has
	// to solve a CAPTCHA before anybody looks at it.
	refused, locked bool
	password        bool
}

// dataCenterEndpoint is one address of the REST API.
type dataCenterEndpoint struct {
	serve func(*dataCenterCall)
	// name is what faults call it.
	name string
	// open is for what anybody may ask.
	open bool
}

func (h *dataCenter) rest() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, e dataCenterEndpoint) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if c, ok := h.open(w, r, e); ok {
				e.serve(c)
			}
		})
	}
	for _, version := range []string{"1.0", "latest"} {
		api := "/api/" + version
		project, repository := api+"/projects/{project}", api+"/projects/{project}/repos/{repository}"
		route("GET "+api+"/application-properties", dataCenterEndpoint{serve: (*dataCenterCall).properties, name: "properties", open: true})
		route("GET "+api+"/users", dataCenterEndpoint{serve: (*dataCenterCall).users, name: "users"})
		route("GET "+api+"/users/{user}", dataCenterEndpoint{serve: (*dataCenterCall).oneUser, name: "users"})
		route("GET "+api+"/projects", dataCenterEndpoint{serve: (*dataCenterCall).projects, open: true})
		route("GET "+project, dataCenterEndpoint{serve: (*dataCenterCall).oneProject, name: "project", open: true})
		route("GET "+project+"/permissions/users", dataCenterEndpoint{serve: (*dataCenterCall).projectPermissions, name: "project"})
		route("GET "+project+"/webhooks", dataCenterEndpoint{serve: (*dataCenterCall).projectWebhooks, name: "project"})
		route("GET "+api+"/repos", dataCenterEndpoint{serve: (*dataCenterCall).repositories, open: true})
		route("GET "+api+"/profile/recent/repos", dataCenterEndpoint{serve: (*dataCenterCall).repositories})
		route("GET "+repository, dataCenterEndpoint{serve: (*dataCenterCall).oneRepository, name: "project", open: true})
		route("GET "+repository+"/webhooks", dataCenterEndpoint{serve: (*dataCenterCall).repositoryWebhooks, name: "project"})

		tokens := "/access-tokens/" + version
		for _, place := range []string{tokens + "/users/{user}", tokens + "/projects/{project}", tokens + "/projects/{project}/repos/{repository}"} {
			route("GET "+place, dataCenterEndpoint{serve: (*dataCenterCall).accessTokens})
			route("GET "+place+"/{id}", dataCenterEndpoint{serve: (*dataCenterCall).accessTokens})
		}
	}
	route("GET /oauth2/1.0/client", dataCenterEndpoint{serve: (*dataCenterCall).notPermitted})
	route("GET /authconfig/1.0/login-options", dataCenterEndpoint{serve: (*dataCenterCall).loginOptions, open: true})
	h.registerOAuth(mux)
	// What a redirect fault points at: a place that says yes to anybody.
	mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, r *http.Request) {
		c := &dataCenterCall{exchange: exchange{w, r}, h: h}
		c.tellUser(dataCenterUserOf(robot).name)
		c.properties()
	})
	route("/", dataCenterEndpoint{serve: (*dataCenterCall).noSuchResource, open: true})
	return mux
}

// open does what Bitbucket does before any endpoint. It reports whether the
// endpoint may answer.
func (h *dataCenter) open(w http.ResponseWriter, r *http.Request, e dataCenterEndpoint) (*dataCenterCall, bool) {
	c := &dataCenterCall{exchange: exchange{w, r}, h: h, dataCenterCaller: h.callerOf(r)}
	c.setCommonHeaders()
	fault := c.token.fault
	if c.user != nil && !(fault.nobody && fault.meets(e)) {
		c.tellUser(c.user.name)
		w.Header().Set("X-AUSERID", strconv.Itoa(c.user.id))
	}
	for name, value := range fault.header {
		w.Header().Set(name, value)
	}
	switch {
	case c.locked:
		c.captcha()
	case c.user != nil && fault.meets(e):
		fault.answer(c)
	case c.user == nil && !e.open && c.refused:
		c.badCredentials()
	case c.user == nil && !e.open:
		c.notPermitted()
	default:
		if c.refused && c.token.told != "" {
			c.tellUser(c.token.told)
		}
		return c, true
	}
	return c, false
}

// tellUser names the account that was let in, as in an address.
func (c *dataCenterCall) tellUser(name string) {
	c.w.Header().Set("X-AUSERNAME", url.QueryEscape(name))
}

func (c *dataCenterCall) setCommonHeaders() {
	c.h.sandbox.mu.Lock()
	c.h.served++
	id := fmt.Sprintf("@SANDBOXx%dx%dx0", c.h.sandbox.now().Unix(), c.h.served)
	c.h.sandbox.mu.Unlock()
	c.w.Header().Set("X-AREQUESTID", id)
	c.w.Header().Set("Cache-Control", "private, no-cache, no-store, must-revalidate, no-transform")
}

// patience is how many sign-ins by name and password may fail in a row before
// an account has to solve a CAPTCHA.
const patience = 3

// callerOf finds out who signed a request. A token goes as Bearer or, if it is
// a person's own, as the password beside the name of its owner.
func (h *dataCenter) callerOf(r *http.Request) dataCenterCaller {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	if scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "bearer") {
		return h.caller(strings.TrimSpace(text))
	}
	name, password, signed := r.BasicAuth()
	switch {
	case !signed:
		return dataCenterCaller{}
	case h.failed[name] >= patience:
		return dataCenterCaller{locked: true}
	}
	caller := h.caller(password)
	u := dataCenterUserOf(name)
	if subtle.ConstantTimeCompare([]byte(password), []byte(dataCenterPassword)) == 1 && u.id != 1 && !u.service {
		caller = dataCenterCaller{user: &u, password: true}
	}
	if caller.user == nil || caller.user.service || caller.user.name != name {
		h.failed[name]++
		return dataCenterCaller{refused: true, token: caller.token}
	}
	h.failed[name] = 0
	return caller
}

// caller is who stands behind a token. The caller holds the lock.
func (h *dataCenter) caller(text string) dataCenterCaller {
	t, known := h.tokens[text]
	if !known || !h.alive(t) {
		return dataCenterCaller{refused: true, token: t}
	}
	u := dataCenterUserOf(t.owner)
	return dataCenterCaller{user: &u, token: t}
}

// properties is open to anybody: the version says nothing about a token.
func (c *dataCenterCall) properties() {
	c.json(200, map[string]any{"version": "9.4.16", "buildNumber": "9004016", "buildDate": "1767225600000", "displayName": "Bitbucket"})
}

func (c *dataCenterCall) loginOptions() {
	c.json(200, map[string]any{"results": []any{map[string]any{"type": "LOGIN_FORM", "id": 0}}})
}

func (u dataCenterUser) body() map[string]any {
	kind := "NORMAL"
	if u.service {
		kind = "SERVICE"
	}
	return map[string]any{
		"name": u.name, "emailAddress": "account@acme.example", "active": true, "displayName": u.display, "id": u.id, "slug": u.slug, "type": kind,
	}
}

// accounts are those that are known, and the caller's own.
func (c *dataCenterCall) accounts() []dataCenterUser {
	all := slices.Clone(dataCenterUsers)
	if !slices.Contains(all, *c.user) {
		all = append(all, *c.user)
	}
	return all
}

// users finds accounts by a part of their names. Those behind tokens are not
// listed.
func (c *dataCenterCall) users() {
	filter := strings.ToLower(c.r.URL.Query().Get("filter"))
	list := []any{}
	for _, u := range c.accounts() {
		if !u.service && strings.Contains(strings.ToLower(u.name+"\n"+u.display), filter) {
			list = append(list, u.body())
		}
	}
	c.page(list)
}

func (c *dataCenterCall) oneUser() {
	slug := c.r.PathValue("user")
	for _, u := range c.accounts() {
		if strings.EqualFold(u.slug, slug) {
			c.json(200, u.body())
			return
		}
	}
	c.fails(http.StatusNotFound, "User "+slug+" does not exist.", "user.NoSuchUserException")
}

// page answers with the beginning of a list.
func (c *dataCenterCall) page(list []any) {
	limit, err := strconv.Atoi(c.r.URL.Query().Get("limit"))
	if err != nil || limit <= 0 {
		limit = 25
	}
	body := map[string]any{"size": min(limit, len(list)), "limit": limit, "isLastPage": len(list) <= limit, "values": list[:min(limit, len(list))], "start": 0}
	if len(list) > limit {
		body["nextPageStart"] = limit
	}
	c.json(200, body)
}
