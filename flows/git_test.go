package flows_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
)

// gitHosts are hosts as they stand in a hosts.yaml: two below one name, one at a
// port of its own, one that is a mirror of the cloud on this machine.
const gitHosts = `hosts:
  - {host: git.acme.example/one, provider: gitlab-server}
  - {host: git.acme.example/two, provider: gitlab-server}
  - {host: "ghe.acme.example:8443", provider: github-enterprise}
  - {host: gitlab.com, provider: gitlab, web_url: "http://127.0.0.1:9999/lab", api_url: "http://127.0.0.1:9999/lab/api/v4"}
`

// gitDesk is a desk with user tokens, each the name of its runtime.
func gitDesk(t *testing.T, grants ...keyring.Grant) *flows.Desk {
	t.Helper()
	book, err := hosts.Parse("hosts.yaml", []byte(gitHosts), all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range grants {
		if _, err := ring.Save(t.Context(), g, keyring.Credential{Access: secret.New("token-of-" + g.Runtime)}); err != nil {
			t.Fatal(err)
		}
	}
	return &flows.Desk{Providers: all.Providers(), Hosts: book, Ring: ring, Now: time.Now, Within: flows.DefaultWithin}
}

func userOf(runtime string, kind providers.Kind, host, account string, repositories ...string) keyring.Grant {
	return keyring.Grant{
		Key: keyring.Key{Runtime: runtime, Purpose: "user", Account: account}, Provider: string(kind), Host: host, Method: "pat", Repositories: repositories,
	}
}

func TestGitGetsTheTokenThatFitsAndNoOther(t *testing.T) {
	const hub = "https://github.com"
	runtimes := userOf("robot", providers.GitHub, hub, "acme-bot")
	runtimes.Purpose = "runtime"
	prod := userOf("prod", providers.GitHub, hub, "octocat", "acme/app", "acme/config")
	lab := userOf("lab", providers.GitHub, hub, "hubot", "lab/app")
	one := userOf("one", providers.GitLabServer, "https://git.acme.example/one", "octocat")
	two := userOf("two", providers.GitLabServer, "https://git.acme.example/two", "octocat")
	port := userOf("port", providers.GitHubEnterprise, "https://ghe.acme.example:8443", "octocat")
	near := userOf("near", providers.GitLab, "https://gitlab.com", "octocat")
	again := userOf("again", providers.GitHub, hub, "octocat")
	ask := func(protocol, host, path, user string) flows.GitQuery {
		return flows.GitQuery{Protocol: protocol, Host: host, Path: path, Username: user}
	}
	for name, tc := range map[string]struct {
		stored []keyring.Grant
		q      flows.GitQuery
		want   string // the runtime whose token it is; empty is none
		unsure bool
	}{
		"the only one":                        {[]keyring.Grant{prod}, ask("https", "github.com", "", ""), "prod", false},
		"the host in capitals":                {[]keyring.Grant{prod}, ask("https", "GitHub.com", "", ""), "prod", false},
		"the port that https has anyway":      {[]keyring.Grant{prod}, ask("https", "github.com:443", "", ""), "prod", false},
		"another port":                        {[]keyring.Grant{prod}, ask("https", "github.com:8443", "", ""), "", false},
		"in plain":                            {[]keyring.Grant{prod}, ask("http", "github.com", "", ""), "", false},
		"a host that begins alike":            {[]keyring.Grant{prod}, ask("https", "github.com.evil.example", "", ""), "", false},
		"a host that ends alike":              {[]keyring.Grant{prod}, ask("https", "evilgithub.com", "", ""), "", false},
		"another protocol":                    {[]keyring.Grant{prod}, ask("ssh", "github.com", "", ""), "", false},
		"a port of its own":                   {[]keyring.Grant{port}, ask("https", "ghe.acme.example:8443", "", ""), "port", false},
		"without that port":                   {[]keyring.Grant{port}, ask("https", "ghe.acme.example", "", ""), "", false},
		"in plain on this machine":            {[]keyring.Grant{near}, ask("http", "127.0.0.1:9999", "lab/acme/app.git", ""), "near", false},
		"on this machine, another address":    {[]keyring.Grant{near}, ask("http", "127.0.0.1:9999", "other/acme/app.git", ""), "", false},
		"the address that has a profile":      {[]keyring.Grant{near}, ask("https", "gitlab.com", "", ""), "", false},
		"a runtime token":                     {[]keyring.Grant{runtimes}, ask("https", "github.com", "", ""), "", false},
		"a user token beside a runtime token": {[]keyring.Grant{runtimes, prod}, ask("https", "github.com", "", ""), "prod", false},
		"a runtime token by its name":         {[]keyring.Grant{runtimes, prod}, flows.GitQuery{Protocol: "https", Host: "github.com", Runtime: "robot", Purpose: providers.Runtime}, "robot", false},
		"a user token by its runtime":         {[]keyring.Grant{prod, lab}, flows.GitQuery{Protocol: "https", Host: "github.com", Runtime: "lab"}, "lab", false},
		"two below one name, by path":         {[]keyring.Grant{one, two}, ask("https", "git.acme.example", "two/acme/app.git", ""), "two", false},
		"a path that begins alike":            {[]keyring.Grant{one, two}, ask("https", "git.acme.example", "twofold/acme/app.git", ""), "", false},
		"by repository":                       {[]keyring.Grant{prod, lab}, ask("https", "github.com", "lab/app.git", ""), "lab", false},
		"by owner":                            {[]keyring.Grant{prod, lab}, ask("https", "github.com", "Acme/other", ""), "prod", false},
		"by user name":                        {[]keyring.Grant{prod, lab}, ask("https", "github.com", "", "hubot"), "lab", false},
		"a repository before a common name":   {[]keyring.Grant{prod, lab}, ask("https", "github.com", "lab/app.git", "x-access-token"), "lab", false},
		"a user name that nobody has":         {[]keyring.Grant{prod, lab}, ask("https", "github.com", "acme/app", "git"), "", false},
		"two accounts and nothing to tell":    {[]keyring.Grant{prod, lab}, ask("https", "github.com", "", ""), "", true},
		"two accounts and a foreign path":     {[]keyring.Grant{prod, lab}, ask("https", "github.com", "else/where", ""), "", true},
		"one account twice: the newest":       {[]keyring.Grant{prod, again}, ask("https", "github.com", "", ""), "again", false},
		"nothing is stored":                   {nil, ask("https", "github.com", "", ""), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := gitDesk(t, tc.stored...)
			g, token, err := d.GitCredential(t.Context(), tc.q)
			var several *flows.SeveralAccountsError
			if errors.As(err, &several) != tc.unsure || err != nil && !tc.unsure {
				t.Fatalf("error %v", err)
			}
			if got := strings.TrimPrefix(token.Reveal(), "token-of-"); got != tc.want || (g != nil) != (tc.want != "") {
				t.Errorf("served the token of %q, want %q", got, tc.want)
			}
		})
	}
}

func TestATokenThatIsOfNoUseIsNotServed(t *testing.T) {
	now := time.Now()
	for name, tc := range map[string]struct {
		status flows.Status
		ends   time.Time
		serves bool
	}{
		"valid":                  {flows.Valid, time.Time{}, true},
		"its end is near":        {flows.Valid, now.Add(time.Minute), true},
		"its end has passed":     {flows.Valid, now.Add(-time.Minute), false},
		"never checked, ended":   {"", now.Add(-time.Minute), false},
		"expired":                {flows.Expired, time.Time{}, false},
		"revoked":                {flows.Revoked, time.Time{}, false},
		"rejected":               {flows.Rejected, time.Time{}, false},
		"a scope is missing":     {flows.MissingScopes, time.Time{}, true},
		"could not be asked":     {flows.Unreachable, time.Time{}, true},
		"cannot be seen through": {flows.Unverifiable, time.Time{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := userOf("prod", providers.GitHub, "https://github.com", "octocat")
			g.ExpiresAt = tc.ends
			if tc.status != "" {
				g.Verdict = []byte(`{"status":"` + string(tc.status) + `"}`)
			}
			d := gitDesk(t, g)
			_, token, err := d.GitCredential(t.Context(), flows.GitQuery{Protocol: "https", Host: "github.com"})
			var dead *flows.DeadError
			if token.Empty() == tc.serves || errors.As(err, &dead) == tc.serves {
				t.Errorf("served %d bytes, %v", token.Len(), err)
			}
		})
	}
}

func TestOfTwoAlikeTheOneThatWorksIsServed(t *testing.T) {
	works, dead := userOf("works", providers.GitHub, "https://github.com", "octocat"), userOf("dead", providers.GitHub, "https://github.com", "octocat")
	works.Verdict, dead.Verdict = []byte(`{"status":"valid"}`), []byte(`{"status":"revoked"}`)
	d := gitDesk(t, works, dead)
	if _, token, err := d.GitCredential(t.Context(), flows.GitQuery{Protocol: "https", Host: "github.com"}); token.Reveal() != "token-of-works" {
		t.Errorf("served %d bytes, %v", token.Len(), err)
	}
}

func TestARefusalThatGitReportsMarksThatTokenAlone(t *testing.T) {
	q := flows.GitQuery{Protocol: "https", Host: "github.com", Username: "x-access-token", Path: "acme/app.git"}
	elsewhere := q
	elsewhere.Host = "github.com.evil.example"
	for name, tc := range map[string]struct {
		q     flows.GitQuery
		token string
		marks bool
	}{
		"the token that is stored": {q, "token-of-prod", true},
		"one from before":          {q, "token-of-before", false},
		"none":                     {q, "", false},
		"for another host":         {elsewhere, "token-of-prod", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := gitDesk(t, userOf("prod", providers.GitHub, "https://github.com", "octocat"), userOf("lab", providers.GitHub, "https://github.com", "octocat"))
			if err := d.GitRefused(t.Context(), tc.q, secret.New(tc.token)); err != nil {
				t.Fatal(err)
			}
			grants, _ := d.Ring.Grants()
			for _, g := range grants {
				v := d.LastKnown(g)
				marked := v.Status == flows.Rejected && v.Cause.Kind == cause.ToldByGit
				if want := tc.marks && g.Runtime == "prod"; marked != want {
					t.Errorf("%s is %s", g.Runtime, v.Status)
				}
				if c, err := d.Ring.Credential(t.Context(), g.Key); err != nil || c.Access.Reveal() != "token-of-"+g.Runtime {
					t.Errorf("the token of %s is gone: %v", g.Runtime, err)
				}
			}
		})
	}
}

func TestARefusalThatGitReportsTellsNothingNewOfATokenThatHasEnded(t *testing.T) {
	ended := userOf("prod", providers.GitHub, "https://github.com", "octocat")
	ended.ExpiresAt = time.Now().Add(-time.Hour)
	d := gitDesk(t, ended)
	q := flows.GitQuery{Protocol: "https", Host: "github.com", Username: "x-access-token"}
	if err := d.GitRefused(t.Context(), q, secret.New("token-of-prod")); err != nil {
		t.Fatal(err)
	}
	grants, _ := d.Ring.Grants()
	if v := d.LastKnown(grants[0]); v.Status != flows.Expired || v.Cause != nil {
		t.Errorf("it is %s, because of %v", v.Status, v.Cause)
	}
}

func TestGitGetsATokenThatWasRenewedForIt(t *testing.T) {
	for name, tc := range map[string]struct {
		later     time.Duration
		refreshes int
	}{
		"it lives":        {time.Hour, 0},
		"its end is near": {8*time.Hour - time.Minute, 1},
		"it has ended":    {9 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRenewal(t, providers.GitHub, "always-expires")
			first := r.fresh().Credential.Token
			r.clock.forward(tc.later)
			q := flows.GitQuery{Protocol: "http", Host: strings.TrimPrefix(r.server.URL(), "http://"), Runtime: "prod", Purpose: providers.Runtime}
			g, token, err := r.GitCredential(t.Context(), q)
			if err != nil || g == nil {
				t.Fatalf("nothing was served: %v", err)
			}
			if r.refreshes() != tc.refreshes || token.Equal(first) == (tc.refreshes > 0) || !g.ExpiresAt.After(r.clock.Now()) {
				t.Errorf("%d refreshes, the same token: %t, it ends %s", r.refreshes(), token.Equal(first), g.ExpiresAt)
			}
		})
	}
}

func TestWhatWasSaidOfATokenIsNotSaidOfItsSuccessor(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "always-expires")
	err := r.Ring.Note(r.grant.Key, func(g *keyring.Grant) { g.Verdict = []byte(`{"status":"expired","cause":{"kind":"lapsed"}}`) })
	if err != nil {
		t.Fatal(err)
	}
	r.clock.forward(9 * time.Hour)
	q := flows.GitQuery{Protocol: "http", Host: strings.TrimPrefix(r.server.URL(), "http://"), Runtime: "prod", Purpose: providers.Runtime}
	if _, token, err := r.GitCredential(t.Context(), q); err != nil || token.Empty() {
		t.Errorf("served %d bytes, %v", token.Len(), err)
	}
	grants, _ := r.Ring.Grants()
	if v := r.LastKnown(grants[0]); v.Status != flows.Unchecked || v.Cause != nil {
		t.Errorf("nobody was asked about the new one, and it is %s", v.Status)
	}
}

func TestGitGetsNothingThatHasEndedAndCannotBeRenewed(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "always-expires")
	_ = r.server.Close()
	r.clock.forward(9 * time.Hour)
	q := flows.GitQuery{Protocol: "http", Host: strings.TrimPrefix(r.server.URL(), "http://"), Runtime: "prod", Purpose: providers.Runtime}
	if _, token, err := r.GitCredential(t.Context(), q); err == nil || !token.Empty() {
		t.Errorf("served %d bytes, %v", token.Len(), err)
	}
}
