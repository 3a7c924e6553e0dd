package sandbox_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

const cloudTokens, cloudConsumers = cloudSite + "/manage-profile/security/api-tokens", cloudSite + "/account/workspaces/"

func TestAnAPITokenIsMadeAtItsPage(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	page := w.get(cloudTokens+"?autofillToken=&appId=bitbucket&expiryDays=90").expect(t, 200, `value="90" selected`, `value="bitbucket" selected`, "read:user:bitbucket", "delete:webhook:bitbucket")
	if ticked := page.ticked(); len(ticked) > 0 {
		t.Errorf("ticked are %v", ticked)
	}
	form := url.Values{"name": {"gitgrant prod runtime"}, "app": {"bitbucket"}, "expires_in": {"90"}, "login": {"acme-bot"}, "scope": {"read:user:bitbucket", "read:repository:bitbucket"}}
	token := w.post(cloudTokens, form).expect(t, 200, "acme-bot@acme.example").value(t)
	if !strings.HasPrefix(token, "ATATT3xFfGF0sandbox") || len(token) != 192 {
		t.Errorf("the token is %q", token)
	}
	w.beside("acme-bot@acme.example", token, cloudAPI+"/user").expect(t, 200, `"username":"acme-bot"`).headers(t, map[string]string{
		"X-OAuth-Scopes": "read:user:bitbucket, read:repository:bitbucket",
	})
	w.clock.Advance(90 * 24 * time.Hour)
	w.beside("acme-bot@acme.example", token, cloudAPI+"/user").expect(t, 401, unauthorized)
}

func TestAnAPITokenNeedsAnEndAnAppAndAScope(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	whole := url.Values{"name": {"x"}, "app": {"bitbucket"}, "expires_in": {"30"}, "scope": {"read:user:bitbucket"}}
	for name, wrong := range map[string]string{"name": "", "app": "jira", "expires_in": "366", "scope": "read:account"} {
		form := url.Values{}
		for key := range whole {
			form.Set(key, whole.Get(key))
		}
		form.Set(name, wrong)
		w.post(cloudTokens, form).expect(t, 422, "was not created")
	}
	w.post(cloudTokens, whole).expect(t, 200)
}

func TestAConsumerIsAddedAtItsPage(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.get(cloudConsumers).expect(t, 200, "Callback URL", "This is a private consumer", "Webhooks: Read and write", "Workspace membership: Read")
	form := url.Values{"name": {"my cli"}, "callback": {"http://127.0.0.1/callback"}, "scope": {"account", "webhook"}}
	added := w.post(cloudConsumers, form).expect(t, 200, "Its secret is bbSecret")
	key := added.value(t)
	w.get(authorizeAt+"?response_type=code&client_id="+key).expect(t, 200, "my cli", "<code>account</code>", "<code>webhook</code>")
	w.get(cloudSite+"/account/workspaces/nothing").expect(t, 404)
}

func TestThePagesOfBitbucketAreLockedDown(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, path := range []string{cloudTokens, cloudConsumers} {
		page := w.get(path).expect(t, 200, "Nothing here is real")
		if policy := page.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "form-action 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %s", path, policy)
		}
		if strings.Contains(page.text, "<script") {
			t.Errorf("%s needs a script", path)
		}
	}
	w.post(cloudTokens, url.Values{"name": {"x"}}, "Origin", "https://evil.example").expect(t, 403)
	w.post(cloudAuthorization("default", anyPort), url.Values{"decision": {"approve"}}, "Sec-Fetch-Site", "cross-site").expect(t, 403)
}
