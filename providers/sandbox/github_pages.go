package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
)

func (h *gitHub) registerPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /login/device", h.devicePage)
	mux.HandleFunc("POST /login/device", func(w http.ResponseWriter, r *http.Request) { h.sandbox.decideOnPage(h, w, r) })
	mux.HandleFunc("GET /settings/tokens/new", h.classicPage)
	mux.HandleFunc("POST /settings/tokens/new", h.makeClassic)
	mux.HandleFunc("GET /settings/personal-access-tokens/new", h.fineGrainedPage)
	mux.HandleFunc("POST /settings/personal-access-tokens/new", h.makeFineGrained)
	mux.HandleFunc("GET /settings/applications/new", h.applicationPage)
	mux.HandleFunc("POST /settings/applications/new", h.registerApplication)
	mux.HandleFunc("GET /orgs/{org}/sso", h.ssoPage)
	mux.HandleFunc("POST /orgs/{org}/sso", h.authorizeSSO)
}

func (h *gitHub) show(w http.ResponseWriter, status int, name, title string, data any) {
	show(w, status, name, page{Title: title, Host: h.name, Data: data})
}

func (h *gitHub) devicePage(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("user_code")
	h.sandbox.mu.Lock()
	form := h.sandbox.deviceFormFor(code, nil)
	if d := h.waiting(code); d != nil {
		form = h.sandbox.deviceFormFor(code, &d.waiting)
		form.App, form.Scoped = cmp.Or(d.app.title, "gitgrant"), !d.app.gitHubApp
	}
	h.sandbox.mu.Unlock()
	h.show(w, 200, "device", "Device activation", form)
}

// dateForm gives a minted token its expiry from the form's choice of days.
func (h *gitHub) dateForm(g *grant, r *http.Request) {
	if lasts := chosenLifetime(r); lasts != 0 {
		g.expires, g.layout = h.sandbox.now().Add(lasts), expiryNamedZone
	}
}

func (h *gitHub) classicPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	asked := splitScopes(query.Get("scopes"))
	var boxes []choice
	shown := map[string]bool{}
	add := func(scope string, within bool) {
		if !shown[scope] {
			shown[scope] = true
			boxes = append(boxes, choice{Value: scope, Chosen: covers(asked, scope), Within: within})
		}
	}
	for _, s := range scopeTree {
		add(s.scope, false)
		for _, narrower := range s.includes {
			add(narrower, true)
		}
	}
	h.show(w, 200, "classic", "New personal access token (classic)", struct {
		Note                        string
		Scopes, Lifetimes, Accounts []choice
	}{query.Get("description"), boxes, lifetimeChoices("30"), h.sandbox.accounts()})
}

func (h *gitHub) makeClassic(w http.ResponseWriter, r *http.Request) {
	g := grant{kind: classic, login: h.sandbox.account(r)}
	g.scopes = normalized(r.PostForm["scope"])
	h.dateForm(&g, r)
	h.showMinted(w, g)
}

func (h *gitHub) showMinted(w http.ResponseWriter, g grant) {
	h.sandbox.mu.Lock()
	token := h.mint(g)
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "Personal access token", result{
		Heading: "Your new token", Text: "Make sure to copy it now. You won't be able to see it again!", Label: "Token", Value: token,
	})
}

// levels are the accesses that a fine-grained permission may have.
var levels = map[string]permission{"none": none, "read": read, "write": write}

func levelChoices(chosen string) []choice {
	list := []choice{{Value: "none", Text: "No access"}, {Value: "read", Text: "Read-only"}, {Value: "write", Text: "Read and write"}}
	for i := range list {
		list[i].Chosen = list[i].Value == chosen
	}
	return list
}

func (h *gitHub) fineGrainedPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	h.show(w, 200, "finegrained", "New fine-grained personal access token", struct {
		Name, Description                    string
		Contents, Hooks, Lifetimes, Accounts []choice
	}{
		query.Get("name"), query.Get("description"),
		levelChoices(query.Get("contents")), levelChoices(query.Get("repository_hooks")),
		lifetimeChoices(query.Get("expires_in")), h.sandbox.accounts(),
	})
}

func (h *gitHub) makeFineGrained(w http.ResponseWriter, r *http.Request) {
	g := grant{
		kind: fineGrained, login: h.sandbox.account(r),
		contents: levels[r.PostFormValue("contents")], hooks: levels[r.PostFormValue("repository_hooks")],
	}
	h.dateForm(&g, r)
	h.showMinted(w, g)
}

func (h *gitHub) applicationPage(w http.ResponseWriter, _ *http.Request) {
	h.show(w, 200, "application", "Register a new OAuth app", nil)
}

func (h *gitHub) registerApplication(w http.ResponseWriter, r *http.Request) {
	a := &app{title: r.PostFormValue("name")}
	if r.PostFormValue("device_flow") == "" {
		a.start = new(oauthError("device_flow_disabled"))
	}
	if callback, err := url.Parse(r.PostFormValue("callback")); err == nil && callback.IsAbs() {
		a.callback = callback.String()
	}
	h.sandbox.mu.Lock()
	a.made = h.sandbox.pick("0123456789abcdef", 40)
	id := namedApps[0].id(h.provider)[:6] + h.sandbox.pick(base62, 14)
	h.apps[id] = a
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "OAuth app", result{
		Heading: "Application registered", Text: "Give its client ID to the program that signs in with it, and for the web flow its client secret, " + a.made + ".", Label: "Client ID", Value: id,
	})
}

// ssoLink is the page where somebody authorizes a token for the organization,
// the same one however often the token is refused.
func (h *gitHub) ssoLink(r *http.Request, token string) string {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	for id, behind := range h.ssoLinks {
		if behind == token {
			return h.ssoAddress(r, id)
		}
	}
	id := h.sandbox.pick(base62, 24)
	h.ssoLinks[id] = token
	return h.ssoAddress(r, id)
}

func (h *gitHub) ssoAddress(r *http.Request, id string) string {
	return h.webURL(r) + "/orgs/" + organization + "/sso?authorization_request=" + id
}

func (h *gitHub) ssoPage(w http.ResponseWriter, r *http.Request) {
	h.show(w, 200, "sso", "Single sign-on to "+organization, r.URL.Query().Get("authorization_request"))
}

func (h *gitHub) authorizeSSO(w http.ResponseWriter, r *http.Request) {
	h.sandbox.mu.Lock()
	token, known := h.ssoLinks[r.PostFormValue("authorization_request")]
	if g := h.grants[token]; known && g != nil {
		cleared := *g
		cleared.fault = fault{}
		h.grants[token] = &cleared
	}
	h.sandbox.mu.Unlock()
	if !known {
		h.show(w, 404, "result", "Single sign-on", result{Heading: "This request is not known", Text: "Ask for the resource again to get a new link."})
		return
	}
	h.show(w, 200, "result", "Single sign-on", result{Heading: "Token authorized", Text: "The token may be used with the organization " + organization + " now."})
}
