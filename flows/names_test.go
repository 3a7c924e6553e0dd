package flows_test

import (
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/github"
)

func TestAWrongEmailIsCorrectedInOneStep(t *testing.T) {
	rejected := found(flows.Rejected, "")
	rejected.Verdict.Cause = &cause.Cause{Kind: cause.Rejected}
	k := toChecked(t).hear(rejected).offers(flows.OtherEmail, flows.OtherToken, flows.CheckAgain, flows.Leave)
	if got := k.Question().Default; got != flows.OtherEmail {
		t.Errorf("the default is %s", got)
	}
	k.say(flows.OtherEmail).about(flows.Email)
	if q := k.Question(); q.Default != "me@example.com" || !q.Final {
		t.Errorf("the question is %+v", q)
	}
	k.back().at(flows.StepScopes).offers(flows.OtherEmail, flows.OtherToken, flows.CheckAgain, flows.Leave)
	s := k.say(flows.OtherEmail).say("bot@example.com").checks()
	if s.Credential.Email != "bot@example.com" || s.Credential.Token.Reveal() != "ghp_one" || s.Known.Source != providers.ExpiryUser {
		t.Errorf("checked is %+v", s)
	}
}

func TestAnotherEmailLeavesNoUserNameOfAnotherPerson(t *testing.T) {
	k := toToken(t, askingWorld(), flows.Answers{}).give("ghp_one").say("me@example.com").say("me").say(flows.NotKnown)
	k.hear(found(flows.Rejected, "")).say(flows.OtherEmail).say("bot@example.com")
	if s := k.checks(); s.Credential.Username != "" {
		t.Errorf("git uses %q beside the token of bot@example.com", s.Credential.Username)
	}
	k.hear(found(flows.Rejected, "")).say(flows.OtherEmail).say("bot@example.com").hear(found(flows.Valid, "acme-bot")).
		back().about(flows.End).back().about(flows.Username)
	if got := k.Question().Default; got != "x-everybody" {
		t.Errorf("the user name is %q", got)
	}
}

func TestWhereNoEmailWasSentNoneIsCorrected(t *testing.T) {
	rejected := found(flows.Rejected, "")
	toToken(t, askingWorld(), flows.Answers{}).give("gho_one").say(flows.NotKnown).hear(rejected).
		offers(flows.OtherToken, flows.CheckAgain, flows.Leave)
	toToken(t, askingWorld(), flows.Answers{Email: "me@example.com"}).give("gho_one").say(flows.NotKnown).hear(rejected).
		offers(flows.OtherToken, flows.CheckAgain, flows.Leave)
}

func TestNamesOfAnEarlierTokenAreOffered(t *testing.T) {
	at := func(runtime string, purpose providers.Purpose, host, email, name string) keyring.Grant {
		g := grantOf(purpose, "somebody")
		g.Runtime, g.Host, g.Email, g.Username = runtime, host, email, name
		return g
	}
	old := grantOf(providers.Runtime, "acme-bot")
	old.Email, old.Username = "old@example.com", "old"
	const here = "https://github.com"
	mine := at("lab", providers.User, here, "me@example.com", "me")
	robot := at("dev", providers.Runtime, here, "bot@example.com", "")
	elsewhere := at("far", providers.Runtime, "https://git.example.com", "far@example.com", "far")
	for name, tc := range map[string]struct {
		grants []keyring.Grant
		old    *keyring.Grant
		email  string // that is offered
		said   string
		user   string // that is offered then
	}{
		"of nobody":                    {said: "me@example.com", user: "x-everybody"},
		"of one with the same purpose": {grants: []keyring.Grant{robot, mine}, email: "bot@example.com", user: "x-everybody"},
		"of one with another purpose":  {grants: []keyring.Grant{mine}, email: "me@example.com", user: "me"},
		"the user name of nobody else": {grants: []keyring.Grant{mine}, email: "me@example.com", said: "you@example.com", user: "x-everybody"},
		"the user name of one's own":   {grants: []keyring.Grant{robot, mine}, email: "bot@example.com", said: "me@example.com", user: "me"},
		"never of another host":        {grants: []keyring.Grant{elsewhere}, said: "far@example.com", user: "x-everybody"},
		"of the one that is replaced":  {grants: []keyring.Grant{robot, mine, old}, old: &old, email: "old@example.com", user: "old"},
	} {
		t.Run(name, func(t *testing.T) {
			w := askingWorld(tc.grants...)
			c, effects, err := flows.Begin(w, tc.old, flows.Answers{Runtime: "prod", Provider: providers.GitHub, Host: here, Method: providers.PAT})
			if err != nil {
				t.Fatal(err)
			}
			k := (&talk{c, t, effects}).hear(usable).give("ghp_one").about(flows.Email)
			if got := k.Question().Default; got != tc.email {
				t.Errorf("the e-mail is %q", got)
			}
			if k.say(tc.said); k.about(flows.Username).Question().Default != tc.user {
				t.Errorf("the user name is %q", k.Question().Default)
			}
			if lacks := c.Lacks(flows.Email, true); lacks {
				t.Error("the e-mail is lacking though it was said")
			}
		})
	}
}

func TestAnEmailIsLackingUnlessAnEarlierOneWillDo(t *testing.T) {
	old := grantOf(providers.Runtime, "acme-bot")
	old.Email = "old@example.com"
	a := flows.Answers{Runtime: "lab", Provider: providers.GitHub, Host: "https://github.com", Method: providers.PAT, Token: secret.New("ghp_one")}
	for name, tc := range map[string]struct {
		grants   []keyring.Grant
		defaults bool
		want     bool
	}{
		"none is known":               {nil, true, true},
		"one is known, and not meant": {[]keyring.Grant{old}, false, true},
		"one is known, and will do":   {[]keyring.Grant{old}, true, false},
	} {
		if got := begin(t, askingWorld(tc.grants...), a).Lacks(flows.Email, tc.defaults); got != tc.want {
			t.Errorf("%s: lacking is %t", name, got)
		}
	}
}

func TestAnotherHostForgetsTheNames(t *testing.T) {
	w := askingWorld()
	w.Providers = []providers.Provider{asking{github.Cloud()}, asking{github.Enterprise()}}
	k := toToken(t, w, flows.Answers{}).give("ghp_one").say("me@example.com").say("").about(flows.End)
	k.back().back().back().back().at(flows.StepMethod).back().at(flows.StepProvider).say("github-enterprise").say("ghe.example.com").
		hear(flows.HostMet{}).say("pat").give("ghp_one").about(flows.Email)
	if got := k.Question().Default; got != "" {
		t.Errorf("the e-mail is %q, which was said for another host", got)
	}
}
