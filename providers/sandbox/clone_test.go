package sandbox_test

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitgrant/providers/sandbox"
)

// clone is what git itself says to a clone, with a user name and a token in the
// header alone.
func (w *wire) clone(into, address, as string, args ...string) (string, error) {
	w.t.Helper()
	header := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(as))
	cmd := exec.CommandContext(w.t.Context(), "git", append(args, "clone", w.server.URL()+address, into)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0="+header)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGitClonesFromEveryHostWhatATokenMayRead(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is missing")
	}
	w := newWire(t, sandbox.Options{})
	token := func(provider, name string) string { return sandbox.MustToken(provider, name).Text }
	for address, as := range map[string]string{
		"/github/acme/app.git":            "octocat:" + token("github", "user"),
		"/github/acme/app":                "octocat:" + token("github", "user"),
		"/ghes/acme/app.git":              "octocat:" + token("github-enterprise", "user"),
		"/gitlab/acme/platform/infra.git": "oauth2:" + token("gitlab", "runtime"),
		"/gl/gitlab/acme/app.git":         "oauth2:" + token("gitlab-server", "user"),
		"/bitbucket/acme/app.git":         "x-bitbucket-api-token-auth:" + token("bitbucket", "user"),
		"/bbs/bitbucket/scm/ACME/app.git": "octocat:" + token("bitbucket-server", "user"),
	} {
		for _, version := range []string{"0", "2"} {
			t.Run(address+" by version "+version, func(t *testing.T) {
				into := filepath.Join(t.TempDir(), "clone")
				if out, err := w.clone(into, address, as, "-c", "protocol.version="+version, "-c", "transfer.fsckObjects=true"); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if text, err := os.ReadFile(filepath.Join(into, "README.md")); err != nil || !strings.Contains(string(text), "Nothing in it is real") {
					t.Errorf("it holds %q: %v", text, err)
				}
				if out, err := w.clone(into+"2", address, "octocat:none", "-c", "protocol.version="+version); err == nil {
					t.Errorf("anybody gets it: %s", out)
				}
			})
		}
	}
}

// What was refused at the refs is refused where the content is asked for.
func TestNothingIsClonedPastTheRefs(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, address := range []string{
		"/github/acme/app.git", "/ghes/acme/app.git", "/gitlab/acme/app.git", "/gl/gitlab/acme/app.git", "/bitbucket/acme/app.git", "/bbs/bitbucket/scm/ACME/app.git",
	} {
		w.do(w.request("POST", address+"/git-upload-pack", strings.NewReader("0009done\n"))).expect(t, 401)
		w.do(w.request("POST", address+"/git-receive-pack", strings.NewReader("0000"))).expect(t, 404)
	}
}
