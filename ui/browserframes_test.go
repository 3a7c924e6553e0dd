package ui

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// browserScenes are the sign-in in a browser, and what it takes.
var browserScenes = []scene{
	{"browser", byBrowser(providers.GitLab), toPage},
	{"browser over SSH", from(flows.Place{Remote: true, Blind: true}, byBrowser(providers.GitLab)), toPage},
	{"browser method over SSH", from(flows.Place{Remote: true, Blind: true}, method(providers.GitLab)), func(*stage) {}},
	{"browser with another address", byBrowser(providers.GitLab), func(s *stage) {
		toPage(s)
		s.paste("https://gitlab.com/dashboard")
		s.until("not the address")
	}},
	{"browser with an address by hand", byBrowser(providers.GitLab), func(s *stage) { toPage(s); s.write("http://127") }},
	{"browser refused", byBrowser(providers.GitLab), func(s *stage) { toPage(s); s.comeBack("error", "access_denied") }},
	{"browser of Data Center", atDataCenter(), toPage},
	{"secret of an application", secretWanted(), func(*stage) {}},
	{"secret of an application refused", secretWanted(), func(s *stage) { s.write("two words"); s.press("enter") }},
	{"Bitbucket method closed", method(providers.Bitbucket), func(s *stage) { s.press("up", "up", "enter") }},
}

// consent stands for what a page of consent is asked with, which is never twice
// the same.
const consent = "?client_id=gitgrant&code_challenge=UFbTvLpYVXcQ0GMKqCFgHsXnYwDaMqQ3DPVTtVbbLXQ" +
	"&code_challenge_method=S256&redirect_uri=http%3A%2F%2F127.0.0.1%3A43117%2Fcallback&response_type=code&scope=api&state=XQ3JX5VAHKZJ5O6E5IQWAQ4UZC"

// byBrowser is a conversation that has all that a browser needs.
func byBrowser(kind providers.Kind) set {
	s := at(kind, providers.User)
	s.answers.Method, s.answers.ClientID = providers.Browser, "gitgrant"
	return s
}

func from(here flows.Place, s set) set {
	s.here = here
	return s
}

func atDataCenter() set {
	s := byBrowser(providers.BitbucketServer)
	s.answers.Host, s.answers.ClientSecret = "git.acme.example/bitbucket", secret.New("the-secret-of-a-link")
	return s
}

// secretWanted knows an application of which nobody knows the secret.
func secretWanted() set {
	return set{start: StartInstall, answers: flows.Answers{
		Runtime: "prod", Provider: providers.GitHub, Method: providers.Browser, Purpose: providers.User,
	}}
}

// toPage waits for the page of consent. Where a browser is opened at once, it
// waits for what comes of it too.
func toPage(s *stage) {
	s.t.Helper()
	s.wait(func() bool { return s.m.walk.Conversation().Page() != nil }, "the page of consent")
	if !s.m.walk.Conversation().Obstructed() {
		s.until("no display")
	}
	page := s.m.walk.Conversation().Page()
	site, _, _ := strings.Cut(page.Address, "?")
	s.opened, page.Address = page.Address, site+consent
}

// comeBack is the browser on its way back to the program, with one value.
func (s *stage) comeBack(name, value string) {
	s.t.Helper()
	asked, err := url.Parse(s.opened)
	if err != nil {
		s.t.Fatal(err)
	}
	back := s.m.walk.Conversation().Page().Redirect + "?" + url.Values{name: {value}, "state": {asked.Query().Get("state")}}.Encode()
	go func() {
		if resp, err := http.Get(back); err == nil {
			_ = resp.Body.Close()
		}
	}()
	s.wait(func() bool { return s.m.walk.Conversation().Page() == nil }, "the end of the sign-in")
}

// What a person pastes is asked about by its address alone: the code in it is
// as good as a token until it is used.
func TestAnAddressThatTheBrowserEndedOnIsNeverShown(t *testing.T) {
	s := open(t, byBrowser(providers.GitLab))
	toPage(s)
	s.paste("http://127.0.0.1/elsewhere?code=0123456789abcdefghij")
	s.until("not the address")
	s.noSecret("0123456789abcdefghij")
}

// The form for new applications is where a secret was, not where it is.
func TestTheSecretOfAnApplicationIsLookedForWhereItIsShown(t *testing.T) {
	s := open(t, secretWanted())
	s.expect("https://github.com/settings/developers")
	s.press("ctrl+y")
	s.wait(func() bool { return len(s.copied) == 1 }, "the address on the clipboard")
	if want := []string{"https://github.com/settings/developers"}; !slices.Equal(s.copied, want) {
		t.Errorf("copied is %q", s.copied)
	}
}
