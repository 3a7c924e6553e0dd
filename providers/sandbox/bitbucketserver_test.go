package sandbox_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

const (
	dcWeb  = "/bbs/bitbucket"
	dcRest = dcWeb + "/rest"
	dcAPI  = dcRest + "/api/latest"

	notPermitted   = `{"errors":[{"context":null,"exceptionName":"com.atlassian.bitbucket.AuthorisationException","message":"You are not permitted to access this resource"}]}`
	badCredentials = `"exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException","message":"Authentication failed. Please check your credentials and try again."`
)

// dc is the text of a named token of Bitbucket Data Center.
func dc(name string) string { return sandbox.MustToken("bitbucket-server", name).Text }

func TestDataCenterAnswersInItsOwnWords(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const properties = "/api/latest/application-properties"
	for name, test := range map[string]struct {
		token, path string
		status      int
		text        string
		username    string
	}{
		"the version, for anybody":             {"", properties, 200, `"version":"9.4.16"`, "absent"},
		"the same by its older address":        {"", "/api/1.0/application-properties", 200, `"displayName":"Bitbucket"`, "absent"},
		"whose token it is":                    {"runtime", properties, 200, `"version":"9.4.16"`, "acme-bot"},
		"whose OAuth token it is":              {"oauth", properties, 200, `"version":"9.4.16"`, "acme-bot"},
		"a name that is an address":            {"mail-name", properties, 200, `"version":"9.4.16"`, "runtime%40acme.example"},
		"an expired token, where anybody asks": {"expired", properties, 200, `"version":"9.4.16"`, "absent"},
		"a revoked one":                        {"revoked", properties, 200, `"version":"9.4.16"`, "absent"},
		"one that nobody knows":                {"unknown", properties, 200, `"version":"9.4.16"`, "absent"},
		"one that is called anonymous":         {"anonymous", properties, 200, `"version":"9.4.16"`, "anonymous"},
		"one that is refused at once":          {"refused", properties, 401, badCredentials, "absent"},
		"an account with a CAPTCHA":            {"captcha", properties, 403, "auth.CaptchaRequiredAuthenticationException", "absent"},
		"no right to the version":              {"no-properties", properties, 401, notPermitted, "acme-bot"},
		"no right to the accounts":             {"no-users", "/api/latest/users?filter=acme", 401, notPermitted, "acme-bot"},

		"accounts by a part of their names": {"runtime", "/api/latest/users?filter=runtime", 200, `"size":2`, "acme-bot"},
		"accounts, a page of them":          {"runtime", "/api/latest/users?limit=1", 200, `"nextPageStart":1`, "acme-bot"},
		"accounts for nobody":               {"", "/api/latest/users", 401, notPermitted, "absent"},
		"accounts for a dead token":         {"expired", "/api/latest/users", 401, badCredentials, "absent"},
		"an account by its slug":            {"runtime", "/api/latest/users/runtime_acme.example", 200, `"name":"runtime@acme.example"`, "acme-bot"},
		"an account behind a token":         {"project-token", "/api/latest/users/tokens-of-project-acme", 200, `"type":"SERVICE"`, "tokens-of-project-ACME"},
		"an account that is not listed":     {"project-token", "/api/latest/users?filter=tokens-of", 200, `"size":0`, "tokens-of-project-ACME"},
		"an account by its name alone":      {"runtime", "/api/latest/users/runtime@acme.example", 404, "user.NoSuchUserException", "acme-bot"},
		"projects":                          {"runtime", "/api/latest/projects", 200, `"size":3`, "acme-bot"},
		"projects to administer":            {"runtime", "/api/latest/projects?permission=PROJECT_ADMIN&limit=1", 200, `"key":"ACME"`, "acme-bot"},
		"projects of a smaller token":       {"repository-admin", "/api/latest/projects?permission=PROJECT_ADMIN", 200, `"size":0`, "acme-bot"},
		"repositories for anybody":          {"", "/api/latest/repos", 200, `"slug":"site"`, "absent"},
		"repositories to administer":        {"user", "/api/latest/repos?permission=REPO_ADMIN&projectkey=acme", 200, `"size":1`, "octocat"},
		"recent ones for nobody":            {"", "/api/latest/profile/recent/repos", 401, notPermitted, "absent"},
		"recent ones":                       {"runtime", "/api/latest/profile/recent/repos?permission=REPO_ADMIN", 200, `"slug":"infra"`, "acme-bot"},
		"a project":                         {"runtime", "/api/latest/projects/acme", 200, `"key":"ACME"`, "acme-bot"},
		"a project out of sight":            {"runtime", "/api/latest/projects/HID", 401, notPermitted, "acme-bot"},
		"a project that is not there":       {"runtime", "/api/latest/projects/NONE", 404, "project.NoSuchProjectException", "acme-bot"},
		"its permissions for an admin":      {"runtime", "/api/latest/projects/ACME/permissions/users?limit=1", 200, `"permission":"PROJECT_WRITE"`, "acme-bot"},
		"its permissions for a smaller one": {"repository-admin", "/api/latest/projects/ACME/permissions/users", 401, notPermitted, "acme-bot"},
		"its permissions for a lower role":  {"lower-role", "/api/latest/projects/ACME/permissions/users", 401, notPermitted, "octocat"},
		"its own webhooks":                  {"runtime", "/api/latest/projects/ACME/webhooks", 200, `"size":0`, "acme-bot"},
		"its own webhooks, refused":         {"user", "/api/latest/projects/ACME/webhooks", 401, notPermitted, "octocat"},
		"a repository":                      {"repository-read", "/api/latest/projects/ACME/repos/app", 200, `"slug":"app"`, "octocat"},
		"a public one":                      {"", "/api/latest/projects/OPEN/repos/site", 200, `"public":true`, "absent"},
		"one out of sight":                  {"runtime", "/api/latest/projects/HID/repos/secret", 401, notPermitted, "acme-bot"},
		"one that is not there":             {"runtime", "/api/latest/projects/ACME/repos/none", 404, "repository.NoSuchRepositoryException", "acme-bot"},
		"its webhooks":                      {"repository-admin", "/api/latest/projects/ACME/repos/app/webhooks?limit=1", 200, `"id":42`, "acme-bot"},
		"its webhooks for a writer":         {"repository-write", "/api/latest/projects/ACME/repos/app/webhooks", 401, notPermitted, "octocat"},
		"its webhooks by its own token":     {"repository-token", "/api/latest/projects/ACME/repos/app/webhooks", 200, `"id":42`, "tokens-of-repository-ACME-app"},
		"another's webhooks by that token":  {"repository-token", "/api/latest/projects/ACME/repos/docs/webhooks", 401, notPermitted, "tokens-of-repository-ACME-app"},
		"tokens, for a token":               {"runtime", "/access-tokens/latest/users/acme-bot", 401, notPermitted, "acme-bot"},
		"tokens, for OAuth":                 {"oauth", "/access-tokens/latest/users/acme-bot/25297351000", 200, `"permissions":["REPO_ADMIN","PROJECT_ADMIN"]`, "acme-bot"},
		"another's tokens, for OAuth":       {"oauth", "/access-tokens/latest/users/octocat", 401, notPermitted, "acme-bot"},
		"a project's tokens, for OAuth":     {"oauth", "/access-tokens/latest/projects/ACME", 200, `"name":"project-token"`, "acme-bot"},
		"a repository's tokens, for OAuth":  {"oauth", "/access-tokens/latest/projects/ACME/repos/app", 200, `"name":"repository-token"`, "acme-bot"},
		"a token that is not there":         {"oauth", "/access-tokens/latest/users/acme-bot/1", 404, "NoSuchEntityException", "acme-bot"},
		"OAuth is there":                    {"", "/oauth2/1.0/client", 401, notPermitted, "absent"},
		"how people sign in":                {"", "/authconfig/1.0/login-options", 200, `{"results":[{"id":0,"type":"LOGIN_FORM"}]}`, "absent"},
		"a limit":                           {"rate-limit", properties, 429, "too many requests", "acme-bot"},
		"a limit that tells nothing":        {"rate-limit-bare", properties, 429, "too many requests", "acme-bot"},
		"a filter":                          {"forbidden", properties, 403, "HTTP access tokens are disabled", "acme-bot"},
		"an address that the API has not":   {"runtime", "/api/latest/nothing", 404, `"status-code":404`, "acme-bot"},
		"a broken host":                     {"error-502", properties, 502, "<html>", "absent"},
		"a page in its place":               {"html", properties, 200, "<html>", "absent"},
		"a token that dies on the way":      {"dies-at-project", "/api/latest/projects/ACME/permissions/users", 401, badCredentials, "absent"},
		"a token that has not died yet":     {"dies-at-project", properties, 200, `"version":"9.4.16"`, "acme-bot"},
	} {
		t.Run(name, func(t *testing.T) {
			var header []string
			if test.token != "" {
				header = []string{"Authorization", "Bearer " + dc(test.token)}
			}
			got := w.get(dcRest+test.path, header...).expect(t, test.status, test.text)
			want := map[string]string{"X-AUSERNAME": test.username}
			if test.token == "rate-limit" {
				want["Retry-After"] = "30"
			}
			got.headers(t, want)
			if id := got.Header.Get("X-AREQUESTID"); !strings.HasPrefix(id, "@SANDBOX") {
				t.Errorf("X-AREQUESTID is %q", id)
			}
		})
	}
}

// basic is a GET that a name and a password sign.
func (w *wire) basic(name, password, path string) reply {
	w.t.Helper()
	r := w.request("GET", path, nil)
	r.SetBasicAuth(name, password)
	return w.do(r)
}

func TestATokenIsAPasswordForItsOwnerAlone(t *testing.T) {
	for name, test := range map[string]struct {
		name, token string
		accepted    bool
	}{
		"a personal token beside its owner":   {"acme-bot", "runtime", true},
		"a personal token beside another":     {"octocat", "runtime", false},
		"a personal token beside a made name": {"x-token-auth", "runtime", false},
		"a token of a project":                {"tokens-of-project-ACME", "project-token", false},
		"a token of a repository":             {"x-token-auth", "repository-token", false},
		"an expired token":                    {"acme-bot", "expired", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			status := map[bool]int{true: 200, false: 401}[test.accepted]
			w.basic(test.name, dc(test.token), dcAPI+"/users").expect(t, status)
		})
	}
}

func TestThreeSignInsThatFailBringACaptchaThatThePageSolves(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for range 3 {
		w.basic("acme-bot", dc("expired"), dcAPI+"/users").expect(t, 401, badCredentials)
	}
	w.basic("acme-bot", dc("runtime"), dcAPI+"/users").expect(t, 403, "CaptchaRequiredAuthenticationException")
	w.basic("acme-bot", dc("runtime"), dcWeb+"/scm/ACME/app.git/info/refs?service=git-upload-pack").expect(t, 403, "CAPTCHA required")
	w.as(dc("runtime"), dcAPI+"/users").expect(t, 200)
	w.get(dcWeb+"/login").expect(t, 200)
	w.basic("acme-bot", dc("runtime"), dcAPI+"/users").expect(t, 200)
}

func TestAPasswordSeesTheTokensThatATokenDoesNot(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	password := w.get(dcWeb + "/login").value(t)
	w.basic("acme-bot", password, dcRest+"/access-tokens/latest/users/acme-bot/25297351000").expect(t, 200, `"id":"25297351000","name":"runtime"`, `"expiryDate":`)
	endless := w.basic("acme-bot", password, dcRest+"/access-tokens/1.0/users/acme-bot?limit=100").expect(t, 200, `"name":"endless-life"`)
	if strings.Contains(endless.text, `"expiryDate":null`) {
		t.Error("an end that is not there is told")
	}
}

func TestAPageForPeopleLeadsATokenToTheSignIn(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, path := range []string{"/plugins/servlet/access-tokens/manage", "/plugins/servlet/applinks/whoami"} {
		w.as(dc("runtime"), dcWeb+path).expect(t, 302).headers(t, map[string]string{"Location": dcWeb + "/login?next=" + url.QueryEscape(path)})
		w.basic("acme-bot", dc("runtime"), dcWeb+path).expect(t, 401)
	}
}

func TestGitIsLetInOrRefusedInDataCentersWords(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const pull, push = "git-upload-pack", "git-receive-pack"
	for _, test := range []struct {
		token, repository, service string
		status                     int
		text                       string
	}{
		{"runtime", "acme/app", pull, 200, "symref"},
		{"runtime", "ACME/app", push, 200, "report-status"},
		{"repository-write", "ACME/app", push, 200, "report-status"},
		{"repository-read", "ACME/app", pull, 200, "symref"},
		{"repository-read", "ACME/app", push, 403, "You are not permitted to push"},
		{"project-token", "ACME/docs", push, 200, "report-status"},
		{"repository-token", "ACME/app", push, 200, "report-status"},
		{"repository-token", "ACME/docs", pull, 404, "Repository not found"},
		{"oauth-write", "ACME/app", push, 200, "report-status"},
		{"user", "~octocat/dotfiles", push, 200, "report-status"},
		{"runtime", "OPS/readonly", push, 403, "You are not permitted to push"},
		{"runtime", "HID/secret", pull, 404, "Repository not found"},
		{"runtime", "ACME/none", pull, 404, "Repository not found"},
		{"expired", "OPEN/site", pull, 401, "Authentication failed"},
		{"", "OPEN/site", pull, 200, "symref"},
		{"", "OPEN/site", push, 401, "Authentication failed"},
		{"", "ACME/app", pull, 401, "Authentication failed"},
		{"runtime", "ACME/app", "git-upload-archive", 404, ""},
	} {
		t.Run(test.token+" "+test.service+" "+test.repository, func(t *testing.T) {
			path := dcWeb + "/scm/" + test.repository + ".git/info/refs?service=" + test.service
			var got reply
			if test.token == "" {
				got = w.get(path)
			} else {
				got = w.as(dc(test.token), path)
			}
			got.expect(t, test.status, test.text)
			if test.status == 401 {
				got.headers(t, map[string]string{"WWW-Authenticate": `Basic realm="Atlassian Bitbucket"`})
			}
		})
	}
}

func TestAnHTTPTokenIsMadeAtItsPage(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const page = dcWeb + "/plugins/servlet/access-tokens/manage"
	w.get(page).expect(t, 200, "Project permissions", "Repository permissions", `<option value="admin">Project admin</option>`)
	w.post(page, url.Values{"project": {"admin"}}).expect(t, 422)
	made := w.post(page, url.Values{"name": {"gitgrant prod runtime"}, "project": {"admin"}, "repository": {"read"}, "login": {"acme-bot"}, "expires_in": {"7"}})
	token := made.expect(t, 200).value(t)
	w.as(token, dcAPI+"/projects/ACME/repos/app/webhooks").expect(t, 200) // the one permission lifted the other
	w.clock.Advance(8 * 24 * time.Hour)
	w.as(token, dcAPI+"/projects/ACME/repos/app/webhooks").expect(t, 401, badCredentials)
}
