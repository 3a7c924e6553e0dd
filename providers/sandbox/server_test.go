package sandbox_test

import (
	"errors"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"gitgrant/providers/sandbox"
)

func TestAServerListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:0"} {
		if srv, err := sandbox.Start(sandbox.Options{}, addr); !errors.Is(err, sandbox.ErrNotLoopback) {
			t.Errorf("%s: %v, %v", addr, srv, err)
		}
	}
	for _, addr := range []string{":0", "localhost:0", "example.com:80", "127.0.0.1", ""} {
		if srv, err := sandbox.Start(sandbox.Options{}, addr); err == nil {
			t.Errorf("%q is served at %s", addr, srv.URL())
			_ = srv.Close()
		}
	}
}

func TestAServerRefusesAnUnknownApproval(t *testing.T) {
	if srv, err := sandbox.Start(sandbox.Options{Approve: "perhaps"}, "127.0.0.1:0"); err == nil {
		t.Error("it started")
		_ = srv.Close()
	}
}

func TestClosingEndsWhatNeverEnds(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	res, err := w.client.Do(w.request("GET", "/github/api/user", nil, "Authorization", "Bearer "+sandbox.MustToken("github", "slow").Text))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := w.server.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheProfilesPointAtTheSandbox(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	var file struct {
		Hosts []struct {
			Host     string
			Provider string
			WebURL   string            `yaml:"web_url"`
			APIURL   string            `yaml:"api_url"`
			OAuth    map[string]string `yaml:"oauth"`
		}
	}
	if err := yaml.UnmarshalWithOptions(w.server.HostsYAML(w.server.URL()+"/"), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, h := range file.Hosts {
		names = append(names, h.Host+" "+h.Provider)
		path := strings.TrimPrefix(h.APIURL, w.server.URL())
		if h.Provider == "bitbucket-server" {
			got := w.as(sandbox.MustToken(h.Provider, "runtime").Text, path+"/api/latest/application-properties").expect(t, 200)
			got.headers(t, map[string]string{"X-AUSERNAME": "acme-bot"})
			web := strings.TrimPrefix(h.WebURL, w.server.URL())
			w.get(web+"/rest/oauth2/latest/authorize?response_type=code&redirect_uri=https://127.0.0.1/callback&client_id="+h.OAuth["client_id"]).expect(t, 200, "gitgrant")
			continue
		}
		signed := w.request("GET", path+"/user", nil)
		if token := sandbox.MustToken(h.Provider, "runtime"); token.Email == "" {
			signed.Header.Set("Authorization", "Bearer "+token.Text)
		} else {
			signed.SetBasicAuth(token.Email, token.Text)
		}
		w.do(signed).expect(t, 200)
		if h.Provider == "bitbucket" { // it has no device flow
			address := strings.TrimPrefix(h.WebURL, w.server.URL()) + "/site/oauth2/authorize?response_type=code&client_id="
			w.get(address+h.OAuth["client_id"]).expect(t, 200, `value="approve"`)
			continue
		}
		start := strings.TrimPrefix(h.WebURL, w.server.URL()) + "/login/device/code"
		if strings.HasPrefix(h.Provider, "gitlab") {
			start = strings.TrimPrefix(h.WebURL, w.server.URL()) + "/oauth/authorize_device"
		}
		w.post(start, map[string][]string{"client_id": {h.OAuth["client_id"]}}).expect(t, 200, "user_code")
	}
	want := []string{
		"github.com github", "ghe.sandbox.example github-enterprise", "gitlab.com gitlab", "gitlab.sandbox.example/gitlab gitlab-server",
		"bitbucket.org bitbucket", "bitbucket.sandbox.example/bitbucket bitbucket-server",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the hosts are %q", names)
	}
}

func TestTheJournalTellsWhatWasAskedAndNoSecret(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	token := sandbox.MustToken("github", "runtime").Text
	w.as(token, "/github/api/user?per_page=1")
	for _, token := range []string{
		token, sandbox.MustToken("gitlab", "runtime").Text, sandbox.MustToken("gitlab", "oauth").Text, sandbox.MustToken("bitbucket", "runtime").Text,
		sandbox.MustToken("bitbucket", "workspace-token").Text, sandbox.MustToken("bitbucket", "oauth").Text, sandbox.MustToken("bitbucket", "app-password").Text,
		sandbox.MustToken("bitbucket-server", "runtime").Text, sandbox.MustToken("bitbucket-server", "oauth").Text,
	} {
		w.get("/github/api/meta?access_token=" + token)
	}
	first := w.server.Requests()[0]
	if first.Method != http.MethodGet || first.Path != "/github/api/user" || first.Query != "per_page=1" || !first.Authorized || first.TokenInURL {
		t.Errorf("the first is %+v", first)
	}
	if !slices.Contains(first.Headers, "Authorization") || !slices.IsSorted(first.Headers) {
		t.Errorf("its headers are %v", first.Headers)
	}
	for _, r := range w.server.Requests()[1:] {
		if r.Authorized || !r.TokenInURL || r.Query != "access_token=•••" {
			t.Errorf("one with a token in its address is %+v", r)
		}
	}
}

func TestEveryNameIsListedOnceWithATokenThatLooksReal(t *testing.T) {
	shape := regexp.MustCompile(`^(gh[pou]_(sandbox|ghesSandbox)[A-Za-z0-9]+|github_pat_11SANDBOX0{13}_(sandbox|ghesSandbox)[A-Za-z0-9]{40,}|` +
		`glpat-(sandbox|glSandbox)[A-Za-z0-9]+\.01\.00sandbox|facade[0-9a-f]+|AT[AC]TT3xFfG[FN]0sandbox[A-Za-z0-9]+=[0-9A-F]{7,8}|ATBBsandbox[A-Za-z0-9]+|bbSandbox[A-Za-z0-9]+|` +
		`MjUyOTcz[A-Za-z0-9]{8}sandbox[A-Za-z0-9]+|decade[0-9a-f]+)$`)
	lengths := map[string]int{"ghp": 40, "gho": 40, "ghu": 40, "git": 93, "glp": 65, "fac": 64, "ATA": 192, "ATC": 192, "ATB": 36, "bbS": 90, "MjU": 44, "dec": 64}
	seen := map[string]bool{}
	for _, token := range sandbox.Tokens() {
		if odd := token.Provider == "bitbucket" && (token.Name == "oauth" || token.Name == "mistyped"); !shape.MatchString(token.Text) || len(token.Text) != lengths[token.Text[:3]] && !odd {
			t.Errorf("%s is %q", token.Name, token.Text)
		}
		if !strings.HasSuffix(token.About, ".") {
			t.Errorf("%s is told as %q", token.Name, token.About)
		}
		for _, key := range []string{token.Provider + " " + token.Name, token.Text} {
			if seen[key] {
				t.Errorf("%s is there twice", key)
			}
			seen[key] = true
		}
	}
	for _, client := range sandbox.Clients() {
		if seen[client.ID] || !strings.HasSuffix(client.About, ".") {
			t.Errorf("%+v", client)
		}
		seen[client.ID] = true
	}
	if tokens := sandbox.Tokens(); slices.ContainsFunc(tokens, func(tk sandbox.Token) bool {
		return tk.Provider == "github-enterprise" && strings.HasPrefix(tk.Name, "sso")
	}) {
		t.Error("GitHub Enterprise Server has no SSO header")
	}
}

func TestGitReadsTheAdvertisement(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed: install the package git")
	}
	w := newWire(t, sandbox.Options{})
	list := exec.CommandContext(t.Context(), git, "-c", "protocol.version=0", "ls-remote", w.server.URL()+"/github/acme/public.git")
	list.Env = []string{"GIT_CONFIG_NOSYSTEM=1", "HOME=" + t.TempDir(), "GIT_TERMINAL_PROMPT=0", "NO_PROXY=*"}
	out, err := list.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\trefs/heads/main\n") {
		t.Errorf("git says %q: %v", out, err)
	}
}
