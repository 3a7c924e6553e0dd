package github_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/github"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

const token = "ghp_Zq7xcanary3fK9wB2dend81YtAbCdEfGhIjK"

// answer is what a host answers, whatever it is asked.
type answer struct {
	status int
	header map[string]string
	body   string
}

// at starts a GitHub Enterprise Server that always answers the same.
func at(t *testing.T, a answer) (providers.Host, *wire.Client, *http.Request) {
	t.Helper()
	asked := &http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = *r.Clone(r.Context())
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		for name, value := range a.header {
			w.Header()[http.CanonicalHeaderKey(name)] = []string{value}
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(server.Close)
	h, err := github.Enterprise().Locate(server.URL + "/ghes")
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{h.WebURL, h.APIURL}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return h, c, asked
}

func cred(text string, method providers.Method) providers.Credential {
	return providers.Credential{Token: secret.New(text), Method: method}
}

// now is when every question to a server here is answered.
var now = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

const bot = `{"login":"acme-bot","name":"Acme Bot","type":"User"}`

func TestATokenIsReadFromOneAnswer(t *testing.T) {
	type header = map[string]string
	unknown := providers.Expiry{Source: providers.ExpiryUnknown}
	known := func(scopes ...string) providers.Rights {
		return providers.Rights{Known: true, Scopes: scopes, Evidence: "x-oauth-scopes header"}
	}
	silent := providers.Rights{Evidence: "no x-oauth-scopes header"}
	until := func(text string) providers.Expiry {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return providers.Expiry{At: at, Source: providers.ExpiryProvider}
	}
	account := providers.Account{Login: "acme-bot", Name: "Acme Bot"}
	const expiry = "GitHub-Authentication-Token-Expiration"
	for name, test := range map[string]struct {
		cred   providers.Credential
		header header
		body   string
		want   providers.Inspection
	}{
		"a classic token": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": "admin:repo_hook, repo"},
			bot,
			providers.Inspection{Account: account, Kind: providers.ClassicPAT, Rights: known("admin:repo_hook", "repo"), Expiry: unknown},
		},
		"scopes that nobody has": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": ""},
			bot,
			providers.Inspection{Account: account, Kind: providers.ClassicPAT, Rights: known(), Expiry: unknown},
		},
		"scopes written oddly": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": " ,repo,, gist\t,user:\u202eemail,"},
			bot,
			providers.Inspection{Account: account, Kind: providers.ClassicPAT, Rights: known("repo", "gist", "user:email"), Expiry: unknown},
		},
		"every scope there is": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": strings.Repeat("write:network_configurations, ", 60) + "workflow"},
			bot,
			providers.Inspection{
				Account: account, Kind: providers.ClassicPAT, Expiry: unknown,
				Rights: known(append(strings.Split(strings.TrimSuffix(strings.Repeat("write:network_configurations ", 60), " "), " "), "workflow")...),
			},
		},
		"an OAuth token by its prefix": {
			cred("gho_x", providers.PAT),
			header{"X-OAuth-Scopes": "repo"},
			bot,
			providers.Inspection{Account: account, Kind: providers.OAuthToken, Rights: known("repo"), Expiry: unknown},
		},
		"an OAuth token by its method": {
			cred("0123abcd", providers.Device),
			header{"X-OAuth-Scopes": "repo"},
			bot,
			providers.Inspection{Account: account, Kind: providers.OAuthToken, Rights: known("repo"), Expiry: unknown},
		},
		"an old token without prefix": {
			cred("0123abcd", providers.PAT),
			header{"X-OAuth-Scopes": "repo"},
			bot,
			providers.Inspection{Account: account, Kind: providers.ClassicPAT, Rights: known("repo"), Expiry: unknown},
		},
		"a fine-grained token": {
			cred("github_pat_x", providers.PAT),
			header{},
			bot,
			providers.Inspection{Account: account, Kind: providers.FineGrainedPAT, Rights: silent, Expiry: unknown},
		},
		"a token of another kind": {
			cred("ghu_x", providers.PAT),
			header{},
			bot,
			providers.Inspection{Account: account, Kind: providers.UnknownKind, Rights: silent, Expiry: unknown},
		},
		"an end in UTC": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": "repo", expiry: "2026-12-31 23:59:59 UTC"},
			bot,
			providers.Inspection{Account: account, Kind: providers.ClassicPAT, Rights: known("repo"), Expiry: until("2026-12-31T23:59:59Z")},
		},
		"an end with an offset": {
			cred("github_pat_x", providers.PAT),
			header{expiry: "2026-02-06 07:42:23 +0100"},
			bot,
			providers.Inspection{Account: account, Kind: providers.FineGrainedPAT, Rights: silent, Expiry: until("2026-02-06T06:42:23Z")},
		},
		"an end in a zone that only has a name": {
			cred("github_pat_x", providers.PAT),
			header{expiry: "2026-02-06 07:42:23 PST"},
			bot,
			providers.Inspection{Account: account, Kind: providers.FineGrainedPAT, Rights: silent, Expiry: unknown},
		},
		"an end that cannot be read": {
			cred("github_pat_x", providers.PAT),
			header{expiry: "soon"},
			bot,
			providers.Inspection{Account: account, Kind: providers.FineGrainedPAT, Rights: silent, Expiry: unknown},
		},
		"an app's account and a version": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": "", "X-GitHub-Enterprise-Version": "3.19.0"},
			`{"login":"acme[bot]","name":null,"type":"Bot"}`,
			providers.Inspection{Account: providers.Account{Login: "acme[bot]", Robot: true}, Kind: providers.ClassicPAT, Rights: known(), Expiry: unknown, Version: "3.19.0"},
		},
		"names that are not clean": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": "", "X-GitHub-Enterprise-Version": "3\u009b1m.19" + strings.Repeat("0", 1000)},
			`{"login":"octo\u001b[31mcat\u202e","name":"a\r\nb\u0000c"}`,
			providers.Inspection{
				Account: providers.Account{Login: "octo[31mcat", Name: "a bc"}, Kind: providers.ClassicPAT, Rights: known(), Expiry: unknown,
				Version: "31m.19" + strings.Repeat("0", wire.MaxText-7) + "…",
			},
		},
		"some organizations left out": {
			cred("ghp_x", providers.PAT),
			header{"X-OAuth-Scopes": "repo", "X-GitHub-SSO": "partial-results; organizations=21955855"},
			bot,
			providers.Inspection{Account: account, Kind: providers.ClassicPAT, Rights: known("repo"), Expiry: unknown},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, c, _ := at(t, answer{200, test.header, test.body})
			got, err := github.Enterprise().Inspect(t.Context(), c, h, test.cred)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheQuestionIsTheDocumentedOne(t *testing.T) {
	h, c, asked := at(t, answer{200, map[string]string{"X-OAuth-Scopes": "repo"}, bot})
	if _, err := github.Enterprise().Inspect(t.Context(), c, h, cred(token, providers.PAT)); err != nil {
		t.Fatal(err)
	}
	asked.Header.Del("Accept-Encoding")
	want := http.Header{
		"Accept": {"application/vnd.github+json"}, "Authorization": {"Bearer " + token},
		"User-Agent": {"gitgrant/test"}, "X-Github-Api-Version": {"2022-11-28"},
	}
	if diff := cmp.Diff(want, asked.Header); diff != "" {
		t.Error(diff)
	}
	if got := asked.Method + " " + asked.RequestURI; got != "GET /ghes/api/v3/user" {
		t.Errorf("asked %q", got)
	}
}

func TestARefusalIsReadInItsRightOrder(t *testing.T) {
	type header = map[string]string
	message := func(text, docs string) string {
		return fmt.Sprintf(`{"message":%q,"documentation_url":%q}`, text, docs)
	}
	const secondary, abuse = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits", "https://docs.github.com/rest#abuse-rate-limits"
	reset := now.Add(23 * time.Minute)
	for name, test := range map[string]struct {
		answer answer
		want   cause.Cause
		pause  time.Duration // Until is this long after the question
	}{
		"a bad token":            {answer{401, nil, message("Bad credentials", "https://docs.github.com/rest")}, cause.Cause{Kind: cause.Rejected, Detail: "Bad credentials"}, 0},
		"a page that wants one":  {answer{401, header{"Content-Type": "text/html"}, "<html>Sign in"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"a 401 without a word":   {answer{401, nil, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"single sign-on by link": {answer{403, header{"X-GitHub-SSO": "required; url=SITE/orgs/acme/sso?authorization_request=AB"}, message("Resource protected by organization SAML enforcement.", "")}, cause.Cause{Kind: cause.SSO, URL: "SITE/orgs/acme/sso?authorization_request=AB", Detail: "Resource protected by organization SAML enforcement."}, 0},
		"single sign-on by a long link": {
			answer{403, header{"X-GitHub-SSO": "required; url=SITE/orgs/acme/sso?authorization_request=" + strings.Repeat("A", 800)}, message("SAML", "")},
			cause.Cause{Kind: cause.SSO, URL: "SITE/orgs/acme/sso?authorization_request=" + strings.Repeat("A", 800), Detail: "SAML"},
			0,
		},
		"single sign-on with a link to elsewhere": {answer{403, header{"X-GitHub-SSO": "required; url=https://evil.example/sso"}, message("SAML", "")}, cause.Cause{Kind: cause.SSO, Detail: "SAML"}, 0},
		"single sign-on without a link":           {answer{403, header{"X-GitHub-SSO": "required"}, message("SAML", "")}, cause.Cause{Kind: cause.SSO, Detail: "SAML"}, 0},
		"single sign-on in words":                 {answer{403, nil, message("Resource protected by organization SAML enforcement.", "")}, cause.Cause{Kind: cause.SSO, Detail: "Resource protected by organization SAML enforcement."}, 0},
		"single sign-on at the limit":             {answer{403, header{"X-GitHub-SSO": "required", "X-RateLimit-Remaining": "0"}, message("SAML", "")}, cause.Cause{Kind: cause.SSO, Detail: "SAML"}, 0},
		"an application that is not approved": {
			answer{403, nil, message("Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions", "")},
			cause.Cause{Kind: cause.Restricted, Org: "acme", Detail: "Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions"},
			0,
		},
		"classic tokens forbidden":  {answer{403, nil, message("`acme` forbids access via a personal access token (classic).", "")}, cause.Cause{Kind: cause.Restricted, Org: "acme", Detail: "`acme` forbids access via a personal access token (classic)."}, 0},
		"a policy without a name":   {answer{403, nil, message("Forbidden by `policy", "https://docs.github.com/rest")}, cause.Cause{Kind: cause.Restricted, Detail: "Forbidden by `policy"}, 0},
		"words that are not clean":  {answer{403, nil, `{"message":"\u001b[2JGranted\u202e\r\nto ` + "`ac\\u001bme`" + `","documentation_url":"https://docs.github.com/rest"}`}, cause.Cause{Kind: cause.Restricted, Org: "acme", Detail: "[2JGranted to `acme`"}, 0},
		"the token, sent back":      {answer{403, nil, message("No access for "+token, "https://docs.github.com/rest")}, cause.Cause{Kind: cause.Restricted, Detail: "No access for " + secret.Mask}, 0},
		"a 403 without a word":      {answer{403, nil, `{}`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a page that forbids":       {answer{403, header{"Content-Type": "text/html"}, "<html>Blocked"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"a policy told by an id":    {answer{403, header{"X-GitHub-Request-Id": "1"}, message("Forbidden", "")}, cause.Cause{Kind: cause.Restricted, Detail: "Forbidden"}, 0},
		"a gateway that forbids":    {answer{403, nil, message("Forbidden", "")}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a gateway's own sign-in":   {answer{401, nil, message("Unauthorized", "")}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a bad token, all the same": {answer{401, nil, message("Bad credentials", "")}, cause.Cause{Kind: cause.Rejected, Detail: "Bad credentials"}, 0},
		"too many bad tokens":       {answer{403, nil, message("Maximum number of login attempts exceeded. Please try again later.", "")}, cause.Cause{Kind: cause.FailedLogins, Detail: "Maximum number of login attempts exceeded. Please try again later."}, time.Minute},
		"the hourly limit":          {answer{403, header{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(reset.Unix(), 10)}, message("API rate limit exceeded", "")}, cause.Cause{Kind: cause.RateLimited, Until: reset, Detail: "API rate limit exceeded"}, 0},
		"the hourly limit as 429":   {answer{429, header{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(reset.Unix(), 10)}, message("API rate limit exceeded", "")}, cause.Cause{Kind: cause.RateLimited, Until: reset, Detail: "API rate limit exceeded"}, 0},
		"a limit without an end":    {answer{403, header{"X-RateLimit-Remaining": "0"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, time.Minute},
		"a limit with a bad end":    {answer{403, header{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, time.Minute},
		"a limit that has passed":   {answer{403, header{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, -1},
		"a limit beyond reason":     {answer{403, header{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, 24 * time.Hour},
		"a limit beyond any clock":  {answer{403, header{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9223372036854775807"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, -1},
		"a pause asked for":         {answer{403, header{"Retry-After": "90"}, message("limit", secondary)}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, 90 * time.Second},
		"a pause beyond reason":     {answer{429, header{"Retry-After": "1000000000"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, 24 * time.Hour},
		"a pause below zero":        {answer{429, header{"Retry-After": "-1"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, time.Minute},
		"a pause as a date":         {answer{429, header{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, message("limit", "")}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, time.Minute},
		"a secondary limit":         {answer{403, header{"X-RateLimit-Remaining": "4999"}, message("limit", secondary)}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, time.Minute},
		"one by its older name":     {answer{403, nil, message("limit", abuse)}, cause.Cause{Kind: cause.RateLimited, Detail: "limit"}, time.Minute},
		"a bare 429":                {answer{429, nil, ""}, cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"no such page":              {answer{404, nil, message("Not Found", "")}, cause.Cause{Kind: cause.WrongHost, Detail: "Not Found"}, 0},
		"another host's page":       {answer{404, header{"Content-Type": "text/html"}, "<html>"}, cause.Cause{Kind: cause.WrongHost}, 0},
		"a broken host":             {answer{500, header{"Content-Type": "text/html"}, "<html>"}, cause.Cause{Kind: cause.ServerError}, 0},
		"a broken gateway":          {answer{502, nil, message("Server Error", "")}, cause.Cause{Kind: cause.ServerError}, 0},
		"a host at rest":            {answer{503, header{"Retry-After": "120"}, ""}, cause.Cause{Kind: cause.ServerError}, 0},
		"an unknown version":        {answer{400, nil, message("unsupported version", "")}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"legal reasons":             {answer{451, nil, message("blocked", "")}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"a page for an answer":      {answer{200, header{"Content-Type": "text/html"}, "<html>Sign in to the Wi-Fi"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"nothing for an answer":     {answer{200, nil, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"an answer without a name":  {answer{200, nil, `{"login":"\u202e"}`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"an answer of null":         {answer{200, nil, `null`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"an empty 204":              {answer{204, nil, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"a redirect":                {answer{302, header{"Location": "https://evil.example/user"}, ""}, cause.Cause{Kind: cause.Redirected, Detail: "https://evil.example"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			headers := map[string]string{}
			h, c, _ := at(t, answer{test.answer.status, headers, test.answer.body})
			for key, value := range test.answer.header {
				headers[key] = strings.ReplaceAll(value, "SITE", h.WebURL)
			}
			_, err := github.Enterprise().Inspect(t.Context(), c, h, cred(token, providers.PAT))
			var got cause.Cause
			if !errors.As(err, &got) {
				t.Fatalf("error is %v", err)
			}
			switch {
			case test.pause < 0: // at once
				test.want.Until = now
			case test.pause > 0:
				test.want.Until = now.Add(test.pause)
			}
			test.want.Host, test.want.Status = sandboxtest.NameOf(h), test.answer.status
			test.want.URL = strings.ReplaceAll(test.want.URL, "SITE", h.WebURL)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if found := canary.Search(token, map[string][]byte{"error": fmt.Appendf(nil, "%v %+v", err, got)}); found != nil {
				t.Error(found)
			}
		})
	}
}

func TestAHostIsMetWithoutAToken(t *testing.T) {
	type header = map[string]string
	for name, test := range map[string]struct {
		answer  answer
		version string
		kind    cause.Kind
	}{
		"GitHub Enterprise Server":     {answer{200, header{"X-GitHub-Enterprise-Version": "3.19.0"}, `{"verifiable_password_authentication":true,"installed_version":"3.19.0"}`}, "3.19.0", ""},
		"one that says it in the body": {answer{200, nil, `{"installed_version":"3.2\u001b.0"}`}, "3.2.0", ""},
		"one in private mode":          {answer{401, header{"X-GitHub-Enterprise-Version": "3.19.0"}, `{"message":"Must authenticate"}`}, "3.19.0", ""},
		"github.com":                   {answer{200, nil, `{"verifiable_password_authentication":false}`}, "", ""},
		"github.com at its limit":      {answer{403, header{"X-GitHub-Request-Id": "C0:FFEE"}, `{"message":"API rate limit exceeded"}`}, "", ""},
		"a page":                       {answer{200, header{"Content-Type": "text/html"}, "<html>Welcome"}, "", cause.WrongHost},
		"JSON of something else":       {answer{200, nil, `{"version":"18.11.4-ee"}`}, "", cause.WrongHost},
		"GitLab":                       {answer{401, nil, `{"message":"401 Unauthorized"}`}, "", cause.WrongHost},
		"nothing there":                {answer{404, header{"Content-Type": "text/html"}, "<html>"}, "", cause.WrongHost},
		"a broken host":                {answer{503, header{"X-GitHub-Request-Id": "C0:FFEE"}, "<html>"}, "", cause.ServerError},
		"a sign-in page":               {answer{302, header{"Location": "https://login.example/"}, ""}, "", cause.Redirected},
	} {
		t.Run(name, func(t *testing.T) {
			h, c, asked := at(t, test.answer)
			version, err := github.Enterprise().Meet(t.Context(), c, h)
			if version != test.version || test.kind == "" && err != nil || test.kind != "" && !cause.Is(err, test.kind) {
				t.Errorf("version %q, error %v", version, err)
			}
			if got := asked.Method + " " + asked.RequestURI; got != "GET /ghes/api/v3/meta" || asked.Header.Get("Authorization") != "" {
				t.Errorf("asked %q with %q", got, asked.Header.Get("Authorization"))
			}
		})
	}
}
