package flows_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
)

// stranger is a desk that knows the hosts of a sandbox by nothing but their
// answers, and remotes of git that point there.
func stranger(t *testing.T) (*flows.Desk, *sandbox.Server) {
	t.Helper()
	d, server := newDesk(t)
	book, err := hosts.Parse("hosts.yaml", nil, all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	d.Hosts = book
	d.Remote = func(_ context.Context, name string) (string, bool) {
		pointed, ok := map[string]string{
			"origin":   server.URL() + "/gl/gitlab/acme/app.git",
			"upstream": "git@github.com:acme/app.git",
		}[name]
		return pointed, ok
	}
	return d, server
}

func TestAHostIsFoundBehindAnythingThatIsPasted(t *testing.T) {
	d, server := stranger(t)
	at := server.URL()
	for pasted, want := range map[string]struct {
		kind providers.Kind
		host string
	}{
		at + "/gl/gitlab":          {providers.GitLabServer, at + "/gl/gitlab"},
		at + "/gl/gitlab/acme/app": {providers.GitLabServer, at + "/gl/gitlab"},
		at + "/gl/gitlab/acme/deep/app/-/blob/main/main.go?ref_type=heads#L3": {providers.GitLabServer, at + "/gl/gitlab"},
		at + "/ghes/acme/app.git": {providers.GitHubEnterprise, at + "/ghes"},
		at + "/ghes/api/v3":       {providers.GitHubEnterprise, at + "/ghes"},
		strings.TrimPrefix(at, "http://") + "/ghes/acme/app/issues": {providers.GitHubEnterprise, at + "/ghes"},
		"origin":                         {providers.GitLabServer, at + "/gl/gitlab"},
		"upstream":                       {providers.GitHub, "https://github.com"},
		"https://github.com/acme/app":    {providers.GitHub, "https://github.com"},
		"ssh://git@ssh.github.com:443/x": {providers.GitHub, "https://github.com"},
		"git@gitlab.com:acme/app.git":    {providers.GitLab, "https://gitlab.com"},
	} {
		t.Run(pasted, func(t *testing.T) {
			found, err := d.Detect(t.Context(), pasted)
			if err != nil {
				t.Fatal(err)
			}
			if found.Provider.Kind() != want.kind || found.Host.URL != want.host || found.Host.Provider != want.kind {
				t.Errorf("found %s at %s", found.Provider.Kind(), found.Host.URL)
			}
			if cloud := strings.HasSuffix(want.host, ".com"); found.Met == cloud {
				t.Errorf("it was met: %v", found.Met)
			}
		})
	}
	for _, q := range server.Requests() {
		if q.Authorized || q.Method != http.MethodGet {
			t.Errorf("%s %s, with a token: %v", q.Method, q.Path, q.Authorized)
		}
	}
}

func TestTheVersionOfAHostIsFoundWhereItTells(t *testing.T) {
	d, server := stranger(t)
	found, err := d.Detect(t.Context(), server.URL()+"/ghes/acme/app")
	if err != nil || !strings.HasPrefix(found.Version, "3.") || found.Host.APIURL != server.URL()+"/ghes/api/v3" {
		t.Errorf("%q at %s, %v", found.Version, found.Host.APIURL, err)
	}
}

func TestAProfileTellsAHostWithoutAskingIt(t *testing.T) {
	d, server := newDesk(t)
	for _, pasted := range []string{
		"https://ghe.sandbox.example/acme/app", "git@ghe.sandbox.example:acme/app.git", server.URL() + "/ghes/acme/app/pulls",
	} {
		found, err := d.Detect(t.Context(), pasted)
		if err != nil || found.Host.URL != "https://ghe.sandbox.example" || found.Host.WebURL != server.URL()+"/ghes" || found.Met {
			t.Errorf("%s leads to %+v, %v", pasted, found.Host, err)
		}
	}
	if asked := server.Requests(); len(asked) != 0 {
		t.Errorf("it was asked %d times", len(asked))
	}
}

func TestWhereNoHostIsFoundTheReasonIsTheNearest(t *testing.T) {
	d, server := stranger(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	moved := httptest.NewServer(http.RedirectHandler("https://git.acme.example/", http.StatusMovedPermanently))
	defer moved.Close()
	private := httptest.NewUnstartedServer(http.NotFoundHandler())
	private.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail
	private.StartTLS()
	defer private.Close()
	var nothing *flows.UnknownHostError
	for name, test := range map[string]struct {
		pasted string
		want   func(error) bool
	}{
		"something else lives there":   {server.URL() + "/wiki/acme", as(&nothing)},
		"nothing answers":              {closed.URL + "/acme/app", func(err error) bool { return cause.Is(err, cause.NoConnection) }},
		"it moved":                     {moved.URL + "/acme/app", func(err error) bool { return cause.Is(err, cause.Redirected) }},
		"its certificate is nobody's":  {private.URL, func(err error) bool { return cause.Is(err, cause.UnknownIssuer) }},
		"it is no address":             {"https://me:hunter2@git.acme.example", is(address.ErrUserInfo)},
		"it is no name of a remote":    {"/srv/git/app.git", is(address.ErrHost)},
		"there is nothing to go after": {" ", is(address.ErrEmpty)},
	} {
		t.Run(name, func(t *testing.T) {
			if found, err := d.Detect(t.Context(), test.pasted); err == nil || !test.want(err) {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}

func TestATokenInThePlaceOfAnAddressIsShownToNobody(t *testing.T) {
	d, _ := stranger(t)
	d.Remote = func(_ context.Context, name string) (string, bool) {
		t.Errorf("git was asked for a remote called %d letters", len(name))
		return "", false
	}
	for _, token := range []string{sandbox.MustToken("github", "runtime").Text, sandbox.MustToken("gitlab", "runtime").Text} {
		if _, err := d.Detect(t.Context(), token); !errors.Is(err, address.ErrHost) {
			t.Errorf("error is %v", err)
		}
		if found, err := d.Place(t.Context(), providers.GitLabServer, token); !errors.Is(err, address.ErrHost) {
			t.Errorf("it is taken for %s: %v", found.Host.URL, err)
		}
	}
}

func TestAHostThatSaysNothingIsNotWaitedForWithoutEnd(t *testing.T) {
	d, _ := stranger(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it takes calls, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	if _, err := d.Detect(t.Context(), silent.Addr().String()+"/acme/app"); !cause.Is(err, cause.NoAnswer) {
		t.Errorf("error is %v", err)
	}
}

func TestTheShortestPlaceThatAnswersIsTheHost(t *testing.T) {
	// A GitLab at the root says that it is one wherever it is asked, and here at
	// the root itself last.
	below, once := make(chan struct{}), sync.Once{}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/api/v4/version" {
			select {
			case <-below:
			case <-q.Context().Done():
			}
		}
		w.Header().Set("X-Gitlab-Meta", "{}")
		w.WriteHeader(http.StatusNotFound)
		if q.URL.Path == "/gitlab/app/api/v4/version" {
			_ = http.NewResponseController(w).Flush()
			once.Do(func() { close(below) })
		}
	}))
	defer host.Close()
	d, _ := stranger(t)
	found, err := d.Detect(t.Context(), host.URL+"/gitlab/app")
	if err != nil || found.Host.URL != host.URL {
		t.Errorf("found %s, %v", found.Host.URL, err)
	}
}

func TestWhatSomebodySaysItIsIsHeldAgainstWhatItIs(t *testing.T) {
	d, server := stranger(t)
	other := &flows.OtherKindError{}
	unknown := &flows.UnknownProviderError{}
	for name, test := range map[string]struct {
		kind       providers.Kind
		text, host string
		want       func(error) bool
	}{
		"the address of a host is taken as it is":   {providers.GitLabServer, "git.acme.example", "https://git.acme.example", nil},
		"the cloud by nothing at all":               {providers.GitHub, "", "https://github.com", nil},
		"a page leads to its host":                  {providers.GitLabServer, server.URL() + "/gl/gitlab/acme/app", server.URL() + "/gl/gitlab", nil},
		"a path that leads to none is its address":  {providers.GitLabServer, server.URL() + "/wiki", server.URL() + "/wiki", nil},
		"another kind than it was to be is refused": {providers.GitHubEnterprise, server.URL() + "/gl/gitlab/acme/app", "", as(&other)},
		"no kind that there is":                     {"sourcehut", "git.acme.example", "", as(&unknown)},
		"a remote":                                  {providers.GitLabServer, "origin", server.URL() + "/gl/gitlab", nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := d.Place(t.Context(), test.kind, test.text)
			switch {
			case test.want != nil && (err == nil || !test.want(err)):
				t.Errorf("error is %v", err)
			case test.want == nil && (err != nil || found.Host.URL != test.host || found.Provider.Kind() != test.kind):
				t.Errorf("%s, %v", found.Host.URL, err)
			}
		})
	}
}

func TestAHostThatIsMetAndIsAnotherKindSaysWhich(t *testing.T) {
	d, server := stranger(t)
	p, _ := d.Provider(providers.GitHubEnterprise)
	h, err := d.Hosts.Resolve(p, server.URL()+"/gl/gitlab")
	if err != nil {
		t.Fatal(err)
	}
	var other *flows.OtherKindError
	if _, err := d.Meet(t.Context(), p, h); !errors.As(err, &other) || other.Is != providers.GitLabServer {
		t.Errorf("error is %v", err)
	}
}

// foundAs is the host that an effect was to find.
func foundAs(t *testing.T, k *talk, pasted string, kind providers.Kind) {
	t.Helper()
	if len(k.effects) != 1 {
		t.Fatalf("effects %+v", k.effects)
	}
	if w, ok := k.effects[0].Work.(flows.FindHost); !ok || w.Pasted != pasted || w.Kind != kind {
		t.Fatalf("work %+v", k.effects[0].Work)
	}
}

func gitLabAt(t *testing.T, url string) flows.HostFound {
	t.Helper()
	for _, p := range all.Providers() {
		if p.Kind() == providers.GitLabServer {
			h, err := p.Locate(url)
			if err != nil {
				t.Fatal(err)
			}
			return flows.HostFound{Found: flows.Found{Provider: p, Host: h, Met: true, Version: "18.5.0"}}
		}
	}
	t.Fatal("there is no GitLab")
	return flows.HostFound{}
}

func TestAnAddressTakesThePlaceOfAProviderAndItsHost(t *testing.T) {
	const pasted = "https://git.acme.example/gitlab/acme/app.git"
	k := begin(t, world(), flows.Answers{}).say("prod").at(flows.StepProvider)
	if !k.Question().TakesAddress {
		t.Error("no address is taken")
	}
	k.say(pasted)
	foundAs(t, k, pasted, "")
	k.hear(gitLabAt(t, "https://git.acme.example/gitlab")).at(flows.StepMethod)
	if k.Host().URL != "https://git.acme.example/gitlab" || k.Answers().Provider != providers.GitLabServer {
		t.Errorf("it goes on with %+v", k.Answers())
	}
	k.back().at(flows.StepHost)
	if q := k.Question(); q.Default != "https://git.acme.example/gitlab" {
		t.Errorf("on the way back the host is %q", q.Default)
	}
	k.back().at(flows.StepProvider)
	if q := k.Question(); q.Default != string(providers.GitLabServer) {
		t.Errorf("on the way back the provider is %q", q.Default)
	}
}

func TestAnAddressThatLeadsNowhereLeavesTheChoice(t *testing.T) {
	k := begin(t, world(), flows.Answers{}).say("prod").say("wiki.acme.example/x")
	k.hear(flows.Failed{Err: &flows.UnknownHostError{Host: "https://wiki.acme.example"}}).at(flows.StepProvider)
	var nothing *flows.UnknownHostError
	if q := k.Question(); !errors.As(q.Problem, &nothing) || len(q.Options) != len(all.Providers()) {
		t.Errorf("question %+v", q)
	}
	k.say("github").at(flows.StepMethod)
}

func TestAtTheHostAnythingOnItWillDo(t *testing.T) {
	for pasted, root := range map[string]string{
		"https://git.acme.example/gitlab/acme/app": "https://git.acme.example/gitlab/acme/app",
		"git@git.acme.example:acme/app.git":        "https://git.acme.example",
		"https://git.acme.example/acme/app?tab=1":  "https://git.acme.example",
		"origin": "https://origin",
	} {
		t.Run(pasted, func(t *testing.T) {
			k := begin(t, world(), flows.Answers{}).say("prod").say("gitlab-server").say(pasted)
			foundAs(t, k, pasted, providers.GitLabServer)
			if k.Host().URL != root {
				t.Errorf("meanwhile it is %s", k.Host().URL)
			}
			k.hear(gitLabAt(t, "https://git.acme.example/gitlab")).at(flows.StepMethod)
			if k.Host().URL != "https://git.acme.example/gitlab" {
				t.Errorf("it goes on with %s", k.Host().URL)
			}
		})
	}
}

func TestAPastedHostThatDoesNotAnswerIsTakenWhenItIsSaidAgain(t *testing.T) {
	k := begin(t, world(), flows.Answers{}).say("prod").say("gitlab-server").say("git@git.acme.example:acme/app.git")
	k.hear(flows.Failed{Err: cause.Cause{Kind: cause.NoConnection}}).at(flows.StepHost).say("git@git.acme.example:acme/app.git").at(flows.StepMethod)
	if k.Host().URL != "https://git.acme.example" {
		t.Errorf("it goes on with %s", k.Host().URL)
	}
}

func TestARuntimeStaysOnItsHostWhateverIsPasted(t *testing.T) {
	w := world(keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: "user", Account: "a"}, Provider: "gitlab-server", Host: "https://git.acme.example"})
	k := begin(t, w, flows.Answers{Provider: providers.GitLabServer, Purpose: providers.User}).say("prod").at(flows.StepHost)
	k.say("https://git.other.example/gitlab/x")
	other := &flows.OtherHostError{}
	if problem := k.Question().Problem; !as(&other)(problem) || len(k.effects) != 0 {
		t.Errorf("problem is %v, effects %+v", problem, k.effects)
	}
}

func TestAWordThatIsNoRemoteIsNoChoice(t *testing.T) {
	d, _ := stranger(t)
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	var got []any
	d.Perform(t.Context(), flows.Effect{Turn: 1, Work: flows.FindHost{Pasted: "sourceforge"}}, func(ev flows.Event) { got = append(got, ev.What) })
	if failed, ok := got[0].(flows.Failed); !ok || !errors.Is(failed.Err, flows.ErrNotOffered) {
		t.Errorf("it is %+v", got)
	}
}
