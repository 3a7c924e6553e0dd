package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The two kinds of GitHub, as --provider writes them.
const (
	cloud      = "github"
	enterprise = "github-enterprise"
)

// The accounts: a person and a robot, which own the named tokens and may sign
// in at the pages.
const (
	person = "octocat"
	robot  = "acme-bot"
)

// gitHub is github.com or a GitHub Enterprise Server.
type gitHub struct {
	sandbox  *Sandbox
	provider string
	name     string
	// web and api are where the pages and the REST API begin.
	web, api string
	// version is empty on github.com.
	version string

	// What follows is guarded by sandbox.mu. Grants are never changed in
	// place, so one that was looked up may be read without the lock.
	grants    map[string]*grant   // by access token
	refreshes map[string]*refresh // by refresh token
	apps      map[string]*app     // by client id
	devices   map[string]*device  // by device code
	codes     map[string]webCode  // by code of the web flow
	ssoLinks  map[string]string   // access token by the id in an SSO address
	calls     map[string]int      // counted requests by account
	issued    int
	answered  int
}

func newGitHub(s *Sandbox) *gitHub {
	h := &gitHub{sandbox: s, provider: cloud, name: "github.com", web: "/github", api: "/github/api"}
	return h.seed()
}

func newGitHubEnterprise(s *Sandbox) *gitHub {
	h := &gitHub{
		sandbox: s, provider: enterprise, name: "ghe.sandbox.example",
		web: "/ghes", api: "/ghes/api/v3", version: "3.19.0",
	}
	return h.seed()
}

func (h *gitHub) seed() *gitHub {
	h.grants = map[string]*grant{}
	h.refreshes = map[string]*refresh{}
	h.apps = map[string]*app{}
	h.devices = map[string]*device{}
	h.codes = map[string]webCode{}
	h.ssoLinks = map[string]string{}
	h.calls = map[string]int{}
	for _, n := range namedGrants() {
		if n.revoked || !n.knownAt(h.provider) {
			continue
		}
		g := n.grant
		if n.lasts != 0 {
			g.expires = h.sandbox.now().Add(n.lasts)
		}
		h.grants[n.text(h.provider)] = &g
	}
	for _, a := range namedApps {
		if a.knownAt(h.provider) {
			h.apps[a.id(h.provider)] = &a
		}
	}
	return h
}

func (h *gitHub) profile() profile {
	return profile{
		name: h.name, provider: h.provider, web: h.web, api: h.api,
		clientID: namedApps[0].id(h.provider),
	}
}

func (h *gitHub) register(mux *http.ServeMux) {
	pages := http.NewServeMux()
	h.registerOAuth(pages)
	h.registerWebFlow(pages)
	h.registerPages(pages)
	pages.HandleFunc("GET /{owner}/{repo}/info/refs", h.git)
	pages.HandleFunc("POST /{owner}/{repo}/"+uploadPack, h.git)
	// A page elsewhere must not press the buttons here.
	guarded := http.NewCrossOriginProtection().Handler(pages)
	mux.Handle(h.web+"/", http.StripPrefix(h.web, guarded))

	api := http.StripPrefix(h.api, h.rest())
	mux.Handle(h.api+"/", api)
	mux.Handle(h.api, api)
}

// private reports whether nobody may look without signing in.
func (h *gitHub) private() bool { return h.provider == enterprise && h.sandbox.options.Private }

// webURL and apiURL are the addresses that the client reached this host at.
func (h *gitHub) webURL(r *http.Request) string { return origin(r) + h.web }
func (h *gitHub) apiURL(r *http.Request) string { return origin(r) + h.api }

func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// docs is where GitHub's messages point.
func (h *gitHub) docs(path string) string {
	if h.version == "" {
		return "https://docs.github.com" + path
	}
	release, _ := strings.CutSuffix(h.version, ".0")
	return "https://docs.github.com/enterprise-server@" + release + path
}

// grantKind is the prefix of a token's text: what GitHub tells the kinds by.
type grantKind string

const (
	classic     grantKind = "ghp_"
	fineGrained grantKind = "github_pat_"
	oauthApp    grantKind = "gho_"
	appUser     grantKind = "ghu_"
)

// scoped reports whether this kind has scopes, and so an X-OAuth-Scopes header.
func (k grantKind) scoped() bool { return k == classic || k == oauthApp }

// permission is what a fine-grained token was given on one subject.
type permission int

const (
	none permission = iota
	read
	write
)

// grant is what stands behind an access token.
type grant struct {
	kind   grantKind
	login  string
	scopes []string
	// contents and hooks count for kinds without scopes.
	contents, hooks permission
	// pending means that the organization has not approved the token yet.
	pending bool
	expires time.Time
	// layout is how the expiry header is written.
	layout string
	// client and serial tell the tokens of one application apart by age.
	client string
	serial int
	fault  fault
}

// grantOf is the grant behind a token, nil where it is unknown or expired.
func (h *gitHub) grantOf(token string) *grant {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	g := h.grants[token]
	if g != nil && !g.expires.IsZero() && !h.sandbox.now().Before(g.expires) {
		return nil
	}
	return g
}

const base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// mint makes a token for g. The caller holds the lock.
func (h *gitHub) mint(g grant) string {
	text := string(g.kind) + h.sandbox.pick(base62, 36)
	if g.kind == fineGrained {
		text = string(g.kind) + h.sandbox.pick(base62, 22) + "_" + h.sandbox.pick(base62, 59)
	}
	h.issued++
	g.serial = h.issued
	h.grants[text] = &g
	if g.client != "" {
		h.evict(&g)
	}
	return text
}

// tokensPerApp is how many tokens of one account, application and set of
// scopes live at a time.
const tokensPerApp = 10

// evict revokes the oldest of g's siblings once there are too many.
func (h *gitHub) evict(g *grant) {
	var oldest string
	siblings := 0
	for text, other := range h.grants {
		if other.client != g.client || other.login != g.login || !slices.Equal(other.scopes, g.scopes) {
			continue
		}
		siblings++
		if oldest == "" || other.serial < h.grants[oldest].serial {
			oldest = text
		}
	}
	if siblings > tokensPerApp {
		delete(h.grants, oldest)
	}
}
