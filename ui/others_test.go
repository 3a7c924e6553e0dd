package ui

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/bitbucketserver"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
)

// withOthers gives a desk hosts of the other kinds. Their APIs are the
// sandbox's; the pages that a person opens keep their real addresses.
func withOthers(t *testing.T, d *flows.Desk, now func() time.Time) {
	t.Helper()
	played := httptest.NewServer(sandbox.New(sandbox.Options{Now: now}).Handler())
	t.Cleanup(played.Close)
	cloud := bitbucket.Cloud()
	cloud.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	d.Providers = append(d.Providers, gitlab.Cloud(), gitlab.Server(), cloud, bitbucketserver.New())
	book, err := hosts.Parse("hosts.yaml", fmt.Appendf(nil, `hosts:
  - host: gitlab.com
    provider: gitlab
    api_url: %[1]s/gitlab/api/v4
  - host: git.acme.example/gitlab
    provider: gitlab-server
    api_url: %[1]s/gl/gitlab/api/v4
  - host: bitbucket.org
    provider: bitbucket
    api_url: %[1]s/bitbucket-api/2.0
  - host: git.acme.example/bitbucket
    provider: bitbucket-server
    api_url: %[1]s/bbs/bitbucket/rest
`, played.URL), d.Providers)
	if err != nil {
		t.Fatal(err)
	}
	d.Hosts = book
}

// played is a token of the sandbox.
func played(kind providers.Kind, name string) sandbox.Token {
	return sandbox.MustToken(string(kind), name)
}

// at is a conversation that begins with the token of a host.
func at(kind providers.Kind, purpose providers.Purpose) set {
	return set{start: StartInstall, others: true, answers: flows.Answers{
		Runtime: "prod", Provider: kind, Method: providers.PAT, Purpose: purpose,
	}}
}

// hostScenes are what differs from one kind of host to another.
var hostScenes = []scene{
	{"GitLab token", at(providers.GitLab, providers.Runtime), toField},
	{"GitLab token of a person", at(providers.GitLab, providers.User), toField},
	{"GitLab method", method(providers.GitLab), func(*stage) {}},
	{"GitLab application", method(providers.GitLab), func(s *stage) { s.press("up", "enter"); s.until("Application ID") }},
	{"GitLab scopes of a project bot", at(providers.GitLab, providers.Runtime), func(s *stage) { toVerdict(s, providers.GitLab, "project-bot") }},
	{"GitLab save of a project bot", at(providers.GitLab, providers.Runtime), func(s *stage) {
		toVerdict(s, providers.GitLab, "project-bot")
		s.press("enter")
	}},
	{"GitLab scopes of a fine-grained token", at(providers.GitLab, providers.Runtime), func(s *stage) { toVerdict(s, providers.GitLab, "fine-grained-blind") }},
	{"GitLab scopes missing", at(providers.GitLab, providers.User), func(s *stage) { toVerdict(s, providers.GitLab, "write-repository") }},
	{"GitLab scopes of a revoked token", at(providers.GitLab, providers.Runtime), func(s *stage) { toVerdict(s, providers.GitLab, "revoked") }},
	{"Bitbucket method", method(providers.Bitbucket), func(*stage) {}},
	{"Bitbucket token", at(providers.Bitbucket, providers.Runtime), toField},
	{"Bitbucket token of a workspace", at(providers.Bitbucket, providers.User), func(s *stage) {
		toField(s)
		s.paste(played(providers.Bitbucket, "workspace-token").Text)
	}},
	{"Bitbucket e-mail", at(providers.Bitbucket, providers.Runtime), toEmail},
	{"Bitbucket e-mail refused", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toEmail(s); s.write("acme-bot"); s.press("enter") }},
	{"Bitbucket user name", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toEmail(s); s.tell("acme-bot@acme.example") }},
	{"Bitbucket end", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toEmail(s); s.tell("acme-bot@acme.example", "") }},
	{"Bitbucket end of an access token", at(providers.Bitbucket, providers.Runtime), func(s *stage) {
		toField(s)
		s.paste(played(providers.Bitbucket, "workspace-token").Text)
		s.press("enter")
	}},
	{"Bitbucket day", at(providers.Bitbucket, providers.Runtime), toDay},
	{"Bitbucket day refused", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toDay(s); s.tell("31.12.2026") }},
	{"Bitbucket scopes", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toTold(s, "runtime", "acme-bot@acme.example") }},
	{"Bitbucket scopes missing", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toTold(s, "no-webhook-delete", "acme-bot@acme.example") }},
	{"Bitbucket scopes with another e-mail", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toTold(s, "runtime", "octocat@acme.example") }},
	{"Bitbucket app password", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toVerdict(s, providers.Bitbucket, "app-password") }},
	{"Data Center token", atServer(providers.Runtime), toField},
	{"Data Center token of a person", atServer(providers.User), toField},
	{"Data Center end", atServer(providers.Runtime), toServerEnd},
	{"Data Center scopes", atServer(providers.Runtime), func(s *stage) {
		toServerEnd(s)
		s.press("enter")
		s.until("Leave without saving")
	}},
	{"Bitbucket save", at(providers.Bitbucket, providers.Runtime), func(s *stage) { toTold(s, "runtime", "acme-bot@acme.example"); s.press("enter") }},
}

func atServer(purpose providers.Purpose) set {
	s := at(providers.BitbucketServer, purpose)
	s.answers.Host = "git.acme.example/bitbucket"
	return s
}

func toServerEnd(s *stage) {
	toField(s)
	s.paste(played(providers.BitbucketServer, "runtime").Text)
	s.press("enter")
}

func method(kind providers.Kind) set {
	return set{start: StartInstall, others: true, answers: flows.Answers{Runtime: "prod", Provider: kind}}
}

func toField(s *stage) { s.gone("Looking at") }

func toVerdict(s *stage, kind providers.Kind, name string) {
	toField(s)
	s.paste(played(kind, name).Text)
	s.press("enter")
	s.until("Leave without saving")
}

func toEmail(s *stage) {
	toField(s)
	s.paste(played(providers.Bitbucket, "runtime").Text)
	s.press("enter")
}

// tell answers questions one after the other. An empty answer takes what the
// field holds.
func (s *stage) tell(answers ...string) {
	s.t.Helper()
	for _, answer := range answers {
		s.write(answer)
		s.press("enter")
	}
}

func toDay(s *stage) {
	toEmail(s)
	s.tell("acme-bot@acme.example", "")
	s.press("down", "down", "down", "down", "down", "enter")
}

func toTold(s *stage, name, email string) {
	toField(s)
	s.paste(played(providers.Bitbucket, name).Text)
	s.press("enter")
	s.tell(email, "")
	s.press("down", "down", "enter")
	s.until("Leave without saving")
}

func TestATokenIsNotPastedWhereEverybodyCanReadIt(t *testing.T) {
	s := open(t, at(providers.Bitbucket, providers.Runtime))
	toEmail(s)
	s.paste(played(providers.Bitbucket, "runtime").Text)
	s.expect("That looks like a token")
	s.never("sandboxRuntime")
	s.paste("acme-bot@acme.example")
	s.expect("acme-bot@acme.example")
}

func TestATokenThatIsTypedWhereEverybodyCanReadItIsHidden(t *testing.T) {
	token := played(providers.Bitbucket, "runtime").Text
	for name, c := range map[string]struct {
		set  set
		walk func(*stage)
	}{
		"in a question before any host is chosen": {set{start: StartInstall, others: true}, func(*stage) {}},
		"in one about a host":                     {at(providers.Bitbucket, providers.Runtime), toEmail},
		"in an address":                           {set{start: StartInstall, others: true}, func(s *stage) { toHost(s); s.write("https://me:") }},
		"in the filter of the list":               {set{grants: several, others: true}, func(s *stage) { s.gone("checking"); s.press("/") }},
		"in the name of another runtime": {set{grants: several, others: true}, func(s *stage) {
			s.gone("checking")
			s.press("end", "up", "e", "n")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, c.set)
			c.walk(s)
			s.write(token)
			s.expect("That looks like a token, so it is hidden.")
			s.never("sandboxRuntime")
			s.press("enter")
			s.expect("That looks like a token, so it is hidden.")
			s.noSecret(token)
			s.press("ctrl+u")
			s.never("That looks like a token")
			s.write("acme")
			s.expect("acme")
		})
	}
}

func TestATokenOfAnotherKindOfHostIsNoticedBeforeItIsSent(t *testing.T) {
	for name, tc := range map[string]struct {
		at    providers.Kind
		token string
		want  string
	}{
		"of GitLab at GitHub":        {providers.GitHub, "glpat-abcdefghijklmnopqrst", "26 characters, looks like a token of GitLab Cloud."},
		"of GitHub at GitLab":        {providers.GitLab, goodToken, "40 characters, looks like a token of GitHub."},
		"of GitHub at Bitbucket":     {providers.Bitbucket, goodToken, "40 characters, looks like a token of GitHub."},
		"of its own":                 {providers.GitLab, "glpat-abcdefghijklmnopqrst", "26 characters, looks like a personal access token."},
		"of nobody that it tells of": {providers.GitHub, "0123456789abcdef0123456789abcdef01234567", "40 characters."},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, at(tc.at, providers.Runtime))
			s.paste(tc.token)
			s.expect(tc.want)
		})
	}
}
