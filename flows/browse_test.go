package flows_test

import (
	"errors"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

var opened = flows.PageOpened{Page: oauth.Page{Address: "https://gitlab.com/oauth/authorize?state=x", Listening: true}}

func atGitLab(t *testing.T, here flows.Place) *talk {
	t.Helper()
	w := world()
	w.Hosts, w.Place = profiles{"https://gitlab.com": "c0ffee"}, here
	return begin(t, w, flows.Answers{}).say("prod").say("gitlab").at(flows.StepMethod)
}

func TestTheWayThatWorksFromHereIsOfferedFirst(t *testing.T) {
	for name, test := range map[string]struct {
		here   flows.Place
		first  string
		remark flows.Remark
	}{
		"on a desktop":      {flows.Place{}, "browser", ""},
		"over SSH":          {flows.Place{Remote: true}, "device", flows.OverSSH},
		"in a container":    {flows.Place{Container: true}, "device", flows.InContainer},
		"in WSL":            {flows.Place{WSL: true}, "device", flows.InWSL},
		"without a desktop": {flows.Place{Blind: true}, "device", flows.NoDesktop},
	} {
		t.Run(name, func(t *testing.T) {
			q := atGitLab(t, test.here).Question()
			if q.Options[0].ID != test.first || q.Default != test.first {
				t.Errorf("%s is offered first, and %s is the default", q.Options[0].ID, q.Default)
			}
			for _, o := range q.Options {
				said := len(o.Remarks) > 0 && o.Remarks[0] == test.remark
				if o.ID == string(providers.Browser) && test.remark != "" && !said {
					t.Errorf("of the browser it says %v", o.Remarks)
				}
			}
		})
	}
}

func TestAnAddressThatIsBroughtGoesToTheVisitThatWaits(t *testing.T) {
	k := atGitLab(t, flows.Place{}).say("browser").hear(usable).hear(opened).at(flows.StepAuthorize)
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
