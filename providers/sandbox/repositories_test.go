package sandbox_test

import (
	"strings"
	"testing"

	"gitgrant/providers/sandbox"
)

func TestARepositoryAnswersByRoleAndByRights(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	// The answers of the repository, its contents, its commits and its hooks.
	for _, c := range []struct {
		token, repository                string
		itself, contents, commits, hooks int
	}{
		{"runtime", "app", 200, 200, 200, 200},
		{"no-webhooks", "app", 200, 200, 200, 200},
		{"user", "app", 200, 200, 200, 404},
		{"public-only", "app", 404, 404, 404, 404},
		{"no-scopes", "app", 404, 404, 404, 404},
		{"fine-grained", "app", 200, 200, 200, 200},
		{"fine-grained-read", "app", 200, 200, 200, 403},
		{"fine-grained-pending", "app", 404, 404, 404, 404},
		{"app-user", "app", 200, 200, 200, 404},
		{"runtime", "readonly", 200, 200, 200, 404},
		{"runtime", "archived", 200, 200, 200, 200},
		{"runtime", "hidden", 404, 404, 404, 404},
		{"runtime", "absent", 404, 404, 404, 404},
		{"runtime", "renamed", 301, 301, 301, 301},
		{"no-scopes", "public", 200, 200, 200, 404},
		{"fine-grained-pending", "public", 200, 200, 200, 404},
	} {
		t.Run(c.token+" at "+c.repository, func(t *testing.T) {
			base := "/github/api/repos/acme/" + c.repository
			w.named(c.token, base).expect(t, c.itself)
			w.named(c.token, base+"/contents/").expect(t, c.contents)
			w.named(c.token, base+"/commits?per_page=1").expect(t, c.commits)
			w.named(c.token, base+"/hooks?per_page=1").expect(t, c.hooks)
		})
	}
}

func TestARefusalNamesThePermissionThatIsMissing(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	refused := w.named("fine-grained-read", "/github/api/repos/acme/app/hooks")
	refused.expect(t, 403, "Resource not accessible by personal access token").headers(t, map[string]string{"X-Accepted-GitHub-Permissions": "repository_hooks=read"})
}

func TestTheRoleOfAnAccountStandsInTheRepository(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, c := range []struct {
		token, repository string
		admin, push, pull bool
	}{
		{"runtime", "app", true, true, true},
		{"user", "app", false, true, true},
		{"user", "readonly", false, false, true},
		{"runtime", "archived", true, true, true},
	} {
		t.Run(c.token+" at "+c.repository, func(t *testing.T) {
			body := w.named(c.token, "/github/api/repos/acme/"+c.repository).json(t)
			got, _ := body["permissions"].(map[string]any)
			if got["admin"] != c.admin || got["push"] != c.push || got["pull"] != c.pull {
				t.Errorf("permissions are %v", got)
			}
			if body["archived"] != (c.repository == "archived") {
				t.Errorf("archived is %v", body["archived"])
			}
		})
	}
}

func TestGitIsLetInOrRefusedInGitHubsWords(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const pull, push = "git-upload-pack", "git-receive-pack"
	for _, c := range []struct {
		token, repository, service string
		status                     int
		text                       string
	}{
		{"runtime", "app", pull, 200, "001e# service=git-upload-pack\n0000"},
		{"runtime", "app", push, 200, "001f# service=git-receive-pack\n0000"},
		{"user", "app", push, 200, " refs/heads/main\x00report-status"},
		{"fine-grained", "app", push, 200, "# service=git-receive-pack"},
		{"fine-grained-read", "app", pull, 200, "# service=git-upload-pack"},
		{"fine-grained-read", "app", push, 403, "Write access to repository not granted."},
		{"user", "readonly", pull, 200, "# service=git-upload-pack"},
		{"user", "readonly", push, 403, "Permission to acme/readonly.git denied to octocat."},
		{"no-scopes", "public", pull, 200, "# service=git-upload-pack"},
		{"no-scopes", "public", push, 403, "Permission to acme/public.git denied to acme-bot."},
		{"runtime", "archived", pull, 200, "# service=git-upload-pack"},
		{"runtime", "archived", push, 403, "archived so it is read-only"},
		{"runtime", "hidden", pull, 404, "Repository not found."},
		{"fine-grained-pending", "app", pull, 404, "Repository not found."},
		{"revoked", "app", pull, 401, "Invalid username or token."},
		{"sso", "app", pull, 403, "SAML SSO"},
		{"restricted", "app", push, 403, "OAuth App access restrictions"},
		{"runtime", "app", "", 403, "Please upgrade your git client."},
		{"", "public", pull, 200, "# service=git-upload-pack"},
		{"", "public", push, 401, "Invalid username or token."},
		{"", "app", pull, 401, "Invalid username or token."},
		{"", "absent", pull, 401, "Invalid username or token."},
	} {
		t.Run(c.token+" "+c.service+" "+c.repository, func(t *testing.T) {
			r := w.request("GET", "/github/acme/"+c.repository+".git/info/refs?service="+c.service, nil)
			if c.token != "" {
				r.SetBasicAuth("x-access-token", sandbox.MustToken("github", c.token).Text)
			}
			got := w.do(r).expect(t, c.status, c.text)
			switch c.status {
			case 200:
				got.headers(t, map[string]string{"Content-Type": "application/x-" + c.service + "-advertisement"})
			case 401:
				got.headers(t, map[string]string{"WWW-Authenticate": `Basic realm="GitHub"`})
			}
		})
	}
}

func TestGitNeedsSomeUserName(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	r := w.request("GET", "/github/acme/app.git/info/refs?service=git-upload-pack", nil)
	r.SetBasicAuth("", sandbox.MustToken("github", "runtime").Text)
	w.do(r).expect(t, 401)
}

func TestGitProtocolTwoAdvertisesCapabilities(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	got := w.get("/github/acme/public.git/info/refs?service=git-upload-pack", "Git-Protocol", "version=2").expect(t, 200, "000eversion 2\n")
	if strings.Contains(got.text, "refs/heads") {
		t.Error("version 2 lists no refs here")
	}
}
