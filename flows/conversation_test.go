package flows_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
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

func (p profiles) Find(string) (providers.Host, bool) { return providers.Host{}, false }

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
	k.at(flows.StepProvider).offers("github", "github-enterprise").say("github")
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
		"the client id of a GitHub App": {nil, func(k *talk) { k.say("prod").say("github").say("device").say("Iv1.abc") }, flows.StepApplication,
			func(err error) bool { return cause.Is(err, cause.GitHubApp) }},
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

func TestNobodySignsInBeforeTheStoreIsKnownToBeUsable(t *testing.T) {
	w := world()
	w.Hosts = profiles{"https://github.com": "Ov23liOfTheHost"}
	k := begin(t, w, flows.Answers{}).say("prod").say("github").say("device").at(flows.StepAuthorize)
	if _, ok := k.effects[0].Work.(flows.ProbeStore); !ok {
		t.Fatalf("work is %T", k.effects[0].Work)
	}
	k.hear(locked).offers(flows.OpenStore, flows.TakeVault, flows.ProbeAgain, flows.Leave)
	k.say(flows.ProbeAgain).hear(usable)
	if w, ok := k.effects[0].Work.(flows.SignIn); !ok || w.Host.ClientID != "Ov23liOfTheHost" {
		t.Fatalf("work is %+v", k.effects[0].Work)
	}
}

func TestTheVaultCanTakeThePlaceOfAKeychainThatIsNotThere(t *testing.T) {
	missing := keyring.Condition{Store: keyring.Vault, State: keyring.Missing, Seal: "passphrase"}
	wrong := keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: "passphrase", Wrong: true}
	ready := keyring.Condition{Store: keyring.Vault, State: keyring.Ready}
	k := begin(t, world(), flows.Answers{}).say("prod").say("github").say("pat").hear(locked)
	k.say(flows.TakeVault).hear(flows.VaultTaken{Condition: missing})
	if q := k.Question(); q.Ask != flows.AskPassphrase || !q.Creates {
		t.Fatalf("question is %+v", q)
	}
	k.give("too short").hear(flows.Failed{Err: wrong})
	if q := k.Question(); q.Ask != flows.AskPassphrase || !q.Trouble.Wrong || q.Creates {
		t.Fatalf("question is %+v", q)
	}
	k.give("correct horse").hear(flows.StoreState{Condition: ready}).at(flows.StepAuthorize)
	if q := k.Question(); q.Ask != flows.AskToken || k.Store() != keyring.Vault {
		t.Fatalf("question is %+v, store %s", q, k.Store())
	}
}

func deviceTalk(t *testing.T) *talk {
	t.Helper()
	w := world()
	w.Hosts = profiles{"https://github.com": "Ov23li"}
	return begin(t, w, flows.Answers{}).say("prod").say("github").say("device").hear(usable).hear(code)
}

func TestADeviceCodeIsShownUntilItIsApproved(t *testing.T) {
	k := deviceTalk(t).at(flows.StepAuthorize).offers(flows.SignInAgain, flows.ByToken)
	if k.Code() == nil || k.Code().User != "WDJB-MJHT" {
		t.Fatalf("code is %+v", k.Code())
	}
	k.hear(issued).at(flows.StepScopes)
	if k.Code() != nil {
		t.Error("the code is still there")
	}
	k.hear(found(flows.Valid, "octocat")).back().at(flows.StepAuthorize).offers(flows.GoOn, flows.SignInAgain, flows.ByToken)
}

func TestASignInThatFailsSaysWhyAndOffersTheNextStep(t *testing.T) {
	for name, tc := range map[string]struct {
		kind    cause.Kind
		offered []string
	}{
		"denied":                 {cause.Denied, []string{flows.SignInAgain, flows.ByToken}},
		"the code ran out":       {cause.CodeExpired, []string{flows.SignInAgain, flows.ByToken}},
		"an unknown application": {cause.UnknownApplication, []string{flows.SignInAgain, flows.OtherID, flows.ByToken}},
		"a GitHub App":           {cause.GitHubApp, []string{flows.SignInAgain, flows.OtherID, flows.ByToken}},
	} {
		t.Run(name, func(t *testing.T) {
			k := deviceTalk(t).hear(flows.Failed{Err: cause.Cause{Kind: tc.kind}}).offers(tc.offered...)
			if !cause.Is(k.Question().Problem, tc.kind) {
				t.Errorf("problem is %v", k.Question().Problem)
			}
			if slices.Contains(tc.offered, flows.OtherID) {
				k.say(flows.OtherID).at(flows.StepApplication).say("Ov23liOther").at(flows.StepAuthorize)
			}
		})
	}
}

func TestAClientIDIsRememberedOnceItHasProvedRight(t *testing.T) {
	k := begin(t, world(), flows.Answers{}).say("prod").say("github").say("device").say("Ov23liMine").hear(usable)
	k.hear(code)
	if len(k.effects) != 1 {
		t.Fatalf("effects %+v", k.effects)
	}
	if w, ok := k.effects[0].Work.(flows.RememberHost); !ok || w.Host.ClientID != "Ov23liMine" || k.effects[0].Turn != 0 {
		t.Fatalf("effect %+v", k.effects[0])
	}
}

func TestWhatComesLateIsDropped(t *testing.T) {
	k := deviceTalk(t)
	late := k.Turn()
	k.say(flows.ByToken).at(flows.StepAuthorize)
	k.Take(flows.Event{Turn: late, What: issued})
	k.at(flows.StepAuthorize)
	if k.Question().Ask != flows.AskToken {
		t.Errorf("question is %+v", k.Question())
	}
}

func TestTheScopesScreenOffersWhatTheVerdictAllows(t *testing.T) {
	for status, offered := range map[flows.Status][]string{
		flows.Valid:         {flows.GoOn, flows.OtherToken, flows.CheckAgain, flows.Leave},
		flows.Unverifiable:  {flows.GoOn, flows.OtherToken, flows.CheckAgain, flows.Leave},
		flows.Expiring:      {flows.GoOn, flows.OtherToken, flows.CheckAgain, flows.Leave},
		flows.MissingScopes: {flows.OtherToken, flows.CheckAgain, flows.ForceIt, flows.Leave},
		flows.Rejected:      {flows.OtherToken, flows.CheckAgain, flows.Leave},
		flows.SSORequired:   {flows.OtherToken, flows.CheckAgain, flows.Leave},
		flows.Unreachable:   {flows.CheckAgain, flows.OtherToken, flows.Leave},
		flows.RateLimited:   {flows.CheckAgain, flows.OtherToken, flows.Leave},
	} {
		t.Run(string(status), func(t *testing.T) {
			toScopes(t, world()).hear(found(status, "octocat")).offers(offered...)
		})
	}
}

func TestABetterTokenIsTakenInPlace(t *testing.T) {
	k := toScopes(t, world()).hear(found(flows.MissingScopes, "octocat"))
	k.give("ghp_better\n").at(flows.StepScopes)
	w, ok := k.effects[0].Work.(flows.CheckToken)
	if !ok || w.Subject.Credential.Token.Reveal() != "ghp_better" {
		t.Fatalf("work %+v", k.effects)
	}
	k.hear(found(flows.Valid, "octocat")).say("").at(flows.StepSave)
}

func TestAnAccountThatHasTheGrantAlreadyIsSentToReauthorize(t *testing.T) {
	k := begin(t, world(grantOf(providers.User, "octocat")), flows.Answers{Runtime: "prod", Purpose: providers.User})
	k.at(flows.StepMethod).say("pat").hear(usable).give("ghp_t").hear(found(flows.Valid, "octocat")).say(flows.GoOn).at(flows.StepSave)
	var taken *flows.TakenError
	if !errors.As(k.Question().Problem, &taken) || taken.Account != "octocat" {
		t.Fatalf("problem %v", k.Question().Problem)
	}
	k.offers(flows.Leave)
}

func TestAnotherAccountsUserTokenAddsAGrant(t *testing.T) {
	k := begin(t, world(grantOf(providers.User, "octocat")), flows.Answers{Runtime: "prod", Purpose: providers.User})
	k.say("pat").hear(usable).give("ghp_t").hear(found(flows.Valid, "hubot")).say(flows.GoOn).at(flows.StepSave).offers(flows.SaveIt, flows.Leave)
}

func TestReauthorizingAsSomebodyElseWantsAWord(t *testing.T) {
	old := grantOf(providers.Runtime, "acme-bot")
	c, effects, err := flows.Reauthorize(world(old), old, flows.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{c, t, effects}
	if got := k.at(flows.StepMethod).Question().Default; got != "pat" {
		t.Errorf("the method of old is not the default: %q", got)
	}
	k.say("").hear(usable).give("ghp_t").hear(found(flows.Valid, "octocat")).say(flows.GoOn).at(flows.StepSave)
	k.offers(flows.Leave, flows.TakeAccount).say(flows.TakeAccount).offers(flows.SaveIt, flows.Leave).say(flows.SaveIt)
	w := k.effects[0].Work.(flows.SaveGrant)
	if w.Old == nil || *w.Old != old.Key || w.Grant.Account != "octocat" {
		t.Fatalf("save %+v", w)
	}
}

func TestReauthorizingElsewhereIsRefused(t *testing.T) {
	old := grantOf(providers.Runtime, "acme-bot")
	for name, a := range map[string]flows.Answers{
		"another provider": {Provider: providers.GitHubEnterprise},
		"another host":     {Host: "https://ghe.acme.example"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := flows.Reauthorize(world(old), old, a); err == nil {
				t.Error("it was not refused")
			}
		})
	}
}

func TestATokenIsKeptInMemoryUntilItIsSaved(t *testing.T) {
	k := toScopes(t, world()).hear(found(flows.Valid, "octocat")).say(flows.GoOn).say(flows.SaveIt)
	if _, ok := k.Back(); ok {
		t.Error("a save under way can be walked away from")
	}
	k.hear(flows.Failed{Err: keyring.ErrUnknownOutcome}).offers(flows.SaveAgain, flows.TakeVault, flows.Leave)
	k.say(flows.SaveAgain).hear(flows.Failed{Err: locked.Condition}).offers(flows.OpenStore, flows.TakeVault, flows.ProbeAgain, flows.Leave)
	k.say(flows.OpenStore).hear(usable)
	if w, ok := k.effects[0].Work.(flows.SaveGrant); !ok || w.Credential.Access.Reveal() != "ghp_token" {
		t.Fatalf("after unlocking the work is %+v", k.effects)
	}
}

func TestAHostThatDoesNotAnswerIsTakenWhenItIsSaidAgain(t *testing.T) {
	k := begin(t, world(), flows.Answers{}).say("prod").say("github-enterprise").say("ghe.acme.example")
	k.hear(flows.Failed{Err: cause.Cause{Kind: cause.NoConnection}}).at(flows.StepHost)
	if got := k.Question().Default; !strings.Contains(got, "ghe.acme.example") {
		t.Errorf("the answer is gone: %q", got)
	}
	k.say("").at(flows.StepMethod)
}

func TestAWrongKindOfHostIsNotTaken(t *testing.T) {
	k := begin(t, world(), flows.Answers{}).say("prod").say("github-enterprise").say("wiki.acme.example")
	k.hear(flows.Failed{Err: cause.Cause{Kind: cause.WrongHost}}).say("").at(flows.StepHost)
	if !k.Waiting() {
		t.Error("it is not asked again")
	}
}

func TestAMethodThatTheHostForbidsSaysWhy(t *testing.T) {
	w := world()
	w.Hosts = only{profiles{}, "pat"}
	k := begin(t, w, flows.Answers{}).say("prod").say("github").at(flows.StepMethod).say("device").at(flows.StepMethod)
	var closed *flows.MethodError
	if !errors.As(k.Question().Problem, &closed) || !closed.Blocked {
		t.Errorf("problem %v", k.Question().Problem)
	}
}

type only struct {
	profiles
	method string
}

func (o only) Resolve(p providers.Provider, input string) (providers.Host, error) {
	h, err := o.profiles.Resolve(p, input)
	h.Methods = []string{o.method}
	return h, err
}
