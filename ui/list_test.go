package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/screen"
)

func TestTheListIsThereAtOnceAndThenLive(t *testing.T) {
	s := open(t, set{grants: several})
	s.expect("5 runtimes", "unchecked", "checking 7 tokens")
	s.gone("checking")
	s.expect("✗ missing scopes", "✗ rejected", "? unverifiable", "~ unreachable", "✓ valid", "! expiring", "in 6 days")
}

func TestAVerdictOfAnEarlierCheckIsDropped(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	checks := s.m.checks
	s.press("c")
	s.take(verdictMsg{checks, keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}, flows.Verdict{Status: flows.Restricted}})
	s.never("restricted")
	s.gone("checking")
	s.expect("✓ valid")
}

func TestAVerdictFromBeforeARenewalIsDropped(t *testing.T) {
	key := keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}
	s := open(t, set{grants: []stored{{"prod", "runtime", "acme-bot", deadToken}, {"test", "runtime", "acme-bot", silentToken}}})
	s.until("✗ rejected")
	checks := s.m.checks
	s.press("r")
	s.until("Re-authorize runtime token")
	s.press("enter")
	s.until("paste the token")
	s.paste(goodToken)
	s.press("enter")
	s.until("❯ Continue")
	s.press("enter", "enter")
	s.until("prod is ready")
	s.press("enter")
	late := verdictMsg{checks, key, flows.Verdict{Status: flows.Rejected, CheckedAt: noon.Add(time.Hour)}}
	s.take(late)
	s.until("✓ valid")
	s.take(late)
	s.expect("✓ valid", "checking")
	s.never("rejected")
}

func TestAVerdictFromBeforeForgettingIsDropped(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	checks := s.m.checks
	s.press("end", "up", "f", "down", "down", "enter")
	s.until("1 token of prod forgotten")
	s.take(verdictMsg{checks, keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}, flows.Verdict{Status: flows.Restricted}})
	s.never("restricted")
	s.gone("checking")
	s.expect("✓ valid")
}

func TestTheListIsWalkedByKeys(t *testing.T) {
	var many []stored
	for i := range 100 {
		many = append(many, stored{fmt.Sprintf("cluster-%03d", i), "runtime", "acme-bot", goodToken})
	}
	s := open(t, set{grants: many})
	s.gone("checking")
	s.expect("❯ cluster-000", "1 of 100")
	for _, step := range []struct{ key, chosen string }{
		{"down", "cluster-001"},
		{"j", "cluster-002"},
		{"k", "cluster-001"},
		{"up", "cluster-000"},
		{"up", "cluster-000"},
		{"end", "cluster-099"},
		{"j", "cluster-099"},
		{"home", "cluster-000"},
	} {
		s.press(step.key)
		s.expect("❯ " + step.chosen)
	}
	s.press("pgdown")
	s.never("❯ cluster-000")
	s.press("pgup")
	s.expect("❯ cluster-000")

	s.press("end")
	s.resize(80, 12)
	s.expect("❯ cluster-099", "100 of 100")
	if rows := strings.Count(s.frame(), "cluster-"); rows > 12 {
		t.Errorf("%d rows were drawn in 12 lines", rows)
	}
}

func TestAFilterKeepsTheChosenRuntimeWhereItCan(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "up")
	s.expect("❯ prod")
	s.press("/")
	s.write("octo")
	s.expect("❯ prod", "2 of 2")
	s.never("staging")
	s.write("q?") // letters here, no keys
	s.expect("No runtime fits the filter")
	s.press("backspace", "backspace", "enter")
	s.expect("❯ prod")
	s.press("esc")
	s.expect("staging", "❯ prod")
}

func TestForgettingTakesAChoiceThatIsNotTheFirst(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "up", "f", "enter")
	s.expect("❯ prod", "✓ valid")
	s.press("f", "esc")
	s.expect("❯ prod")
	s.press("f", "down", "down", "enter")
	s.until("1 token of prod forgotten")
	s.expect("❯ prod")
	if s.grant(keyring.Key{Runtime: "prod", Purpose: "user", Account: "octocat"}) != nil {
		t.Error("the user token is still there")
	}
	if s.grant(keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}) == nil {
		t.Error("more was forgotten than chosen")
	}
}

func TestARuntimeIsForgottenAsAWhole(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("f", "down", "down", "down", "enter")
	s.until("2 tokens of dev forgotten")
	s.gone("checking")
	s.expect("4 runtimes")
	for _, g := range several[:2] {
		if s.grant(keyring.Key{Runtime: g.runtime, Purpose: g.purpose, Account: g.account}) != nil {
			t.Errorf("the %s token is still there", g.purpose)
		}
	}
}

func TestThePageTellsWhyAndWhatNext(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.resize(100, 60)
	s.press("enter")
	s.expect("dev", "✗ missing scopes", "admin:repo_hook is not granted.", "Press r to authorize again.", "acme-bot", "✗ rejected", "the memory of this program")
	s.press("esc")
	s.expect("5 runtimes")
}

func TestAGrantIsRenewedFromTheList(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("r")
	s.expect("❯ Runtime token", "Choose the token, then press r once more.")
	s.press("r")
	s.until("Re-authorize runtime token")
	s.press("enter")
	s.until("paste the token")
	s.paste(goodToken)
	s.press("enter")
	s.until("❯ Continue")
	s.press("enter", "enter")
	s.until("dev is ready")
	s.press("enter")
	s.until("Runtime token  ✓ valid")
	s.noSecret(goodToken)
}

func TestAUserTokenIsAddedFromTheList(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "a")
	s.until("User token › staging")
	s.press("esc")
	s.until("5 runtimes")
}

func TestEscOnTheFirstStepLeadsBackToTheList(t *testing.T) {
	s := open(t, set{grants: several[:1]})
	s.gone("checking")
	s.press("n")
	s.until("· Runtime")
	s.expect("esc back")
	s.press("esc")
	s.expect("❯ dev")
	s.press("q")
	s.wait(func() bool { return s.quit }, "the end of the program")
	if s.m.interrupted {
		t.Error("q counted as interrupted")
	}
}

func TestNothingTicksWhileNothingMoves(t *testing.T) {
	if most := time.Second / 12; time.Duration(screen.Lively) < most {
		t.Errorf("what moves does so every %v, which is more often than every %v", time.Duration(screen.Lively), most)
	}
	for name, step := range map[string]struct {
		set  set
		walk func(s *stage)
		want screen.Rhythm
	}{
		"a question":           {set{start: StartInstall}, func(*stage) {}, screen.Calm},
		"a list":               {set{grants: several}, func(s *stage) { s.gone("checking") }, screen.Calm},
		"a result":             {set{start: StartInstall}, func(s *stage) { toScopes(s, goodToken) }, screen.Calm},
		"a code that waits":    {set{start: StartInstall}, toDevice, screen.Seconds},
		"a check":              {set{start: StartInstall}, func(s *stage) { toToken(s); s.paste(silentToken); s.press("enter") }, screen.Lively},
		"a check in stillness": {set{start: StartInstall, still: true}, func(s *stage) { toToken(s); s.paste(silentToken); s.press("enter") }, screen.Seconds},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, step.set)
			step.walk(s)
			if s.m.rhythm != step.want {
				t.Errorf("the rhythm is %v, want %v", time.Duration(s.m.rhythm), time.Duration(step.want))
			}
			if cmd := s.m.beat(); cmd != nil {
				t.Error("a second chain of ticks would begin")
			}
			if _, cmd := s.m.Update(beatMsg{s.m.ticking - 1}); cmd != nil {
				t.Error("a chain of ticks that is over goes on")
			}
		})
	}
}
