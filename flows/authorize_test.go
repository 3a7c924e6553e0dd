package flows_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

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
	remembered := func() bool {
		return slices.ContainsFunc(k.effects, func(e flows.Effect) bool {
			w, ok := e.Work.(flows.RememberHost)
			return ok && w.Host.ClientID == "Ov23liMine" && e.Turn == 0
		})
	}
	if k.hear(code); remembered() {
		t.Error("it is remembered though nobody has signed in with it")
	}
	if k.hear(issued); !remembered() {
		t.Errorf("it is not remembered: %+v", k.effects)
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
	k.hear(flows.Failed{Err: keyring.ErrUnknownOutcome}).offers(flows.KeepWaiting, flows.SaveAgain, flows.TakeVault, flows.Leave)
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
	if !errors.As(k.Question().Problem, &closed) || closed.Reason != flows.NotAllowed {
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

func TestTheSameTokenGivenAgainIsCheckedAgain(t *testing.T) {
	for name, give := range map[string]func(*talk){
		"pasted at the scopes":        func(k *talk) { k.give("ghp_token") },
		"given as another token":      func(k *talk) { k.say(flows.OtherToken).give("ghp_token") },
		"kept when asked for another": func(k *talk) { k.say(flows.OtherToken).say("") },
	} {
		t.Run(name, func(t *testing.T) {
			k := toScopes(t, world()).hear(found(flows.MissingScopes, "octocat"))
			give(k)
			k.at(flows.StepScopes)
			if len(k.effects) != 1 {
				t.Fatalf("effects %+v", k.effects)
			}
			if _, ok := k.effects[0].Work.(flows.CheckToken); !ok {
				t.Errorf("work is %T", k.effects[0].Work)
			}
		})
	}
}

func TestReauthorizingOntoAnAccountThatHasItsOwnGrantIsRefused(t *testing.T) {
	old, other := grantOf(providers.User, "octocat"), grantOf(providers.User, "hubot")
	c, effects, err := flows.Reauthorize(world(old, other), old, flows.Answers{ReplaceAccount: true})
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{c, t, effects}
	k.say("").hear(usable).give("ghp_t").hear(found(flows.Valid, "hubot")).say(flows.GoOn).at(flows.StepSave).offers(flows.Leave)
	var taken *flows.TakenError
	if !errors.As(k.Question().Problem, &taken) || taken.Account != "hubot" {
		t.Errorf("problem %v", k.Question().Problem)
	}
}

func TestARepositoryElsewhereIsRefusedBeforeAnybodySignsIn(t *testing.T) {
	_, _, err := flows.Install(world(), flows.Answers{
		Provider: providers.GitHub, Repositories: []string{"https://git.example.com/acme/app"},
	})
	if !errors.Is(err, providers.ErrForeignRepository) {
		t.Errorf("error is %v", err)
	}
}
