package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// The two kinds of GitLab, as --provider writes them.
const (
	gitLabCloud  = "gitlab"
	gitLabServer = "gitlab-server"
)

// The bots that GitLab keeps behind tokens which belong to no person.
const (
	projectBot     = "project_2001_bot_5a4db0c5e1f2a3b4"
	groupBot       = "group_3001_bot_5a4db0c5d6e7f8a9"
	serviceAccount = "service_account_group_3001_5a4db0c5"
)

// gitLabUser is an account of GitLab.
type gitLabUser struct {
	id             int
	username, name string
	bot            bool
}

var gitLabUsers = []gitLabUser{
	{7, person, "The Octocat", false},
	{8, robot, "Acme runtime", false},
	{9, projectBot, "runtime", true},
	{10, groupBot, "runtime", true},
	{11, serviceAccount, "Service account user", true},
}

// gitLabUserOf is an account; one that signed in at the pages alone is number 1.
func gitLabUserOf(username string) gitLabUser {
	for _, u := range gitLabUsers {
		if u.username == username {
			return u
		}
	}
	return gitLabUser{id: 1, username: username, name: username}
}

// gitLab is gitlab.com or a self-managed GitLab below a relative URL root.
type gitLab struct {
	sandbox  *Sandbox
	provider string
	name     string
	// web and api are where the pages and the REST API begin.
	web, api string
	version  string

	// What follows is guarded by sandbox.mu. Tokens are values: one that was
	// looked up may be read without the lock.
	tokens  map[string]gitLabToken    // by access token
	apps    map[string]gitLabApp      // by client id
	devices map[string]*gitLabDevice  // by device code
	codes   map[string]gitLabAuthCode // by authorization code
	calls   map[string]int            // counted requests by account
	issued  int
	served  int
}

func newGitLab(s *Sandbox) *gitLab {
	h := &gitLab{sandbox: s, provider: gitLabCloud, name: "gitlab.com", web: "/gitlab", version: "19.2.0-pre"}
	return h.seed()
}

func newGitLabServer(s *Sandbox) *gitLab {
	h := &gitLab{sandbox: s, provider: gitLabServer, name: "gitlab.sandbox.example/gitlab", web: "/gl/gitlab", version: "18.11.4-ee"}
	return h.seed()
}

func (h *gitLab) seed() *gitLab {
	h.api = h.web + "/api/v4"
	h.tokens = map[string]gitLabToken{}
	h.apps = map[string]gitLabApp{}
	h.devices = map[string]*gitLabDevice{}
	h.codes = map[string]gitLabAuthCode{}
	h.calls = map[string]int{}
	now := h.sandbox.now()
	for _, n := range namedGitLabTokens() {
		if n.unknown {
			continue
		}
		t := n.token
		t.name, t.created, t.lastUsed = n.name, now.Add(-30*day), now.Add(-time.Hour)
		switch {
		case t.oauth():
			t.client = namedGitLabApps[0].id(h.provider)
			t.created, t.expires = now.Add(n.lasts-oauthLifetime), now.Add(n.lasts)
		case n.lasts != 0:
			t.expires = midnight(now.Add(n.lasts))
		}
		h.add(n.text(h.provider), t)
	}
	for _, a := range namedGitLabApps {
		h.apps[a.id(h.provider)] = a
	}
	return h
}

// midnight is when a token ends that is good until a date.
func midnight(at time.Time) time.Time { return at.UTC().Truncate(day) }

func (h *gitLab) profile() profile {
	return profile{
		name: h.name, provider: h.provider, web: h.web, api: h.api,
		clientID: namedGitLabApps[0].id(h.provider),
	}
}

func (h *gitLab) register(mux *http.ServeMux) {
	pages := http.NewServeMux()
	h.registerOAuth(pages)
	h.registerPages(pages)
	pages.HandleFunc("GET /", h.git)
	pages.HandleFunc("POST /", h.git)
	// A page elsewhere must not press the buttons here.
	guarded := http.NewCrossOriginProtection().Handler(pages)
	mux.Handle(h.web+"/", http.StripPrefix(h.web, guarded))
	mux.Handle(h.api+"/", http.StripPrefix(h.api, h.rest()))
}

// webURL is the address that the client reached this host at.
func (h *gitLab) webURL(r *http.Request) string { return origin(r) + h.web }

func (h *gitLab) show(w http.ResponseWriter, status int, name, title string, data any) {
	show(w, status, name, page{Title: title, Host: h.name, Data: data})
}

// gitLabScopes are the scopes that a person may tick, for tokens as for
// applications.
var gitLabScopes = []string{
	"api", "read_api", "read_user", "create_runner", "manage_runner", "k8s_proxy", "self_rotate",
	"read_repository", "write_repository", "read_registry", "write_registry", "ai_features",
}

// holdsAny reports whether one of the wanted scopes is there. GitLab knows no
// implication: every place lists all the scopes that it takes.
func holdsAny(scopes []string, wanted ...string) bool {
	return slices.ContainsFunc(wanted, func(scope string) bool { return slices.Contains(scopes, scope) })
}
