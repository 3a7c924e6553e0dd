package flows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// newDesk is a desk in front of a sandbox.
func newDesk(t *testing.T) (*flows.Desk, *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Interval: time.Second}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	book, err := hosts.Parse("hosts.yaml", server.HostsYAML(server.URL()), all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	desk := &flows.Desk{
		Providers: all.Providers(), Hosts: book, Ring: ring,
		UserAgent: "gitgrant/test", Now: time.Now, Within: flows.DefaultWithin,
	}
	t.Cleanup(desk.Close)
	return desk, server
}

func subject(t *testing.T, d *flows.Desk, kind providers.Kind, purpose providers.Purpose, token string) flows.Subject {
	t.Helper()
	p, _ := d.Provider(kind)
	input := ""
	if kind == providers.GitHubEnterprise {
		input = "ghe.sandbox.example"
	}
	h, err := d.Hosts.Resolve(p, input)
	if err != nil {
		t.Fatal(err)
	}
	return flows.Subject{
		Provider: p, Host: h, Purpose: purpose,
		Credential: providers.Credential{Token: secret.New(sandbox.MustToken(string(kind), token).Text), Method: providers.PAT},
	}
}

func TestEveryTokenOfTheSandboxGetsItsVerdict(t *testing.T) {
	type want struct {
		status flows.Status
		cause  cause.Kind
	}
	runtime := map[string]want{
		"runtime":              {status: flows.Valid},
		"user":                 {status: flows.MissingScopes},
		"person-runtime":       {status: flows.Valid},
		"oauth":                {status: flows.Valid},
		"too-broad":            {status: flows.Valid},
		"no-webhooks":          {status: flows.MissingScopes},
		"no-scopes":            {status: flows.MissingScopes},
		"fine-grained":         {status: flows.Unverifiable},
		"app-user":             {status: flows.Unverifiable},
		"expires-in-90-days":   {status: flows.Valid},
		"expires-in-7-days":    {status: flows.Expiring},
		"expires-in-5-days":    {status: flows.Expiring},
		"expiry-unreadable":    {status: flows.Valid},
		"expired":              {flows.Rejected, cause.Rejected},
		"revoked":              {flows.Rejected, cause.Rejected},
		"sso":                  {flows.SSORequired, cause.SSO},
		"sso-partial":          {status: flows.Valid},
		"restricted":           {flows.Restricted, cause.Restricted},
		"classic-forbidden":    {flows.Restricted, cause.Restricted},
		"failed-logins":        {flows.RateLimited, cause.FailedLogins},
		"rate-limit-403":       {flows.RateLimited, cause.RateLimited},
		"rate-limit-429":       {flows.RateLimited, cause.RateLimited},
		"secondary-limit":      {flows.RateLimited, cause.RateLimited},
		"secondary-limit-429":  {flows.RateLimited, cause.RateLimited},
		"secondary-limit-bare": {flows.RateLimited, cause.RateLimited},
		"error-500":            {flows.Unreachable, cause.ServerError},
		"error-502":            {flows.Unreachable, cause.ServerError},
		"html":                 {flows.Unreachable, cause.NotUnderstood},
		"empty":                {flows.Unreachable, cause.NotUnderstood},
		"invalid-json":         {flows.Unreachable, cause.NotUnderstood},
		"wrong-shape":          {flows.Unreachable, cause.NotUnderstood},
		"large":                {flows.Unreachable, cause.TooLarge},
		"endless":              {flows.Unreachable, cause.TooLarge},
		"gzip-bomb":            {flows.Unreachable, cause.TooLarge},
		"dropped":              {flows.Unreachable, cause.Broken},
		"redirect-302":         {flows.Unreachable, cause.Redirected},
		"redirect-307":         {flows.Unreachable, cause.Redirected},
		"hostile-login":        {status: flows.Valid},
		"hostile-error":        {flows.Restricted, cause.Restricted},
	}
	d, server := newDesk(t)
	for name, want := range runtime {
		t.Run(name, func(t *testing.T) {
			v, err := d.Check(t.Context(), subject(t, d, providers.GitHub, providers.Runtime, name), nil)
			if err != nil {
				t.Fatal(err)
			}
			if v.Status != want.status {
				t.Errorf("status %s (cause %+v), want %s", v.Status, v.Cause, want.status)
			}
			if got := kindOf(v); got != want.cause {
				t.Errorf("cause %q, want %q", got, want.cause)
			}
			if strings.ContainsFunc(v.Account.Login, func(r rune) bool { return r < ' ' || r == 0x202e }) {
				t.Errorf("the login is not clean: %q", v.Account.Login)
			}
		})
	}
	for _, r := range server.Requests() {
		if r.Method != "GET" && r.Method != "HEAD" || r.TokenInURL {
			t.Errorf("a check sent %s %s", r.Method, r.Path)
		}
	}
}

func kindOf(v flows.Verdict) cause.Kind {
	if v.Cause == nil {
		return ""
	}
	return v.Cause.Kind
}

func TestTheStoredEndTellsExpiredFromRevoked(t *testing.T) {
	soon, past := time.Now().Add(48*time.Hour), time.Now().Add(-time.Hour)
	for name, tc := range map[string]struct {
		token string
		known providers.Expiry
		want  flows.Status
	}{
		"refused after its known end":              {"expired", providers.Expiry{At: past, Source: providers.ExpiryProvider}, flows.Expired},
		"refused before its known end":             {"revoked", providers.Expiry{At: soon, Source: providers.ExpiryProvider}, flows.Revoked},
		"refused before an end that was stated":    {"revoked", providers.Expiry{At: soon, Source: providers.ExpiryUser}, flows.Rejected},
		"refused, and nobody knew an end":          {"revoked", providers.Expiry{}, flows.Rejected},
		"accepted, though its stated end is past":  {"runtime", providers.Expiry{At: past, Source: providers.ExpiryUser}, flows.Expired},
		"accepted, with a stated end that is near": {"runtime", providers.Expiry{At: soon, Source: providers.ExpiryUser}, flows.Expiring},
		"the host's date wins over a stated one":   {"expires-in-90-days", providers.Expiry{At: past, Source: providers.ExpiryUser}, flows.Valid},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newDesk(t)
			s := subject(t, d, providers.GitHub, providers.Runtime, tc.token)
			s.Known = tc.known
			v, err := d.Check(t.Context(), s, nil)
			if err != nil || v.Status != tc.want {
				t.Errorf("status %s (%v), want %s", v.Status, err, tc.want)
			}
		})
	}
}

func TestARepositoryProvesWhatScopesOnlyPromise(t *testing.T) {
	for name, tc := range map[string]struct {
		token, repo string
		purpose     providers.Purpose
		want        flows.Status
		missing     []string
	}{
		"a robot with every right":                      {"runtime", "acme/app", providers.Runtime, flows.Valid, nil},
		"a fine-grained token for a person is proven":   {"fine-grained", "acme/app", providers.User, flows.Valid, nil},
		"webhook writing cannot be proven":              {"fine-grained", "acme/app", providers.Runtime, flows.Unverifiable, nil},
		"a fine-grained token that only reads":          {"fine-grained-read", "acme/app", providers.User, flows.MissingScopes, []string{"repo"}},
		"a fine-grained token that waits for approval":  {"fine-grained-pending", "acme/app", providers.Runtime, flows.MissingScopes, []string{"repo", "admin:repo_hook"}},
		"an archived repository takes no push":          {"runtime", "acme/archived", providers.User, flows.MissingScopes, []string{"repo"}},
		"a repository that the token cannot see":        {"runtime", "acme/nothing", providers.User, flows.MissingScopes, []string{"repo"}},
		"single sign-on stands before the organization": {"sso-repository", "acme/app", providers.Runtime, flows.SSORequired, nil},
		"the organization restricts applications":       {"restricted-repository", "acme/app", providers.Runtime, flows.Restricted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newDesk(t)
			s := subject(t, d, providers.GitHub, tc.purpose, tc.token)
			s.Repositories = []string{tc.repo}
			var last flows.Verdict
			v, err := d.Check(t.Context(), s, func(v flows.Verdict) { last = v })
			if err != nil {
				t.Fatal(err)
			}
			if v.Status != tc.want {
				t.Errorf("status %s, want %s; proofs %+v", v.Status, tc.want, v.Proofs)
			}
			var missing []string
			for _, f := range v.Missing() {
				missing = append(missing, f.Name)
			}
			if !slices.Equal(missing, tc.missing) {
				t.Errorf("missing %v, want %v", missing, tc.missing)
			}
			if last.Status != flows.Unchecked {
				t.Errorf("progress spoke of %s before the end", last.Status)
			}
		})
	}
}

func TestAServerIsCheckedAtItsOwnAddress(t *testing.T) {
	d, server := newDesk(t)
	v, err := d.Check(t.Context(), subject(t, d, providers.GitHubEnterprise, providers.Runtime, "runtime"), nil)
	if err != nil || v.Status != flows.Valid || v.Version == "" {
		t.Fatalf("verdict %+v, %v", v, err)
	}
	for _, r := range server.Requests() {
		if !strings.HasPrefix(r.Path, "/ghes/api/v3/") {
			t.Errorf("asked %s", r.Path)
		}
	}
}

func TestATokenOfOneHostIsRefusedByAnother(t *testing.T) {
	d, _ := newDesk(t)
	s := subject(t, d, providers.GitHubEnterprise, providers.Runtime, "runtime")
	s.Credential.Token = secret.New(sandbox.MustToken("github", "runtime").Text)
	if v, err := d.Check(t.Context(), s, nil); err != nil || v.Status != flows.Rejected {
		t.Errorf("status %s, %v", v.Status, err)
	}
}

func TestAnUnsendableTokenIsNotSent(t *testing.T) {
	d, server := newDesk(t)
	s := subject(t, d, providers.GitHub, providers.Runtime, "runtime")
	s.Credential.Token = secret.New("ghp_a\r\nX-Injected: 1")
	if _, err := d.Check(t.Context(), s, nil); err == nil {
		t.Error("no error")
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestANetworkFailureIsNeverABadToken(t *testing.T) {
	d, server := newDesk(t)
	s := subject(t, d, providers.GitHub, providers.Runtime, "runtime")
	_ = server.Close()
	v, err := d.Check(t.Context(), s, nil)
	if err != nil || v.Status != flows.Unreachable || v.Cause.Kind != cause.NoConnection {
		t.Errorf("verdict %+v, %v", v, err)
	}
}

func store(t *testing.T, d *flows.Desk, runtime string, purpose providers.Purpose, token string) keyring.Grant {
	t.Helper()
	g, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key:      keyring.Key{Runtime: runtime, Purpose: string(purpose), Account: "acme-bot"},
		Provider: "github", Host: "https://github.com", Method: "pat", Kind: "classic-pat",
	}, keyring.Credential{Access: secret.New(sandbox.MustToken("github", token).Text)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestStatusChecksEveryGrantAndKeepsWhatItLearned(t *testing.T) {
	d, server := newDesk(t)
	store(t, d, "alpha", providers.Runtime, "runtime")
	store(t, d, "beta", providers.Runtime, "expires-in-5-days")
	store(t, d, "gamma", providers.Runtime, "no-webhooks")
	store(t, d, "delta", providers.Runtime, "error-502")
	want := map[string]flows.Status{
		"alpha": flows.Valid, "beta": flows.Expiring, "gamma": flows.MissingScopes, "delta": flows.Unreachable,
	}
	grants, _ := d.Ring.Grants()
	verdicts, err := d.Status(t.Context(), grants, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range grants {
		if verdicts[i].Status != want[g.Runtime] {
			t.Errorf("%s is %s, want %s", g.Runtime, verdicts[i].Status, want[g.Runtime])
		}
	}
	kept, _ := d.Ring.Grants()
	for _, g := range kept {
		stands := want[g.Runtime]
		if stands == flows.Unreachable {
			stands = flows.Unchecked // says nothing about the token
		}
		if got := flows.Remembered(g).Status; got != stands {
			t.Errorf("the index remembers %s as %s, want %s", g.Runtime, got, stands)
		}
	}
	_ = server.Close()
	verdicts, err = d.Status(t.Context(), kept, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v := verdicts[0]; v.Status != flows.Unreachable || v.Account.Login != "acme-bot" || len(v.Findings) != 2 {
		t.Errorf("the last good facts are gone: %+v", v)
	}
}

func TestStatusTellsAnAbsentTokenFromALockedStore(t *testing.T) {
	d, _ := newDesk(t)
	box := &lockable{Store: memory.New()}
	ring, err := keyring.Open(keyring.Options{Store: box})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	g := store(t, d, "alpha", providers.Runtime, "runtime")
	unknown := g
	unknown.Runtime = "beta"
	for name, tc := range map[string]struct {
		grant  keyring.Grant
		locked bool
		want   flows.Status
	}{
		"the store is locked":        {g, true, flows.Locked},
		"the store does not know it": {unknown, false, flows.Absent},
	} {
		t.Run(name, func(t *testing.T) {
			box.locked = tc.locked
			v, err := d.Status(t.Context(), []keyring.Grant{tc.grant}, nil)
			if err != nil || v[0].Status != tc.want {
				t.Errorf("status %s, %v; want %s", v[0].Status, err, tc.want)
			}
		})
	}
}

// lockable is a store that can be locked.
type lockable struct {
	keyring.Store
	locked bool
}

func (l *lockable) Get(ctx context.Context, item string) (secret.Secret, error) {
	if l.locked {
		return secret.Secret{}, keyring.Condition{Store: keyring.System, State: keyring.Locked}
	}
	return l.Store.Get(ctx, item)
}

func TestAVerdictIsNotKeptForATokenThatCameMeanwhile(t *testing.T) {
	d, _ := newDesk(t)
	store(t, d, "alpha", providers.Runtime, "revoked")
	grants, _ := d.Ring.Grants()
	replaced := false
	_, err := d.Status(t.Context(), grants, func(int, flows.Verdict) {
		store(t, d, "alpha", providers.Runtime, "runtime") // while the old one is being judged
		replaced = true
	})
	if err != nil || !replaced {
		t.Fatal(err)
	}
	kept, _ := d.Ring.Grants()
	if got := flows.Remembered(kept[0]).Status; got != flows.Unchecked {
		t.Errorf("the new token is remembered as %s", got)
	}
}

func TestAnIndexEditedByHandSteersNoTerminal(t *testing.T) {
	g := keyring.Grant{Verdict: []byte(`{"status":"restricted","cause":{"kind":"restricted","org":"a\u001b[31mb","detail":"c\u009bd\u202ee"},
		"account":{"login":"f\u001b]8;;https://evil.example\u0007g"},"findings":[{"name":"repo","state":"missing","evidence":"h\u202ei"}]}`)}
	v := flows.Remembered(g)
	for _, text := range []string{v.Cause.Org, v.Cause.Detail, v.Account.Login, v.Findings[0].Evidence} {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			t.Errorf("%q", text)
		}
	}
}

// faulty is a provider with a fault of the program in it.
type faulty struct{ providers.Provider }

func (faulty) Inspect(context.Context, *wire.Client, providers.Host, providers.Credential) (providers.Inspection, error) {
	panic("ghp_of_somebody")
}

func TestAFaultWithOneTokenEndsNothing(t *testing.T) {
	d, _ := newDesk(t)
	store(t, d, "alpha", providers.Runtime, "runtime")
	d.Providers[0] = faulty{d.Providers[0]}
	grants, _ := d.Ring.Grants()
	v, err := d.Status(t.Context(), grants, nil)
	if err != nil || v[0].Status != flows.Unchecked {
		t.Errorf("status %s, %v", v[0].Status, err)
	}
	var heard any
	d.Perform(t.Context(), flows.Effect{Work: flows.CheckToken{Subject: subject(t, d, providers.GitHub, providers.Runtime, "runtime")}}, func(ev flows.Event) { heard = ev.What })
	if failed, ok := heard.(flows.Failed); !ok || !errors.Is(failed.Err, flows.ErrFault) {
		t.Errorf("heard %+v", heard)
	}
}
