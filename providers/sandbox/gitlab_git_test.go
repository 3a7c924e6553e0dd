package sandbox_test

import (
	"testing"

	"gitgrant/providers/sandbox"
)

func TestGitIsLetInOrRefusedInGitLabsWords(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const pull, push = "git-upload-pack", "git-receive-pack"
	const denied, hidden = "HTTP Basic: Access denied.", "The project you were looking for could not be found"
	for _, test := range []struct {
		token, project, service string
		status                  int
		text                    string
	}{
		{"runtime", "acme/app", pull, 200, "001e# service=git-upload-pack\n0000"},
		{"runtime", "acme/app", push, 200, "001f# service=git-receive-pack\n0000"},
		{"user", "acme/app", push, 200, "report-status"},
		{"oauth", "acme/app", push, 200, "report-status"},
		{"no-webhooks", "acme/app", pull, 200, "symref"},
		{"no-webhooks", "acme/app", push, 403, "You are not allowed to push code to this project."},
		{"read-user", "acme/app", pull, 403, "You are not allowed to download code from this project."},
		{"read-user", "acme/public", pull, 200, "symref"},
		{"runtime", "acme/readonly", pull, 200, "symref"},
		{"runtime", "acme/readonly", push, 403, "You are not allowed to push code to this project."},
		{"runtime", "acme/tickets", pull, 403, "You are not allowed to download code from this project."},
		{"runtime", "acme/shared", push, 200, "report-status"},
		{"runtime", "acme/platform/infra", push, 200, "report-status"},
		{"runtime", "acme/archived", pull, 200, "symref"},
		{"runtime", "acme/archived", push, 403, "You can't push code to an archived project."},
		{"runtime", "acme/hidden", pull, 404, hidden},
		{"project-bot", "acme/app", push, 200, "report-status"},
		{"project-bot", "acme/readonly", pull, 401, denied},
		{"fine-grained", "acme/app", push, 200, "report-status"},
		{"fine-grained-code", "acme/app", pull, 200, "symref"},
		{"fine-grained-code", "acme/app", push, 403, "You are not allowed to push code to this project."},
		{"revoked", "acme/public", pull, 401, denied},
		{"expired", "acme/app", pull, 401, denied},
		{"unknown", "acme/app", pull, 401, denied},
		{"", "acme/public", pull, 200, "symref"},
		{"", "acme/public", push, 401, denied},
		{"", "acme/app", pull, 401, denied},
		{"", "acme/nothing", pull, 401, denied},
		{"runtime", "acme/app", "git-upload-archive", 404, ""},
	} {
		t.Run(test.token+" "+test.service+" "+test.project, func(t *testing.T) {
			r := w.request("GET", "/gitlab/"+test.project+".git/info/refs?service="+test.service, nil)
			if test.token != "" {
				r.SetBasicAuth("oauth2", lab(test.token))
			}
			got := w.do(r).expect(t, test.status, test.text)
			switch test.status {
			case 200:
				got.headers(t, map[string]string{"Content-Type": "application/x-" + test.service + "-advertisement"})
			case 401:
				got.headers(t, map[string]string{"WWW-Authenticate": `Basic realm="GitLab"`})
			}
		})
	}
}

func TestGitLabWantsAUserNameBesideAToken(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for name, test := range map[string]struct {
		token, user string
		status      int
	}{
		"a personal token beside any name":    {"runtime", "whoever", 200},
		"a personal token without one":        {"runtime", "", 401},
		"an OAuth token beside its name":      {"oauth", "oauth2", 200},
		"an OAuth token beside an account's":  {"oauth", "acme-bot", 401},
		"a personal token beside OAuth's own": {"runtime", "oauth2", 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.request("GET", "/gitlab/acme/app.git/info/refs?service=git-upload-pack", nil)
			r.SetBasicAuth(test.user, lab(test.token))
			w.do(r).expect(t, test.status)
		})
	}
}

func TestGitLabRefusesHEADWhereGETIsGood(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	r := w.request("HEAD", "/gitlab/acme/app.git/info/refs?service=git-upload-pack", nil)
	r.SetBasicAuth("oauth2", lab("runtime"))
	w.do(r).expect(t, 403)
}
