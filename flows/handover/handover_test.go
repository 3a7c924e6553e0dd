package handover_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"gitgrant/flows/handover"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
)

var update = flag.Bool("update", false, "write the golden manifests anew")

// token is none of anybody.
const token = "token-of-nobody_0123456789"

// known is a token of one kind at one kind of host, and the names that its
// consumers are documented to want.
type known struct {
	provider providers.Kind
	host     string
	kind     providers.TokenKind
	git      string
	rest     string
	bearer   bool
}

const email, login = "bot@acme.example", "acme-bot"

// tokens are all kinds of token that a host has.
var tokens = []known{
	{provider: providers.GitHub, kind: providers.ClassicPAT, git: "x-access-token"},
	{provider: providers.GitHub, kind: providers.FineGrainedPAT, git: "x-access-token"},
	{provider: providers.GitHub, kind: providers.OAuthToken, git: "x-access-token"},
	{provider: providers.GitHubEnterprise, host: "ghe.acme.example", kind: providers.ClassicPAT, git: "x-access-token"},
	{provider: providers.GitHubEnterprise, host: "ghe.acme.example", kind: providers.FineGrainedPAT, git: "x-access-token"},
	{provider: providers.GitHubEnterprise, host: "ghe.acme.example", kind: providers.OAuthToken, git: "x-access-token"},
	{provider: providers.GitLab, kind: providers.PersonalAccessToken, git: "oauth2"},
	{provider: providers.GitLab, kind: providers.FineGrainedPAT, git: "oauth2"},
	{provider: providers.GitLab, kind: providers.GroupToken, git: "oauth2"},
	{provider: providers.GitLab, kind: providers.ProjectToken, git: "oauth2"},
	{provider: providers.GitLab, kind: providers.ServiceAccountToken, git: "oauth2"},
	{provider: providers.GitLab, kind: providers.OAuthToken, git: "oauth2"},
	{provider: providers.GitLabServer, host: "git.acme.example/gitlab", kind: providers.PersonalAccessToken, git: "oauth2"},
	{provider: providers.GitLabServer, host: "git.acme.example/gitlab", kind: providers.FineGrainedPAT, git: "oauth2"},
	{provider: providers.GitLabServer, host: "git.acme.example/gitlab", kind: providers.GroupToken, git: "oauth2"},
	{provider: providers.GitLabServer, host: "git.acme.example/gitlab", kind: providers.ProjectToken, git: "oauth2"},
	{provider: providers.GitLabServer, host: "git.acme.example/gitlab", kind: providers.ServiceAccountToken, git: "oauth2"},
	{provider: providers.GitLabServer, host: "git.acme.example/gitlab", kind: providers.OAuthToken, git: "oauth2"},
	{provider: providers.Bitbucket, kind: providers.APIToken, git: "x-bitbucket-api-token-auth", rest: email},
	{provider: providers.Bitbucket, kind: providers.RepositoryToken, git: "x-token-auth"},
	{provider: providers.Bitbucket, kind: providers.ProjectToken, git: "x-token-auth"},
	{provider: providers.Bitbucket, kind: providers.WorkspaceToken, git: "x-token-auth"},
	{provider: providers.Bitbucket, kind: providers.OAuthToken, git: "x-token-auth"},
	{provider: providers.BitbucketServer, host: "bitbucket.acme.example:8443/git", kind: providers.HTTPAccessToken, git: login},
	{provider: providers.BitbucketServer, host: "bitbucket.acme.example:8443/git", kind: providers.OAuthToken, git: login},
	{provider: providers.BitbucketServer, host: "bitbucket.acme.example:8443/git", kind: providers.ProjectToken, git: "x-token-auth", bearer: true},
	{provider: providers.BitbucketServer, host: "bitbucket.acme.example:8443/git", kind: providers.RepositoryToken, git: "x-token-auth", bearer: true},
}

// subject asks the provider itself for the names of a token.
func (k known) subject(t *testing.T) handover.Subject {
	t.Helper()
	i := slices.IndexFunc(all.Providers(), func(p providers.Provider) bool { return p.Kind() == k.provider })
	if i < 0 {
		t.Skipf("%s is no provider yet", k.provider)
	}
	p := all.Providers()[i]
	h, err := p.Locate(k.host)
	if err != nil {
		t.Fatal(err)
	}
	return handover.Subject{
		Runtime: "prod", Purpose: providers.Runtime, Host: h, Kind: k.kind, Token: secret.New(token),
		Names: p.Names(providers.Identity{Kind: k.kind, Account: providers.Account{Login: login}, Email: email}),
	}
}

func (k known) String() string { return string(k.provider) + "-" + string(k.kind) }

// each runs a test for every kind of token.
func each(t *testing.T, test func(t *testing.T, k known, s handover.Subject)) {
	for _, k := range tokens {
		t.Run(k.String(), func(t *testing.T) { test(t, k, k.subject(t)) })
	}
}

func TestEveryKindOfTokenIsHandedOver(t *testing.T) {
	for _, p := range all.Providers() {
		kinds := []providers.TokenKind{providers.OAuthToken}
		for _, r := range providers.PolicyOf(p.Kind()).Requirements(providers.Runtime) {
			for _, need := range r.Needs {
				kinds = append(kinds, need.Kinds...)
			}
		}
		for _, kind := range kinds {
			dead := kind == providers.AppPassword || kind == providers.UnknownKind
			if !dead && !slices.ContainsFunc(tokens, func(k known) bool { return k.provider == p.Kind() && k.kind == kind }) {
				t.Errorf("no %s of %s is tried", kind, p.Kind())
			}
		}
	}
}

func TestEveryTokenHasTheNamesThatItsHostDocuments(t *testing.T) {
	each(t, func(t *testing.T, k known, s handover.Subject) {
		if want := (providers.Names{Git: k.git, REST: k.rest, Bearer: k.bearer}); s.Names != want {
			t.Errorf("names %+v, want %+v", s.Names, want)
		}
	})
}

func TestEveryFormIsAsItsConsumerDocumentsIt(t *testing.T) {
	each(t, func(t *testing.T, k known, s handover.Subject) {
		for _, f := range handover.Formats {
			o := handover.Options{}
			if f.Manifest() {
				o.Namespace = "gitops"
			}
			got, err := handover.Write(f, s, o)
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			file := filepath.Join("testdata", k.String(), string(f))
			if *update {
				write(t, file, got)
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is not what it was:\n%s", f, diff)
			}
		}
	})
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestValuesNeverHoldTheToken(t *testing.T) {
	each(t, func(t *testing.T, _ known, s handover.Subject) {
		got, err := handover.Write(handover.HelmValues, s, handover.Options{})
		if err != nil || strings.Contains(string(got), token) {
			t.Errorf("%v: %s", err, got)
		}
	})
}

// secretObject is the part of a Secret that matters here.
type secretObject struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name      string            `yaml:"name"`
		Namespace string            `yaml:"namespace"`
		Labels    map[string]string `yaml:"labels"`
	} `yaml:"metadata"`
	Type       string            `yaml:"type"`
	StringData map[string]string `yaml:"stringData"`
}

func parse(t interface{ Fatalf(string, ...any) }, text []byte) (o secretObject) {
	if err := yaml.UnmarshalWithOptions(text, &o, yaml.Strict()); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return o
}

func TestWhatIsWrittenComesBackThroughAParser(t *testing.T) {
	each(t, func(t *testing.T, k known, s handover.Subject) {
		o := handover.Options{Namespace: "gitops"}
		for f, want := range map[handover.Format]map[string]string{
			handover.KubernetesSecret: {"token": token},
			handover.RepoCreds:        k.repoCreds(s.Host.WebURL + "/"),
			handover.ArgoEvents:       k.events(),
		} {
			text, err := handover.Write(f, s, o)
			if err != nil {
				t.Fatal(err)
			}
			got := parse(t, text)
			if got.APIVersion != "v1" || got.Kind != "Secret" || got.Type != "Opaque" || got.Metadata.Namespace != "gitops" {
				t.Errorf("%s is no Secret of the namespace: %+v", f, got)
			}
			if diff := cmp.Diff(want, got.StringData); diff != "" {
				t.Errorf("%s holds something else:\n%s", f, diff)
			}
		}
	})
}

func (k known) repoCreds(url string) map[string]string {
	if k.bearer {
		return map[string]string{"type": "git", "url": url, "bearerToken": token}
	}
	return map[string]string{"type": "git", "url": url, "username": k.git, "password": token}
}

func (k known) events() map[string]string {
	if k.rest != "" {
		return map[string]string{"username": k.rest, "password": token}
	}
	return map[string]string{"token": token}
}

func TestTheAddressForArgoCDIsOnTheHost(t *testing.T) {
	s := tokens[0].subject(t)
	s.Host.WebURL, s.Host.URL = "https://git.acme.example/mirror", "https://github.com"
	server := s
	server.Host.Provider, server.Host.URL = providers.BitbucketServer, s.Host.WebURL
	for name, tc := range map[string]struct {
		s     handover.Subject
		named string
		want  string
		err   error
	}{
		"nothing is the whole host":             {s, "", "https://git.acme.example/mirror/", nil},
		"the host itself is the whole host":     {s, "https://github.com/", "https://git.acme.example/mirror/", nil},
		"an organization":                       {s, "https://git.acme.example/mirror/acme/", "https://git.acme.example/mirror/acme", nil},
		"by the host's own name":                {s, "https://github.com/acme", "https://git.acme.example/mirror/acme", nil},
		"a repository keeps its ending":         {s, "https://github.com/acme/app.git", "https://git.acme.example/mirror/acme/app.git", nil},
		"a bare path":                           {s, "acme/app", "https://git.acme.example/mirror/acme/app", nil},
		"a bare path of Bitbucket Server":       {server, "ACME", "https://git.acme.example/mirror/scm/ACME", nil},
		"another host":                          {s, "https://evil.example/acme", "", handover.ErrForeign},
		"a host that only begins like this one": {s, "https://github.com.evil.example/acme", "", handover.ErrForeign},
		"another scheme":                        {s, "http://github.com/acme", "", handover.ErrForeign},
		"a way out":                             {s, "acme/../../other", "", handover.ErrForeign},
		"a user name in front":                  {s, "https://me@github.com/acme", "", handover.ErrForeign},
		"what would end the line of a manifest": {s, "acme\nurl: https://evil.example", "", handover.ErrForeign},
		"a question behind it":                  {s, "https://github.com/acme?x=y", "", handover.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := handover.Write(handover.RepoCreds, tc.s, handover.Options{Repository: tc.named})
			if !errors.Is(err, tc.err) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if err == nil && parse(t, text).StringData["url"] != tc.want {
				t.Errorf("written as:\n%s", text)
			}
		})
	}
}

// Argo CD gives a token to every repository whose address begins with the letters
// of the template.
func TestNoOtherHostBeginsLikeTheAddressForArgoCD(t *testing.T) {
	each(t, func(t *testing.T, _ known, s handover.Subject) {
		text, err := handover.Write(handover.RepoCreds, s, handover.Options{})
		if err != nil {
			t.Fatal(err)
		}
		prefix := parse(t, text).StringData["url"]
		if own := s.Host.WebURL + "/acme/app"; !strings.HasPrefix(own, prefix) {
			t.Errorf("%s does not begin with %s", own, prefix)
		}
		for _, behind := range []string{".evil.example/acme/app", "@evil.example/acme/app", "0/acme/app", "-evil.example/acme/app"} {
			if other := s.Host.WebURL + behind; strings.HasPrefix(other, prefix) {
				t.Errorf("the token would go to %s", other)
			}
		}
	})
}

func TestACaveatIsNamedWhereAConsumerCannotWorkWithTheToken(t *testing.T) {
	of := func(provider providers.Kind, kind providers.TokenKind, names providers.Names) handover.Subject {
		return handover.Subject{Runtime: "prod", Purpose: providers.Runtime, Host: providers.Host{Provider: provider}, Kind: kind, Names: names}
	}
	classic := of(providers.GitHub, providers.ClassicPAT, providers.Names{Git: "x-access-token"})
	users := classic
	users.Purpose = providers.User
	api := of(providers.Bitbucket, providers.APIToken, providers.Names{Git: "x-bitbucket-api-token-auth", REST: email})
	for name, tc := range map[string]struct {
		f       handover.Format
		s       handover.Subject
		renewed bool
		want    []handover.Caveat
	}{
		"a classic token in values":               {handover.HelmValues, classic, false, nil},
		"a fine-grained token in values":          {handover.HelmValues, of(providers.GitHub, providers.FineGrainedPAT, classic.Names), false, []handover.Caveat{handover.FineGrained}},
		"a fine-grained token for Argo CD":        {handover.RepoCreds, of(providers.GitHub, providers.FineGrainedPAT, classic.Names), false, nil},
		"an API token of Bitbucket in values":     {handover.HelmValues, api, false, []handover.Caveat{handover.OneName}},
		"an API token of Bitbucket in the Secret": {handover.KubernetesSecret, api, false, []handover.Caveat{handover.OneName}},
		"an API token of Bitbucket for events":    {handover.ArgoEvents, api, false, nil},
		"a project's bot of GitLab in values":     {handover.HelmValues, of(providers.GitLab, providers.ProjectToken, providers.Names{Git: "oauth2"}), false, []handover.Caveat{handover.ProjectBot}},
		"a token without a name in values":        {handover.HelmValues, of(providers.BitbucketServer, providers.ProjectToken, providers.Names{Git: "x-token-auth", Bearer: true}), false, []handover.Caveat{handover.BearerOnly}},
		"a token without a name for Argo CD":      {handover.RepoCreds, of(providers.BitbucketServer, providers.ProjectToken, providers.Names{Git: "x-token-auth", Bearer: true}), false, nil},
		"a token that is renewed here":            {handover.RepoCreds, classic, true, []handover.Caveat{handover.Renewed}},
		"the same for a shell":                    {handover.Dotenv, classic, true, nil},
		"a user token for Argo CD":                {handover.RepoCreds, users, false, []handover.Caveat{handover.Persons}},
		"a user token as a Secret":                {handover.KubernetesSecret, users, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, handover.Caveats(tc.f, tc.s, tc.renewed)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
