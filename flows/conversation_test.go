package flows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

// profiles are hosts without a file: what the provider knows, with client ids
// laid over it.
type profiles map[string]string

func (p profiles) Resolve(provider providers.Provider, input string) (providers.Host, error) {
	h, err := provider.Locate(input)
	h.ClientID = p[h.URL]
	return h, err
}

func (p profiles) At(address.Pasted) (providers.Host, bool) { return providers.Host{}, false }

func (p profiles) LimitedBy(string) string { return "" }

func (p profiles) Only(providers.Kind) (providers.Host, bool) { return providers.Host{}, false }

func (p profiles) Set(h providers.Host) error { p[h.URL] = h.ClientID; return nil }

func world(grants ...keyring.Grant) flows.World {
	return flows.World{
		Providers: all.Providers(), Hosts: profiles{}, Grants: grants,
		Store: keyring.System, CanVault: true, Ask: true,
	}
}

// talk is a conversation under test; it remembers the last effects.
type talk struct {
	*flows.Conversation
	t       *testing.T
	effects []flows.Effect
}

func begin(t *testing.T, w flows.World, a flows.Answers) *talk {
	t.Helper()
	c, effects, err := flows.Install(w, a)
	if err != nil {
		t.Fatalf("Install: %v", err)
	}
	return &talk{c, t, effects}
}

func (k *talk) say(text string) *talk {
	k.t.Helper()
	k.effects = k.Answer(flows.Answer{Text: text})
	return k
}

func (k *talk) give(token string) *talk {
	k.t.Helper()
	k.effects = k.Answer(flows.Answer{Secret: secret.New(token)})
	return k
}

// hear answers the work that is under way.
func (k *talk) hear(what any) *talk {
	k.t.Helper()
	turn := k.Turn()
	if !k.Waiting() {
		k.t.Fatalf("%s waits for nothing, yet %T arrives", k.Step(), what)
	}
	k.effects = k.Take(flows.Event{Turn: turn, What: what})
	return k
}

func (k *talk) at(step flows.Step) *talk {
	k.t.Helper()
	if k.Step() != step {
		k.t.Fatalf("at step %s (problem: %v), want %s", k.Step(), k.Question().Problem, step)
	}
	return k
}

func (k *talk) offers(ids ...string) *talk {
	k.t.Helper()
	var got []string
	for _, o := range k.Question().Options {
		got = append(got, o.ID)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		k.t.Fatalf("options at %s (-want +got):\n%s", k.Step(), diff)
	}
	return k
}

func (k *talk) back() *talk {
	k.t.Helper()
	effects, ok := k.Back()
	if !ok {
		k.t.Fatalf("no way back from %s", k.Step())
	}
	k.effects = effects
	return k
}

var (
	usable = flows.StoreState{Condition: keyring.Condition{Store: keyring.System, State: keyring.Ready}}
	locked = flows.StoreState{Condition: keyring.Condition{Store: keyring.System, State: keyring.Locked}}
	code   = flows.CodeIssued{Code: oauth.Code{User: "WDJB-MJHT", ExpiresAt: time.Now().Add(time.Minute)}}
	issued = flows.Authorized{Token: oauth.Token{Access: secret.New("gho_issued")}}
)

func found(status flows.Status, account string) flows.Checked {
	return flows.Checked{Verdict: flows.Verdict{
		Status: status, Account: providers.Account{Login: account}, Kind: providers.ClassicPAT,
		Expiry: providers.ExpiryUnknown,
	}}
}

func grantOf(purpose providers.Purpose, account string) keyring.Grant {
	return keyring.Grant{
		Key:      keyring.Key{Runtime: "prod", Purpose: string(purpose), Account: account},
		Provider: "github", Host: "https://github.com", Method: "pat", Kind: "classic-pat",
	}
}

// toScopes walks to the Scopes step by token.
func toScopes(t *testing.T, w flows.World) *talk {
	t.Helper()
	return begin(t, w, flows.Answers{}).say("prod").say("github").say("pat").hear(usable).give("ghp_token").at(flows.StepScopes)
}

func TestAnInstallationByTokenAsksItsStepsInOrder(t *testing.T) {
	k := begin(t, world(), flows.Answers{})
	k.at(flows.StepRuntime).say("prod")
	k.at(flows.StepProvider).offers("github", "github-enterprise", "gitlab", "gitlab-server", "bitbucket", "bitbucket-server").say("github")
	k.at(flows.StepMethod).offers("device", "pat").say("pat")
	k.at(flows.StepAuthorize).hear(usable).give("ghp_token")
	k.at(flows.StepScopes).hear(found(flows.Valid, "octocat")).say(flows.GoOn)
	k.at(flows.StepSave).say(flows.SaveIt)
	if w, ok := k.effects[0].Work.(flows.SaveGrant); !ok || w.Grant.Account != "octocat" || w.Credential.Access.Reveal() != "ghp_token" {
		t.Fatalf("the save is %+v", k.effects)
	}
	k.hear(flows.Saved{Grant: grantOf(providers.Runtime, "octocat")})
	k.at(flows.StepHandOff).offers(flows.NextUserToken, flows.Finish).say(flows.NextUserToken)
	if o := k.Outcome(); !o.Ended || !o.GoOn || o.Saved == nil {
		t.Fatalf("outcome %+v", o)
	}
}

func TestTheTrailHoldsOnlyTheStepsOfTheBranch(t *testing.T) {
	for name, tc := range map[string]struct {
		beforehand flows.Answers
		walk       func(*talk)
		want       []flows.Step
	}{
		"github.com by token has neither Host nor Application": {
			walk: func(k *talk) { k.say("prod").say("github").say("pat") },
			want: []flows.Step{"Runtime", "Provider", "Method", "Authorize", "Scopes", "Save", "Hand off"},
		},
		"a server by OAuth2 without a known application has both": {
			walk: func(k *talk) {
				k.say("prod").say("github-enterprise").say("ghe.acme.example").hear(flows.HostMet{}).say("device")
			},
			want: []flows.Step{"Runtime", "Provider", "Host", "Method", "Application", "Authorize", "Scopes", "Save", "Hand off"},
		},
		"what was said beforehand is not asked": {
			beforehand: flows.Answers{Runtime: "prod", Provider: providers.GitHub, Method: providers.PAT, Token: secret.New("ghp_x")},
			walk:       func(*talk) {},
			want:       []flows.Step{"Scopes", "Save", "Hand off"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := begin(t, world(), tc.beforehand)
			tc.walk(k)
			steps, _ := k.Trail()
			if diff := cmp.Diff(tc.want, steps); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGoingBackKeepsEveryAnswer(t *testing.T) {
	k := toScopes(t, world()).hear(found(flows.Valid, "octocat"))
	k.back().at(flows.StepAuthorize)
	if !k.Question().Kept {
		t.Error("the token is not kept")
	}
	k.back().at(flows.StepMethod)
	if got := k.Question().Default; got != "pat" {
		t.Errorf("method is %q", got)
	}
	k.back().at(flows.StepProvider).back().at(flows.StepRuntime)
	if got := k.Question().Default; got != "prod" {
		t.Errorf("runtime is %q", got)
	}
	k.say("").say("").say("").say("").at(flows.StepScopes)
	if k.Waiting() || k.Verdict().Status != flows.Valid {
		t.Error("an unchanged token is checked again")
	}
}

func TestChangingAnAnswerResetsOnlyWhatDependsOnIt(t *testing.T) {
	for name, tc := range map[string]struct {
		change    func(*talk)
		keepToken bool
	}{
		"another runtime name keeps the token":    {func(k *talk) { k.back().back().back().back().say("stage").say("").say("") }, true},
		"another provider drops the token":        {func(k *talk) { k.back().back().back().say("github-enterprise") }, false},
		"the same provider again keeps the token": {func(k *talk) { k.back().back().back().say("github").say("") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			k := toScopes(t, world()).hear(found(flows.Valid, "octocat"))
			tc.change(k)
			if kept := !k.Answers().Token.Empty(); kept != tc.keepToken {
				t.Errorf("token kept: %v, want %v", kept, tc.keepToken)
			}
			if known := k.Verdict() != nil; known != tc.keepToken {
				t.Errorf("verdict kept: %v, want %v", known, tc.keepToken)
			}
		})
	}
}

func TestAnAnswerThatIsNoGoodLeavesEverythingAsItWas(t *testing.T) {
	taken := &flows.TakenError{}
	other := &flows.OtherHostError{}
	unknown := &flows.UnknownProviderError{}
	for name, tc := range map[string]struct {
		grants []keyring.Grant
		walk   func(*talk)
		step   flows.Step
		want   func(error) bool
	}{
		"a runtime name in capitals":     {nil, func(k *talk) { k.say("Prod") }, flows.StepRuntime, is(flows.ErrRuntimeName)},
		"an empty runtime name":          {nil, func(k *talk) { k.say("") }, flows.StepRuntime, is(flows.ErrRuntimeName)},
		"a runtime that has the token":   {[]keyring.Grant{grantOf(providers.Runtime, "bot")}, func(k *talk) { k.say("prod") }, flows.StepRuntime, as(&taken)},
		"a choice that is not offered":   {nil, func(k *talk) { k.say("prod").say("sourceforge") }, flows.StepProvider, is(flows.ErrNotOffered)},
		"a server on plain http":         {nil, func(k *talk) { k.say("prod").say("github-enterprise").say("http://ghe.acme.example") }, flows.StepHost, nil},
		"a server that is github.com":    {nil, func(k *talk) { k.say("prod").say("github-enterprise").say("github.com") }, flows.StepHost, is(providers.ErrOtherKind)},
		"a token of blanks":              {nil, func(k *talk) { k.say("prod").say("github").say("pat").hear(usable).give(" \r\n") }, flows.StepAuthorize, is(flows.ErrTokenEmpty)},
		"a token with a blank inside":    {nil, func(k *talk) { k.say("prod").say("github").say("pat").hear(usable).give("ghp_a b") }, flows.StepAuthorize, is(flows.ErrTokenCharacters)},
		"a client id that is a sentence": {nil, func(k *talk) { k.say("prod").say("github").say("device").say("my app") }, flows.StepApplication, is(flows.ErrClientID)},
		"a token for a client id": {nil, func(k *talk) {
			k.say("prod").say("github").say("device").say("ghp_0123456789abcdef0123456789abcdef0123")
		}, flows.StepApplication, is(flows.ErrClientID)},
		"the client id of a GitHub App": {
			nil, func(k *talk) { k.say("prod").say("github").say("device").say("Iv1.abc") }, flows.StepApplication,
			func(err error) bool { return cause.Is(err, cause.GitHubApp) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := begin(t, world(tc.grants...), flows.Answers{})
			tc.walk(k)
			k.at(tc.step)
			problem := k.Question().Problem
			if problem == nil || tc.want != nil && !tc.want(problem) {
				t.Errorf("problem is %v", problem)
			}
		})
	}
	for name, tc := range map[string]struct {
		beforehand flows.Answers
		want       func(error) bool
	}{
		"an unknown provider by flag":       {flows.Answers{Provider: "sourceforge"}, as(&unknown)},
		"a taken runtime by flag":           {flows.Answers{Runtime: "prod"}, as(&taken)},
		"a runtime on another host by flag": {flows.Answers{Runtime: "prod", Purpose: providers.User, Provider: providers.GitHubEnterprise, Host: "https://ghe.acme.example"}, as(&other)},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := flows.Install(world(grantOf(providers.Runtime, "bot")), tc.beforehand)
			if err == nil || !tc.want(err) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func as[T error](want *T) func(error) bool {
	return func(err error) bool { return errors.As(err, want) }
}
