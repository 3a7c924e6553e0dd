package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// dataCenterKind is Bitbucket Data Center, as --provider writes it.
const dataCenterKind = "bitbucket-server"

// dataCenterPassword is the password of every account that a person signs in
// with. What a token may not do, a password often may.
const dataCenterPassword = "sandbox-password"

// The accounts of this host beside those of every host. Bitbucket keeps one of
// its own behind every token that belongs to a project or a repository.
const (
	mailAccount   = "runtime@acme.example"
	projectTokens = "tokens-of-project-ACME"
	repoTokens    = "tokens-of-repository-ACME-app"
)

// dataCenterUser is an account of Bitbucket Data Center.
type dataCenterUser struct {
	id                  int
	name, slug, display string
	// service accounts stand behind tokens; nobody signs in as one.
	service bool
}

var dataCenterUsers = []dataCenterUser{
	{101, person, person, "The Octocat", false},
	{102, robot, robot, "Acme runtime", false},
	{103, mailAccount, "runtime_acme.example", "Runtime of Acme", false},
	{201, projectTokens, strings.ToLower(projectTokens), "ACME", true},
	{202, repoTokens, strings.ToLower(repoTokens), "app", true},
}

// dataCenterUserOf is an account by its name; one that signed in at the pages
// alone is number 1.
func dataCenterUserOf(name string) dataCenterUser {
	for _, u := range dataCenterUsers {
		if u.name == name {
			return u
		}
	}
	return dataCenterUser{id: 1, name: name, slug: strings.ReplaceAll(name, "@", "_"), display: name}
}

// dataCenter is a Bitbucket Data Center below a context path.
type dataCenter struct {
	sandbox *Sandbox
	// web and api are where the pages and the REST API begin.
	web, api string

	// What follows is guarded by sandbox.mu. Tokens are values: one that was
	// looked up may be read without the lock.
	tokens map[string]dataCenterToken // by their text
	apps   map[string]dataCenterApp   // by client id
	codes  map[string]dataCenterCode  // by authorization code
	failed map[string]int             // sign-ins by name and password that failed in a row, by account
	issued int64
	served int
}

func newDataCenter(s *Sandbox) *dataCenter {
	h := &dataCenter{
		sandbox: s, web: "/bbs/bitbucket", api: "/bbs/bitbucket/rest",
		tokens: map[string]dataCenterToken{}, apps: map[string]dataCenterApp{}, codes: map[string]dataCenterCode{}, failed: map[string]int{},
	}
	now := s.now()
	for i, n := range namedDataCenterTokens() {
		if n.unknown {
			continue
		}
		t := n.token
		t.name, t.created = n.name, now.Add(-30*day)
		if t.oauth() {
			t.client = namedDataCenterApps[0].id()
		}
		if n.lasts != 0 {
			t.expires = now.Add(n.lasts)
		}
		t.id = dataCenterID(i)
		h.tokens[n.text(i)] = t
	}
	h.issued = int64(len(namedDataCenterTokens()))
	for _, a := range namedDataCenterApps {
		h.apps[a.id()] = a
	}
	return h
}

func (h *dataCenter) profile() profile {
	return profile{
		name: "bitbucket.sandbox.example/bitbucket", provider: dataCenterKind, web: h.web, api: h.api,
		clientID: namedDataCenterApps[1].id(), // as a host is delivered
	}
}

// decide finds no sign-in to settle: Bitbucket has no device flow.
func (h *dataCenter) decide(string, string, bool) bool { return false }

func (h *dataCenter) register(mux *http.ServeMux) {
	pages := http.NewServeMux()
	h.registerPages(pages)
	pages.HandleFunc("GET /scm/{project}/{repository}/info/refs", h.git)
	pages.HandleFunc("POST /scm/{project}/{repository}/"+uploadPack, h.git)
	// A page elsewhere must not press the buttons here.
	guarded := http.NewCrossOriginProtection().Handler(pages)
	mux.Handle(h.web+"/", http.StripPrefix(h.web, guarded))
	mux.Handle(h.api+"/", http.StripPrefix(h.api, http.NewCrossOriginProtection().Handler(h.rest())))
}

func (h *dataCenter) show(w http.ResponseWriter, status int, name, title string, data any) {
	show(w, status, name, page{Title: title, Host: h.profile().name, Data: data})
}

// alive reports whether a token works at all.
func (h *dataCenter) alive(t dataCenterToken) bool {
	now := h.sandbox.now()
	return !t.revoked && (t.expires.IsZero() || now.Before(t.expires))
}

// milliseconds is how Bitbucket tells a moment.
func milliseconds(at time.Time) int64 { return at.UnixMilli() }
