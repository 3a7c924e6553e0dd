package flows_test

import (
	"errors"
	"slices"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

var opened = flows.PageOpened{Page: oauth.Page{Address: "https://gitlab.com/oauth/authorize?state=x", Listening: true}}

func atGitLab(t *testing.T, here flows.Place, purpose providers.Purpose) *talk {
	t.Helper()
	w := world()
	w.Hosts, w.Place = profiles{"https://gitlab.com": "c0ffee"}, here
	return begin(t, w, flows.Answers{Purpose: purpose}).say("prod").say("gitlab").at(flows.StepMethod)
}

func TestOAuth2IsOneChoiceByTheFlowThatWorksFromHere(t *testing.T) {
	for name, test := range map[string]struct {
		here         flows.Place
		first, other string
		remark       flows.Remark
	}{
		"on a desktop":      {flows.Place{}, "browser", "device", ""},
		"over SSH":          {flows.Place{Remote: true}, "device", "browser", flows.OverSSH},
		"in a container":    {flows.Place{Container: true}, "device", "browser", flows.InContainer},
		"in WSL":            {flows.Place{WSL: true}, "device", "browser", flows.InWSL},
		"without a desktop": {flows.Place{Blind: true}, "device", "browser", flows.NoDesktop},
	} {
		t.Run(name, func(t *testing.T) {
			k := atGitLab(t, test.here, providers.User).offers(test.first, "pat")
			q := k.Question()
			if q.Default != test.first {
				t.Errorf("%s is the default", q.Default)
			}
			other := q.Options[0].Other
			if other == nil || other.ID != test.other {
				t.Fatalf("the other flow is %+v", other)
			}
			if said := len(other.Remarks) > 0 && other.Remarks[0] == test.remark; test.remark != "" && !said {
				t.Errorf("of the browser it says %v", other.Remarks)
			}
			k.say(test.other).at(flows.StepAuthorize).back().at(flows.StepMethod).offers(test.other, "pat")
		})
	}
}

func TestAFlowThatIsOpenIsOfferedBeforeOneThatIsClosed(t *testing.T) {
	w := world()
	w.Place = flows.Place{Remote: true}
	k := begin(t, w, flows.Answers{}).say("prod").say("gitlab-server").say("git.example.com")
	k.hear(flows.HostMet{Version: "16.11.2"}).at(flows.StepMethod).offers("browser", "pat")
	var closed *flows.MethodError
	if !errors.As(k.Question().Options[0].Other.Closed, &closed) || closed.Reason != flows.TooOld {
		t.Errorf("the other flow is %+v", k.Question().Options[0].Other)
	}
	if k.say("device").at(flows.StepMethod); !errors.As(k.Question().Problem, &closed) {
		t.Errorf("problem %v", k.Question().Problem)
	}
}

func TestASignInInABrowserIsRenewedByTheFlowThatWorksFromHere(t *testing.T) {
	old := grantOf(providers.User, "octocat")
	old.Method = string(providers.Browser)
	for name, test := range map[string]struct {
		here flows.Place
		want string
	}{"on a desktop": {flows.Place{}, "browser"}, "over SSH": {flows.Place{Remote: true}, "device"}} {
		t.Run(name, func(t *testing.T) {
			w := world(old)
			w.Place = test.here
			c, _, err := flows.Reauthorize(w, old, flows.Answers{})
			if err != nil {
				t.Fatal(err)
			}
			if q := c.Question(); q.Default != test.want || q.Options[0].ID != test.want {
				t.Errorf("%s is the default of %+v", q.Default, q.Options)
			}
		})
	}
}

func TestWhatWorksBestIsToldWhateverWasSaidBefore(t *testing.T) {
	old := grantOf(providers.User, "octocat")
	old.Method = string(providers.PAT)
	for name, test := range map[string]struct {
		known profiles
		best  string
	}{
		"an application is known": {profiles{"https://github.com": "Ov23li"}, "device"},
		"none is":                 {nil, "pat"},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(old)
			w.Hosts = test.known
			c, _, err := flows.Reauthorize(w, old, flows.Answers{})
			if err != nil {
				t.Fatal(err)
			}
			q := c.Question()
			best := slices.DeleteFunc(slices.Clone(q.Options), func(o flows.Option) bool { return !o.Best })
			if q.Default != "pat" || len(best) != 1 || best[0].ID != test.best {
				t.Errorf("%s is the default, and best is %+v", q.Default, best)
			}
		})
	}
}

func TestAnotherHostBeginsWithTheFlowThatWorksBestThere(t *testing.T) {
	w := world()
	w.Hosts, w.Secrets = profiles{"https://github.com": "Ov23li", "https://gitlab.com": "c0ffee"}, []string{"https://github.com"}
	k := begin(t, w, flows.Answers{Purpose: providers.User}).say("prod").say("github").at(flows.StepMethod).offers("browser", "pat")
	k.say("device").back().at(flows.StepMethod).offers("device", "pat")
	k.back().say("gitlab").at(flows.StepMethod).offers("browser", "pat")
	if q := k.Question(); q.Default != "browser" {
		t.Errorf("%s is the default", q.Default)
	}
}

func TestOAuth2IsRecommendedWhicheverOfItsFlowsWasSaidBefore(t *testing.T) {
	old := grantOf(providers.User, "octocat")
	old.Method = string(providers.Browser)
	w := world(old)
	w.Hosts = profiles{old.Host: "Ov23li"} // whose secret only the browser takes
	c, _, err := flows.Reauthorize(w, old, flows.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if q := c.Question(); q.Options[0].ID != "browser" || !q.Options[0].Best || q.Options[1].Best {
		t.Errorf("the choice is between %+v", q.Options)
	}
}

// Two hours is how long an OAuth token of GitLab lives, and a cluster renews none.
func TestATokenThatEndsWithinHoursIsNotRecommendedForARuntime(t *testing.T) {
	k := atGitLab(t, flows.Place{}, providers.Runtime).offers("browser", "pat")
	q := k.Question()
	if q.Default != "pat" || !slices.Contains(q.Options[0].Remarks, flows.EndsSoon) {
		t.Errorf("%s is the default, and of OAuth2 it says %v", q.Default, q.Options[0].Remarks)
	}
	k.say("device").hear(usable).hear(code).hear(issued).at(flows.StepScopes)
	v := found(flows.Valid, "acme-bot")
	v.Verdict.Kind = providers.OAuthToken
	k.hear(v).say(flows.GoOn).at(flows.StepSave).offers(flows.SaveIt, flows.Leave)
	if got := k.Concerns(); !slices.Equal(got, []flows.Concern{flows.Fleeting}) {
		t.Errorf("concerns are %v", got)
	}
}

func TestAnAddressThatIsBroughtGoesToTheVisitThatWaits(t *testing.T) {
	k := atGitLab(t, flows.Place{}, providers.User).say("browser").hear(usable).hear(opened).at(flows.StepAuthorize)
	if q := k.Question(); q.Ask != flows.AskReturn || k.Page() == nil {
		t.Fatalf("question is %+v", q)
	}
	turn := k.Turn()
	k.give("http://127.0.0.1:5000/callback?code=x")
	if w, ok := k.effects[0].Work.(flows.BringReturn); !ok || k.effects[0].Turn != turn || w.Address != "http://127.0.0.1:5000/callback?code=x" {
		t.Fatalf("work is %+v", k.effects)
	}
	k.hear(flows.NotReturned{Err: oauth.ErrNotReturn})
	if q := k.Question(); q.Ask != flows.AskReturn || !errors.Is(q.Problem, oauth.ErrNotReturn) {
		t.Fatalf("after another address the question is %+v", q)
	}
	k.hear(issued).at(flows.StepScopes)
}

func TestTheSecretIsAskedForWhereTheHostWantsOne(t *testing.T) {
	w := world()
	w.Hosts, w.Ask = profiles{"https://github.com": "Ov23li"}, true
	k := begin(t, w, flows.Answers{}).say("prod").say("github").say("browser").at(flows.StepApplication)
	if q := k.Question(); q.Ask != flows.AskSecret {
		t.Fatalf("question is %+v", q)
	}
	k.give("two words")
	if !errors.Is(k.Question().Problem, flows.ErrClientSecret) {
		t.Errorf("problem is %v", k.Question().Problem)
	}
	k.give("hush-hush")
	if w, ok := k.effects[0].Work.(flows.TryApplication); !ok || w.Secret.Reveal() != "hush-hush" {
		t.Fatalf("work is %+v", k.effects)
	}
	k.hear(flows.Failed{Err: cause.Cause{Kind: cause.SecretRefused}}).at(flows.StepApplication)
	k.give("the-right-one").hear(flows.ApplicationTried{}).at(flows.StepAuthorize)
	if k.Answers().ClientSecret.Reveal() != "the-right-one" {
		t.Error("the secret is not what was said last")
	}
	k.hear(usable).hear(opened).hear(issued)
	remembered := false
	for _, e := range k.effects {
		w, ok := e.Work.(flows.RememberHost)
		remembered = remembered || ok && w.Secret.Equal(secret.New("the-right-one"))
	}
	if !remembered {
		t.Errorf("the secret is not remembered: %+v", k.effects)
	}
}

func TestASecretThatIsKeptIsNotAskedForAgain(t *testing.T) {
	w := world()
	w.Hosts, w.Secrets = profiles{"https://github.com": "Ov23li"}, []string{"https://github.com"}
	begin(t, w, flows.Answers{}).say("prod").say("github").say("browser").at(flows.StepAuthorize)
}
