package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (h *gitHub) registerPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /login/device", h.devicePage)
	mux.HandleFunc("POST /login/device", h.decideOnPage)
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

// choice is an entry that may be chosen on a page.
type choice struct {
	Value, Text string
	Chosen      bool
	// Within marks a scope that the one above includes.
	Within bool
}

// accounts are those that may be signed in at a page.
func (h *gitHub) accounts() []choice {
	signedIn := h.sandbox.options.Login
	list := []choice{{Value: person, Text: "a person"}, {Value: robot, Text: "a robot account"}}
	if signedIn != person && signedIn != robot {
		list = append(list, choice{Value: signedIn, Text: "signed in"})
	}
	for i := range list {
		list[i].Chosen = list[i].Value == signedIn
	}
	return list
}

// account is the one that a form was sent as.
func (h *gitHub) account(r *http.Request) string {
	login := r.PostFormValue("login")
	if !slices.ContainsFunc(h.accounts(), func(c choice) bool { return c.Value == login }) {
		return h.sandbox.options.Login
	}
	return login
}

func (h *gitHub) devicePage(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("user_code")
	h.sandbox.mu.Lock()
	data := struct {
		Code, App     string
		Known, Scoped bool
		Scopes        []string
		Accounts      []choice
	}{Code: code, Accounts: h.accounts()}
	if d := h.waiting(code); d != nil {
		data.Known, data.Code, data.App = true, d.userCode, cmp.Or(d.app.title, "gitgrant")
		data.Scoped, data.Scopes = !d.app.gitHubApp, d.scopes
	}
	h.sandbox.mu.Unlock()
	h.show(w, 200, "device", "Device activation", data)
}

func (h *gitHub) decideOnPage(w http.ResponseWriter, r *http.Request) {
	approved := r.PostFormValue("decision") == "approve"
	if !h.decide(r.PostFormValue("user_code"), h.account(r), approved) {
		h.show(w, 404, "result", "Device activation", result{
			Heading: "No sign-in waits for this code", Text: "It was mistyped, is used already, or ran out. Ask the device for a new one.",
		})
		return
	}
	said := result{Heading: "Congratulations, you're all set!", Text: "Your device is now connected. You may close this page."}
	if !approved {
		said = result{Heading: "Sign-in denied", Text: "The device gets no access. You may close this page."}
	}
	h.show(w, 200, "result", "Device activation", said)
}

// lifetimes are the expirations that a token page offers, in days; 0 is none.
var lifetimes = []int{7, 30, 60, 90, 0}

func lifetimeChoices(chosen string) []choice {
	list := make([]choice, 0, len(lifetimes))
	for _, days := range lifetimes {
		c := choice{Value: strconv.Itoa(days), Text: strconv.Itoa(days) + " days"}
		if days == 0 {
			c.Value, c.Text = "none", "No expiration"
		}
		c.Chosen = c.Value == chosen
		list = append(list, c)
	}
	return list
}

// dateForm gives a minted token its expiry from the form's choice of days.
func (h *gitHub) dateForm(g *grant, r *http.Request) {
	if days, err := strconv.Atoi(r.PostFormValue("expires_in")); err == nil && slices.Contains(lifetimes, days) {
		g.expires, g.layout = h.sandbox.now().Add(time.Duration(days)*day), expiryNamedZone
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
	}{query.Get("description"), boxes, lifetimeChoices("30"), h.accounts()})
}

func (h *gitHub) makeClassic(w http.ResponseWriter, r *http.Request) {
	g := grant{kind: classic, login: h.account(r)}
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
		lifetimeChoices(query.Get("expires_in")), h.accounts(),
	})
}

func (h *gitHub) makeFineGrained(w http.ResponseWriter, r *http.Request) {
	g := grant{
		kind: fineGrained, login: h.account(r),
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
	h.sandbox.mu.Lock()
	id := namedApps[0].id(h.provider)[:6] + h.sandbox.pick(base62, 14)
	h.apps[id] = a
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "OAuth app", result{
		Heading: "Application registered", Text: "Give its client ID to the program that signs in with it.", Label: "Client ID", Value: id,
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
