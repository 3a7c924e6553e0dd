package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"gitgrant/providers/sandbox"
)

const cloudAPI, cloudSite = "/bitbucket-api/2.0", "/bitbucket"

const (
	unauthorized  = "Token is invalid, expired, or not supported for this endpoint."
	lackingScopes = "Your credentials lack one or more required privilege scopes."
)

// cloud is a request that a named token of Bitbucket signs, as it wants to.
func (w *wire) cloud(method, name, path string) reply {
	w.t.Helper()
	token, r := sandbox.MustToken("bitbucket", name), w.request(method, cloudAPI+path, nil)
	if token.Email == "" {
		r.Header.Set("Authorization", "Bearer "+token.Text)
	} else {
		r.SetBasicAuth(token.Email, token.Text)
	}
	return w.do(r)
}

// beside is a GET with Basic.
func (w *wire) beside(user, password, path string) reply {
	w.t.Helper()
	r := w.request("GET", path, nil)
	r.SetBasicAuth(user, password)
	return w.do(r)
}

func TestEveryTokenOfBitbucketMeetsItsAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		texts  []string
		header map[string]string
	}{
		"runtime": {200, []string{`"username":"acme-bot"`, `"type":"user"`}, map[string]string{
			"X-Credential-Type": "api_token", "X-Accepted-OAuth-Scopes": "account",
			"X-OAuth-Scopes": "read:user:bitbucket, read:workspace:bitbucket, read:repository:bitbucket, write:repository:bitbucket, admin:repository:bitbucket, read:webhook:bitbucket, write:webhook:bitbucket, delete:webhook:bitbucket",
		}},
		"user":              {200, []string{`"username":"octocat"`}, nil},
		"oauth":             {200, []string{`"username":"acme-bot"`}, map[string]string{"X-Credential-Type": "absent", "X-OAuth-Scopes": "account, team, repository:write, repository:admin, webhook"}},
		"repository-token":  {403, []string{lackingScopes, `"required":["account"]`}, map[string]string{"X-Credential-Type": "repo_access_token", "X-OAuth-Scopes": "repository:write, repository:admin, webhook"}},
		"project-token":     {403, []string{lackingScopes}, map[string]string{"X-Credential-Type": "project_access_token"}},
		"workspace-token":   {403, []string{lackingScopes}, map[string]string{"X-Credential-Type": "workspace_access_token"}},
		"workspace-account": {200, []string{`"type":"app_user"`}, nil},
		"no-user":           {403, []string{lackingScopes, `"required":["read:user:bitbucket"]`, `"granted":["read:workspace:bitbucket"`}, nil},
		"no-user-in-words":  {403, []string{lackingScopes, `"detail":"This needs read:user:bitbucket."`}, nil},
		"no-user-in-body":   {403, []string{`"granted":[`}, map[string]string{"X-OAuth-Scopes": "absent", "X-Credential-Type": "absent", "X-Token-Id": "absent"}},
		"oauth-closure":     {200, []string{`"username":"acme-bot"`}, nil},

		"expired":       {401, []string{unauthorized}, map[string]string{"WWW-Authenticate": `Basic realm="Bitbucket.org HTTP"`, "X-OAuth-Scopes": "absent"}},
		"revoked":       {401, []string{unauthorized}, nil},
		"other-email":   {401, []string{unauthorized}, nil},
		"unscoped":      {401, []string{unauthorized}, nil},
		"unknown":       {401, []string{unauthorized}, nil},
		"mistyped":      {401, []string{unauthorized}, nil},
		"app-password":  {401, []string{unauthorized}, nil},
		"oauth-revoked": {401, []string{unauthorized}, nil},
		"oauth-expired": {401, []string{"Access token expired. Use your refresh token to obtain a new access token."}, nil},
		"refused-bare":  {401, nil, map[string]string{"WWW-Authenticate": `BitbucketCustom realm="Bitbucket.org HTTP"`, "Content-Length": "0"}},

		"address-refused":  {403, []string{"an admin must whitelist your IP"}, map[string]string{"X-OAuth-Scopes": "absent"}},
		"forbidden":        {403, []string{`{"error":{"message":"Forbidden"},"type":"error"}`}, nil},
		"gone":             {410, []string{"CHANGE-2770 - Functionality has been deprecated", "announcement_url"}, nil},
		"rate-limit":       {429, []string{"Rate limit"}, map[string]string{"Retry-After": "120"}},
		"rate-limit-bare":  {429, []string{"Rate limit"}, map[string]string{"Retry-After": "absent"}},
		"refused-by-proxy": {401, []string{"<html>"}, map[string]string{"WWW-Authenticate": `Basic realm="proxy"`}},
		"headers-lost":     {200, []string{`"username":"acme-bot"`}, map[string]string{"X-OAuth-Scopes": "absent"}},
		"new-kind":         {200, nil, map[string]string{"X-Credential-Type": "service_token"}},
		"nameless":         {200, []string{`"nickname":"acme-bot"`}, nil},
		"error-503":        {503, []string{"<html>"}, nil},
		"html":             {200, []string{"<html>"}, nil},
		"redirect-302":     {302, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			w.cloud("GET", name, "/user").expect(t, test.status, test.texts...).headers(t, test.header)
		})
	}
}

func TestATokenIsTakenInOneWayAlone(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	api, access, oauth := sandbox.MustToken("bitbucket", "runtime"), sandbox.MustToken("bitbucket", "workspace-account"), sandbox.MustToken("bitbucket", "oauth")
	w.beside(api.Email, api.Text, cloudAPI+"/user").expect(t, 200)
	w.beside("Acme-Bot@acme.example", api.Text, cloudAPI+"/user").expect(t, 401)
	w.beside("acme-bot", api.Text, cloudAPI+"/user").expect(t, 401)
	w.as(api.Text, cloudAPI+"/user").expect(t, 401, unauthorized)
	w.as(access.Text, cloudAPI+"/user").expect(t, 200)
	w.beside("x-token-auth", access.Text, cloudAPI+"/user").expect(t, 401)
	w.as(oauth.Text, cloudAPI+"/user").expect(t, 200)
	w.get(cloudAPI+"/user").expect(t, 401)
	w.get(cloudAPI+"/repositories/acme/public").expect(t, 200, `"full_name":"acme/public"`)
	w.get(cloudAPI+"/repositories/acme/app").expect(t, 403)
}

func TestTheSiteTakesNoTokenForItsAPI(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	token := sandbox.MustToken("bitbucket", "runtime")
	w.beside(token.Email, token.Text, cloudSite+"/api/2.0/user").expect(t, 401, unauthorized)
	w.as(sandbox.MustToken("bitbucket", "oauth").Text, cloudSite+"/api/2.0/user").expect(t, 401)
	w.get(cloudSite+"/api/2.0/user").expect(t, 404)
}

func TestATokenKeepsItsFingerprint(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	id := func(name string) string { return w.cloud("GET", name, "/user").Header.Get("X-Token-Id") }
	if first := id("runtime"); first == "" || first != id("runtime") || first == id("user") {
		t.Errorf("the fingerprint is %q", first)
	}
}

func TestAWaveringHostRefusesEveryOtherRequest(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for range 2 {
		w.cloud("GET", "wavering", "/user").expect(t, 401, unauthorized)
		w.cloud("GET", "wavering", "/user").expect(t, 200)
	}
	refs := cloudSite + "/acme/app.git/info/refs?service=git-upload-pack"
	token := sandbox.MustToken("bitbucket", "wavering").Text
	w.beside("acme-bot", token, refs).expect(t, 401)
	w.beside("acme-bot", token, refs).expect(t, 200)
}

func TestWhatIsBelowARepositoryTakesItsScopesAndARole(t *testing.T) {
	const app, docs, hidden = "/repositories/acme/app", "/repositories/acme/docs", "/repositories/acme/hidden"
	for _, test := range []struct {
		method, token, path string
		status              int
	}{
		{"GET", "runtime", app, 200},
		{"GET", "write-without-read", app, 403},
		{"GET", "oauth-admin-alone", app, 403},
		{"GET", "oauth-closure", app, 200},
		{"GET", "runtime", hidden, 403},
		{"GET", "workspace-token", hidden, 200},
		{"GET", "repository-token", docs, 403},
		{"GET", "runtime", "/repositories/acme/nothing", 404},
		{"GET", "runtime", app + "/hooks", 200},
		{"GET", "no-webhook-read", app + "/hooks", 403},
		{"GET", "no-webhook-delete", app + "/hooks", 200},
		{"GET", "runtime", docs + "/hooks", 403},
		{"POST", "no-webhook-read", app + "/hooks", 403},
		{"POST", "no-webhook-write", app + "/hooks", 403},
		{"POST", "no-webhook-delete", app + "/hooks", 201},
		{"DELETE", "no-webhook-delete", app + "/hooks/%7B1%7D", 403},
		{"DELETE", "no-webhook-read", app + "/hooks/%7B1%7D", 204},
		{"DELETE", "runtime", app + "/hooks/%7B2%7D", 404},
		{"GET", "runtime", app + "/branching-model/settings", 200},
		{"GET", "no-admin", app + "/branching-model/settings", 403},
		{"GET", "runtime", docs + "/branching-model/settings", 403},
		{"GET", "repository-token-write", app + "/branching-model/settings", 403},
		{"GET", "address-refused-late", app, 403},
		{"GET", "address-refused-late", "/user", 200},
		{"GET", "runtime", "/workspaces", 410},
		{"GET", "runtime", "/repositories?role=admin", 410},
		{"GET", "oauth", "/user/permissions/workspaces", 410},
		{"GET", "oauth", "/user/permissions/repositories", 410},
		{"GET", "runtime", "/nothing", 404},
		{"GET", "oauth-no-team", "/user/workspaces", 200},
		{"GET", "oauth-no-account", "/user/workspaces", 403},
		{"GET", "no-workspace", "/user/workspaces", 403},
		{"GET", "runtime", "/user/workspaces/other/permission", 403},
		{"GET", "workspace-account", "/user/workspaces/acme/permissions/repositories", 403},
		{"GET", "runtime", "/user/workspaces/acme/permissions/repositories?q=nonsense", 400},
		{"GET", "runtime", "/user/emails", 200},
	} {
		t.Run(test.method+" "+test.path+" by "+test.token, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			w.cloud(test.method, test.token, test.path).expect(t, test.status)
		})
	}
}

func TestAWebhookIsThereUntilItIsDeleted(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	hooks := "/repositories/acme/app/hooks"
	uid, _ := w.cloud("POST", "runtime", hooks).expect(t, 201).json(t)["uuid"].(string)
	w.cloud("GET", "runtime", hooks).expect(t, 200, `"size":2`, `"uuid":"`+uid+`"`)
	w.cloud("DELETE", "runtime", hooks+"/"+url.PathEscape(uid)).expect(t, 204)
	w.cloud("GET", "runtime", hooks).expect(t, 200, `"size":1`)
}

func TestAnAccountIsToldWhereItBelongs(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.cloud("GET", "runtime", "/user/workspaces").expect(t, 200, `"slug":"acme"`, `"administrator":false`)
	w.cloud("GET", "runtime", "/user/workspaces/acme/permission").expect(t, 200, `"permission":"member"`)
	query := "?q=" + url.QueryEscape(`repository.full_name="acme/docs"`)
	w.cloud("GET", "runtime", "/user/workspaces/acme/permissions/repositories"+query).expect(t, 200, `"permission":"write"`, `"size":1`)
	w.cloud("GET", "runtime", "/user/workspaces/acme/permissions/repositories").expect(t, 200, `"size":3`)
	w.cloud("GET", "runtime", "/repositories/acme?role=admin").expect(t, 200, `"size":1`, `"acme/app"`)
	w.cloud("GET", "runtime", "/repositories/acme?role=contributor").expect(t, 200, `"size":2`)
	w.cloud("GET", "runtime", "/repositories/acme").expect(t, 200, `"size":4`, `"acme/public"`)
}

func TestGitAtBitbucketTakesItsOwnNames(t *testing.T) {
	for _, test := range []struct {
		claim, user, token, repo, service string
		status                            int
		text                              string
	}{
		{"everybody's name", "x-bitbucket-api-token-auth", "runtime", "acme/app", "git-upload-pack", 200, ""},
		{"the account's name", "acme-bot", "runtime", "acme/app", "git-receive-pack", 200, ""},
		{"the address of REST", "acme-bot@acme.example", "runtime", "acme/app", "git-upload-pack", 401, ""},
		{"the name of access tokens", "x-token-auth", "runtime", "acme/app", "git-upload-pack", 401, ""},
		{"an access token", "x-token-auth", "workspace-token", "acme/hidden", "git-receive-pack", 200, ""},
		{"an OAuth token", "x-token-auth", "oauth", "acme/app", "git-receive-pack", 200, ""},
		{"an access token by another name", "acme-bot", "workspace-token", "acme/app", "git-upload-pack", 401, ""},
		{"no scope to read", "acme-bot", "write-without-read", "acme/app", "git-upload-pack", 403, lackingScopes},
		{"no scope to write", "acme-bot", "no-write", "acme/app", "git-receive-pack", 403, lackingScopes},
		{"a role that reads", "acme-bot", "runtime", "acme/readonly", "git-receive-pack", 403, "write access"},
		{"a repository of others", "acme-bot", "runtime", "acme/hidden", "git-upload-pack", 403, "may not have access"},
		{"a repository that is not there", "acme-bot", "runtime", "acme/nothing", "git-upload-pack", 404, "not found"},
		{"a public one", "acme-bot", "runtime", "acme/public", "git-upload-pack", 200, ""},
		{"an expired token", "acme-bot", "expired", "acme/app", "git-upload-pack", 401, ""},
		{"an app password", "acme-bot", "app-password", "acme/app", "git-upload-pack", 401, ""},
	} {
		t.Run(test.claim, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			answer := w.beside(test.user, sandbox.MustToken("bitbucket", test.token).Text, cloudSite+"/"+test.repo+".git/info/refs?service="+test.service)
			answer.expect(t, test.status, test.text)
			if test.status == 200 && !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/x-"+test.service) {
				t.Errorf("it is called %s", answer.Header.Get("Content-Type"))
			}
		})
	}
	w := newWire(t, sandbox.Options{})
	w.get(cloudSite+"/acme/public.git/info/refs?service=git-upload-pack").expect(t, 200)
	w.get(cloudSite+"/acme/app.git/info/refs?service=git-upload-pack").expect(t, 401)
	w.get(cloudSite+"/acme/app.git/info/refs").expect(t, 404)
	w.do(w.request("HEAD", cloudSite+"/acme/public.git/info/refs?service=git-upload-pack", nil)).expect(t, 404)
}
