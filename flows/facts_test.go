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
	"gitgrant/providers/github"
)

// asking is a host that cannot tell all that has to be known of its tokens. One
// that begins with ghp_ stands beside two user names and ends on a day that only
// its owner knows.
type asking struct{ providers.Provider }

func (a asking) Wants(token secret.Secret) providers.Wants {
	long := a.Guess(token) == providers.APIToken
	return providers.Wants{Email: long, Username: long, Expiry: true}
}

func (a asking) Guess(token secret.Secret) providers.TokenKind {
	if a.Provider.Guess(token) == providers.ClassicPAT {
		return providers.APIToken
	}
	return providers.UnknownKind
}

func (a asking) Names(id providers.Identity) providers.Names {
	if id.Kind != providers.APIToken {
		return providers.Names{Git: "x-token-auth"}
	}
	if id.Username == "" {
		id.Username = "x-everybody"
	}
	return providers.Names{Git: id.Username, REST: id.Email}
}

var today = time.Date(2026, time.November, 22, 9, 30, 0, 0, time.UTC)

func askingWorld(grants ...keyring.Grant) flows.World {
	w := world(grants...)
	w.Providers = []providers.Provider{asking{github.Cloud()}}
	w.Now = func() time.Time { return today }
	return w
}

func toToken(t *testing.T, w flows.World, a flows.Answers) *talk {
	t.Helper()
	return begin(t, w, a).say("prod").say("github").say("pat").hear(usable).at(flows.StepAuthorize)
}

// about fails where the question is about something else.
func (k *talk) about(topic flows.Topic) *talk {
	k.t.Helper()
	if q := k.at(flows.StepAuthorize).Question(); q.Topic != topic {
		k.t.Fatalf("the question is about %q (problem: %v), want %q", q.Topic, q.Problem, topic)
	}
	return k
}

// checks is what the host is asked about.
func (k *talk) checks() flows.Subject {
	k.t.Helper()
	if k.at(flows.StepScopes); len(k.effects) == 1 {
		if w, ok := k.effects[0].Work.(flows.CheckToken); ok {
			return w.Subject
		}
	}
	k.t.Fatalf("no token is checked: %+v", k.effects)
	return flows.Subject{}
}

func toChecked(t *testing.T) *talk {
	t.Helper()
	return toToken(t, askingWorld(), flows.Answers{}).give("ghp_one").say("me@example.com").say("").say(flows.In90Days)
}

func TestWhatOnlyTheOwnerKnowsIsAskedBehindTheToken(t *testing.T) {
	k := toToken(t, askingWorld(), flows.Answers{}).about(flows.TheToken).give("ghp_one")
	k.about(flows.Email).say("me@example.com")
	k.about(flows.Username)
	if q := k.Question(); q.Default != "x-everybody" || q.Final {
		t.Errorf("the question is %+v", q)
	}
	k.say("me").about(flows.End)
	k.offers(flows.NotKnown, flows.In30Days, flows.In90Days, flows.In180Days, flows.In365Days, flows.OnADay)
	if q := k.Question(); q.Default != "" || !q.Final {
		t.Errorf("the question is %+v", q)
	}
	s := k.say(flows.In90Days).checks()
	if s.Credential.Email != "me@example.com" || s.Credential.Username != "me" {
		t.Errorf("the credential is %+v", s.Credential)
	}
	want := providers.Expiry{At: time.Date(2027, time.February, 20, 23, 59, 59, 0, time.UTC), Source: providers.ExpiryUser}
	if diff := cmp.Diff(want, s.Known); diff != "" {
		t.Errorf("the end (-want +got):\n%s", diff)
	}
	k.hear(found(flows.Valid, "acme-bot")).say(flows.GoOn).at(flows.StepSave).say(flows.SaveIt)
	saved := k.effects[0].Work.(flows.SaveGrant).Grant
	if saved.Email != "me@example.com" || saved.Username != "me" {
		t.Errorf("the grant is %+v", saved)
	}
}

func TestATokenThatTellsEverythingIsCheckedAtOnce(t *testing.T) {
	w := world()
	toToken(t, w, flows.Answers{}).give("ghp_one").checks()
}

func TestATokenOfAnotherSortIsAskedLess(t *testing.T) {
	k := toToken(t, askingWorld(), flows.Answers{}).give("gho_one").about(flows.End)
	k.offers(flows.NotKnown, flows.In30Days, flows.In90Days, flows.In180Days, flows.In365Days, flows.OnADay, flows.NeverEnds)
	if s := k.say(flows.NeverEnds).checks(); s.Credential.Email != "" || s.Known.Source != providers.ExpiryNone {
		t.Errorf("checked is %+v", s)
	}
}

func TestAnEndIsReadAsItIsMeant(t *testing.T) {
	for name, tc := range map[string]struct {
		answer string
		at     time.Time
		source providers.ExpirySource
		err    error
	}{
		"a day lasts until its end": {answer: "2026-12-31", at: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), source: providers.ExpiryUser},
		"a moment":                  {answer: "2026-12-31T12:00:00+02:00", at: time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC), source: providers.ExpiryUser},
		"a day that has passed":     {answer: "2020-01-01", at: time.Date(2020, 1, 1, 23, 59, 59, 0, time.UTC), source: providers.ExpiryUser},
		"beyond what can be":        {answer: "2099-12-31", at: time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC), source: providers.ExpiryUser},
		"with blanks around it":     {answer: " 2026-12-31 ", at: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), source: providers.ExpiryUser},
		"a day that is none":        {answer: "2026-02-30", err: flows.ErrEnd},
		"in another order":          {answer: "31.12.2026", err: flows.ErrEnd},
		"nothing":                   {answer: "", err: flows.ErrEnd},
	} {
		t.Run(name, func(t *testing.T) {
			k := toToken(t, askingWorld(), flows.Answers{}).give("gho_one").say(flows.OnADay).about(flows.Day).say(tc.answer)
			if tc.err != nil {
				if !errors.Is(k.about(flows.Day).Question().Problem, tc.err) {
					t.Errorf("the problem is %v", k.Question().Problem)
				}
				return
			}
			if got := k.checks().Known; !got.At.Equal(tc.at) || got.Source != tc.source {
				t.Errorf("the end is %+v", got)
			}
		})
	}
}

func TestADayIsTakenInPlaceOfAChoice(t *testing.T) {
	k := toToken(t, askingWorld(), flows.Answers{}).give("gho_one").say("2026-12-31")
	if got := k.checks().Known; got.At.Format(time.DateOnly) != "2026-12-31" || got.Source != providers.ExpiryUser {
		t.Errorf("the end is %+v", got)
	}
	k.back().about(flows.Day).back().about(flows.End)
	if q := k.Question(); q.Default != flows.OnADay {
		t.Errorf("the question is %+v", q)
	}
	if k.say("tomorrow"); !errors.Is(k.Question().Problem, flows.ErrNotOffered) {
		t.Errorf("the problem is %v", k.Question().Problem)
	}
}

func TestNamesAreLookedAtBeforeAnythingIsSent(t *testing.T) {
	for text, email := range map[string]bool{
		"me@example.com": true, "first.last+git@mail.example.co": true, "": false, "me": false, "me@": false, "@example.com": false,
		"me@example.com, you@example.com": false, "Me <me@example.com>": false, "me @example.com": false, "a:b@example.com": false, "jösé@example.com": false,
	} {
		k := toToken(t, askingWorld(), flows.Answers{}).give("ghp_one").say(text)
		if taken := k.Question().Topic == flows.Username; taken != email {
			t.Errorf("%q as an e-mail: taken is %t (%v)", text, taken, k.Question().Problem)
		} else if !taken && !errors.Is(k.Question().Problem, flows.ErrEmail) {
			t.Errorf("%q: the problem is %v", text, k.Question().Problem)
		}
	}
	for text, name := range map[string]bool{"acme-bot": true, "me@example.com": true, "two words": false, "a:b": false, "jösé": false} {
		k := toToken(t, askingWorld(), flows.Answers{}).give("ghp_one").say("me@example.com").say(text)
		if taken := k.Question().Topic == flows.End; taken != name {
			t.Errorf("%q as a user name: taken is %t", text, taken)
		} else if !taken && !errors.Is(k.Question().Problem, flows.ErrUsername) {
			t.Errorf("%q: the problem is %v", text, k.Question().Problem)
		}
	}
}

func TestBackWalksThroughTheFactsAndKeepsThem(t *testing.T) {
	k := toChecked(t).hear(found(flows.Valid, "acme-bot"))
	k.back().about(flows.End)
	if got := k.Question().Default; got != flows.In90Days {
		t.Errorf("the end is %q", got)
	}
	k.back().about(flows.Username).back().about(flows.Email)
	if got := k.Question().Default; got != "me@example.com" {
		t.Errorf("the e-mail is %q", got)
	}
	k.back().about(flows.TheToken)
	if !k.Question().Kept {
		t.Error("the token is gone")
	}
	k.back().at(flows.StepMethod).say("pat").about(flows.TheToken)
	s := k.say("").say("").say("").say("").checks()
	if s.Credential.Email != "me@example.com" || s.Known.Source != providers.ExpiryUser || s.Credential.Token.Reveal() != "ghp_one" {
		t.Errorf("checked is %+v", s)
	}
}

func TestAnotherTokenKeepsTheNamesAndAsksForItsEnd(t *testing.T) {
	k := toChecked(t).hear(found(flows.MissingScopes, "acme-bot")).say(flows.OtherToken).about(flows.TheToken).give("ghp_two")
	if got := k.about(flows.Email).Question().Default; got != "me@example.com" {
		t.Errorf("the e-mail is %q", got)
	}
	if got := k.say("").say("").about(flows.End).Question().Default; got != "" {
		t.Errorf("the end is %q, which was that of another token", got)
	}
}

func TestATokenPastedOnTheScopesScreenIsCheckedAtOnceAndAskedForItsEndBeforeItIsSaved(t *testing.T) {
	k := toChecked(t).hear(found(flows.MissingScopes, "acme-bot")).give("ghp_two")
	if s := k.checks(); s.Credential.Email != "me@example.com" || s.Known.Source != "" {
		t.Errorf("checked is %+v", s)
	}
	k.hear(found(flows.Valid, "acme-bot")).say(flows.GoOn).about(flows.End)
	if s := k.say(flows.In30Days).checks(); s.Known.Source != providers.ExpiryUser {
		t.Errorf("checked is %+v", s)
	}
	k.hear(found(flows.Valid, "acme-bot")).say(flows.GoOn).at(flows.StepSave)
}

func TestATokenThatCannotBeCheckedWithoutAnEmailAsksForItFirst(t *testing.T) {
	k := toToken(t, askingWorld(), flows.Answers{}).give("gho_one").say(flows.NotKnown).hear(found(flows.MissingScopes, "acme-bot"))
	k.give("ghp_two").about(flows.Email).say("me@example.com").say("").about(flows.End)
}

func TestWhatWasSaidBeforehandIsNotAsked(t *testing.T) {
	end := providers.Expiry{At: today.AddDate(0, 1, 0), Source: providers.ExpiryUser}
	a := flows.Answers{
		Runtime: "prod", Provider: providers.GitHub, Host: "https://github.com", Method: providers.PAT, Token: secret.New("ghp_one"),
		Email: "me@example.com", Username: "me", Stated: end,
	}
	k := begin(t, askingWorld(), a).at(flows.StepScopes)
	if steps, current := k.Trail(); len(steps) != 3 || current != 0 {
		t.Errorf("step %d of %v", current, steps)
	}

	a.Username, a.Stated = "", providers.Expiry{}
	k = begin(t, askingWorld(), a).hear(usable).about(flows.Username).say("").about(flows.End)
	if s := k.say(flows.NotKnown).checks(); s.Known.Source != providers.ExpiryUnknown {
		t.Errorf("checked is %+v", s)
	}
	k.hear(found(flows.Valid, "acme-bot")).back().about(flows.End)
	if !k.Inside() {
		t.Error("nothing leads back to the user name")
	}
	k.back().about(flows.Username)
	if k.Inside() {
		t.Error("something leads back to what was said beforehand")
	}
	if _, ok := k.Back(); ok {
		t.Error("there is something before what was said beforehand")
	}
}

func TestWhereNobodyCanBeAskedTheEndStaysUnknown(t *testing.T) {
	w := askingWorld()
	w.Ask = false
	k := begin(t, w, flows.Answers{
		Runtime: "prod", Provider: providers.GitHub, Host: "https://github.com", Method: providers.PAT,
		Token: secret.New("ghp_one"), Email: "me@example.com",
	}).hear(usable)
	s := k.say("").say("").checks()
	if s.Known.Source != providers.ExpiryUnknown || s.Credential.Username != "" {
		t.Errorf("checked is %+v", s)
	}
}

func TestAnEmailThatCannotBeOneIsRefusedBeforeAnythingElse(t *testing.T) {
	for want, a := range map[error]flows.Answers{
		flows.ErrEmail:    {Email: "me"},
		flows.ErrUsername: {Username: "two words"},
	} {
		if _, _, err := flows.Install(askingWorld(), a); !errors.Is(err, want) {
			t.Errorf("%+v: the error is %v", a, err)
		}
	}
}

func TestTokensThatEndWithinHoursAreNoRuntimeTokens(t *testing.T) {
	w := askingWorld()
	w.Providers = []providers.Provider{fleeting{asking{github.Cloud()}}}
	k := begin(t, w, flows.Answers{}).say("prod").say("bitbucket").at(flows.StepMethod).say("device")
	var closed *flows.MethodError
	if !errors.As(k.at(flows.StepMethod).Question().Problem, &closed) || closed.Reason != flows.EndsTooSoon {
		t.Errorf("the problem is %v", k.Question().Problem)
	}
	begin(t, w, flows.Answers{Purpose: providers.User}).say("prod").say("bitbucket").say("device").at(flows.StepApplication)
}

// fleeting is a host whose OAuth tokens end within hours.
type fleeting struct{ asking }

func (f fleeting) Kind() providers.Kind { return providers.Bitbucket }

func (f fleeting) Locate(input string) (providers.Host, error) {
	h, err := f.asking.Locate(input)
	h.Provider = providers.Bitbucket
	return h, err
}
