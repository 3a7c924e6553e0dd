package ui

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
)

// names are the runtimes in the order in which the frame shows them.
func (s *stage) names() string {
	var names []string
	for line := range strings.SplitSeq(s.frame(), "\n") {
		word, _, _ := strings.Cut(strings.TrimLeft(line, " ❯"), " ")
		for _, g := range s.m.list.Grants() {
			if g.Runtime == word {
				names = append(names, word)
				break
			}
		}
	}
	return strings.Join(names, " ")
}

func (s *stage) holds(k keyring.Key, token string) {
	s.t.Helper()
	c, err := s.desk.Ring.Credential(s.t.Context(), k)
	if err != nil || !c.Access.Equal(secret.New(token)) {
		s.t.Errorf("%v does not hold that token: %v", k, err)
	}
}

func TestTheListIsSortedAsAskedFor(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("end")
	for _, order := range []string{
		"corp-main dev corp-edge prod", // the worst first
		"dev corp-edge corp-main prod", // the next to end first
		"corp-edge corp-main dev prod", // by host
		"corp-edge corp-main dev prod", // by name
	} {
		s.press("s")
		if got := s.names(); got != order {
			t.Errorf("the order is %s, want %s", got, order)
		}
		s.expect("❯ prod")
	}
}

func TestAVerdictMovesNoRowWhileTheChecksGoOn(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("s")
	before := s.names()
	key := keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}
	s.m.list.Checking(s.m.list.Grants())
	s.m.list.Heard(key, flows.Verdict{Status: flows.Revoked, CheckedAt: noon})
	if got := s.names(); got != before {
		t.Errorf("the rows moved to %s", got)
	}
	s.m.list.Rested()
	if got := s.names(); got != "prod corp-main dev corp-edge" {
		t.Errorf("after the checks the order is %s", got)
	}
}

func TestRuntimesAreGroupedByTheirHost(t *testing.T) {
	s := open(t, set{grants: append([]stored{{"alpha", "runtime", "acme-bot", goodToken}}, spread...)})
	s.gone("checking")
	s.press("h")
	if got := s.names(); got != "corp-edge corp-main alpha dev prod" {
		t.Errorf("the order is %s", got)
	}
	s.expect("\n  ghe.acme.example", "\n  github.com", "❯ alpha")
	s.press("home")
	s.expect("❯ corp-edge")
	s.press("down", "down", "pgup")
	s.expect("❯ corp-edge")
}

func TestAFilterLooksIntoEveryColumn(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	for text, want := range map[string]string{
		"GHE.ACME": "corp-edge corp-main", "missing": "corp-main", "2026-11-28": "dev", "in 6 days": "dev", "enterprise": "corp-edge corp-main",
		"acme-bot": "corp-edge corp-main dev prod", "runtime": "corp-edge corp-main dev prod", "nowhere": "",
	} {
		s.press("/")
		s.write(text)
		if got := s.names(); got != want {
			t.Errorf("%q leaves %q, want %q", text, got, want)
		}
		s.press("esc")
	}
}

func TestWhatIsForgottenComesBackByOneKey(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "f")
	s.until("1 token of staging forgotten on this machine. Press u to undo that.")
	if names := s.names(); strings.Contains(names, "staging") {
		t.Errorf("still there: %s", names)
	}
	s.press("u")
	s.until("1 token of staging is back.")
	s.expect("❯ staging", "5 runtimes")
	s.holds(keyring.Key{Runtime: "staging", Purpose: "runtime", Account: "acme-bot"}, endingToken)
	s.press("u") // there is nothing more to undo
	s.expect("5 runtimes")
	s.noSecret(endingToken)
}

func TestWhatWasSetUpAnewIsNotUndone(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "f")
	s.until("Press u to undo that.")
	ringOf(t, s.desk, stored{"staging", "runtime", "acme-bot", goodToken})
	s.press("u")
	s.until("staging has a runtime token already.")
	s.holds(keyring.Key{Runtime: "staging", Purpose: "runtime", Account: "acme-bot"}, goodToken)
	s.never("u undo")
}

func TestMutingIsAToggle(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("down", "m")
	s.until("edge-eu-west is muted: nobody is notified")
	s.expect("⊘")
	s.press("m")
	s.until("edge-eu-west is muted no more.")
	s.never("⊘")
}

func TestOneKeyRenewsTheOnlyTokenInNeed(t *testing.T) {
	s := open(t, set{grants: []stored{{"prod", "runtime", "acme-bot", goodToken}, {"prod", "user", "octocat", deadToken}}})
	s.gone("checking")
	s.press("r")
	s.until("Re-authorize user token")
}

func TestATokenIsReplacedInPlaceByConsent(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	key := keyring.Key{Runtime: "corp-edge", Purpose: "runtime", Account: "acme-bot"}
	s.press("t")
	s.asked("Replace the runtime token of corp-edge")
	s.press("enter") // a hasty Enter keeps it
	s.expect("❯ corp-edge", "✓ valid")
	s.press("t")
	s.asked("Replace the runtime token of corp-edge")
	s.press("down", "enter")
	s.until("was replaced at ghe.acme.example")
	s.holds(key, nextToken)
	s.gone("checking")
	if g := s.grant(key); g.ExpiresAt.IsZero() {
		t.Errorf("its end is not known: %+v", g)
	}
}

func TestWhereNobodyCanReplaceATokenThePageOpens(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "t")
	s.expect("github.com has no way for a program to replace this token.", "https://github.com/settings/tokens", "Open the page where it is renewed")
	s.press("enter")
	s.until("no display")
	s.expect("https://github.com/settings/tokens") // it is wanted then more than before
	s.press("esc")
	s.never("https://github.com/settings/tokens")
}

func TestATokenIsEndedByConsentAndGone(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "x")
	s.asked("End the runtime token of acme-bot in staging?")
	s.press("enter")
	s.expect("❯ staging")
	s.press("x")
	s.asked("End the runtime token of acme-bot in staging?")
	s.press("down", "enter")
	s.until("was ended at github.com")
	s.never("❯ staging")
	s.expect("4 runtimes")
}

func TestWhereNoProgramCanEndATokenItStays(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("x")
	s.asked("ghe.acme.example has no way for a program to end this token.")
	s.press("esc")
	s.expect("❯ corp-edge", "4 runtimes")
	s.press("x")
	s.asked("Delete it from this machine alone")
	s.press("down", "down", "down", "enter")
	s.until("1 token of corp-edge forgotten")
}

func TestAHostThatTurnsOutToHaveNoWayToEndATokenLeadsToItsPage(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.hub.unrevoked = true
	s.press("end", "x")
	s.asked("Keep it")
	s.press("down", "enter")
	s.until("github.com has no way for a program to end this token.")
	s.expect("Delete it from this machine alone")
}

func TestATokenThatTheStoreDidNotTakeIsHeldUntilItDoes(t *testing.T) {
	store := &picky{Store: memory.New()}
	s := open(t, set{grants: spread, store: func() keyring.Store { return store }})
	s.gone("checking")
	s.hub.rotated = func() { store.refuses.Store(true) }
	s.press("down", "t")
	s.asked("Replace it")
	s.press("down", "enter")
	s.until("The new token is not stored yet.")
	s.later(time.Second)
	s.press("esc", "q")
	s.expect("The new token is not stored yet.")
	store.refuses.Store(false)
	s.press("enter")
	s.until("was replaced at ghe.acme.example")
	s.holds(keyring.Key{Runtime: "corp-main", Purpose: "runtime", Account: "acme-bot"}, nextToken)
}

// picky is a store that, for a while, takes nothing.
type picky struct {
	*memory.Store
	refuses atomic.Bool
}

// Put implements keyring.Store.
func (p *picky) Put(ctx context.Context, item string, value secret.Secret) error {
	if p.refuses.Load() {
		return keyring.Condition{Store: keyring.Memory, State: keyring.Denied}
	}
	return p.Store.Put(ctx, item, value)
}

func TestAUserTokenIsUsedForThoseThatAreMarked(t *testing.T) {
	s := open(t, set{grants: append([]stored{{"corp-edge", "runtime", "acme-bot", goodToken}}, several...)})
	s.gone("checking")
	s.press("end", "up", "e")
	s.expect("For which runtimes is the user token of octocat used too?", "❯ dev", "[ ] its own is replaced")
	s.never("corp-edge")
	s.press("down", "space", "n")
	s.write("brand-new")
	s.press("enter")
	s.expect("❯ brand-new", "[x] new")
	s.press("enter")
	s.until("✓ edge-eu-west, user token: stored.")
	s.expect("✓ brand-new, user token: stored.")
	s.press("enter")
	s.gone("checking")
	s.expect("brand-new", "❯ prod")
	for _, name := range []string{"brand-new", "edge-eu-west", "prod"} {
		s.holds(keyring.Key{Runtime: name, Purpose: "user", Account: "octocat"}, personToken)
	}
	s.holds(keyring.Key{Runtime: "dev", Purpose: "user", Account: "octocat"}, deadToken)
	s.noSecret(personToken)
}

func TestTheRuntimesForATokenAreFilteredAsOneTypes(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "up", "e", "space") // dev is marked
	s.press("/")
	s.write("stag")
	s.expect("/ stag", "❯ staging")
	s.never("edge-eu-west", "[x]")
	s.write("x")
	s.expect("No runtime fits the filter.")
	s.press("enter", "space", "enter") // there is nothing to mark, and what is marked stays so
	s.until("dev, user token: stored, in place of the one that was there.")
	s.never("staging, user token")
	s.press("enter")
	s.gone("checking")
	s.press("e", "/")
	s.paste("stag")
	s.press("enter", "space")
	s.expect("[x] has none of this account")
	s.press("esc")
	s.expect("❯ staging", "dev", "edge-eu-west")
	s.press("enter")
	s.until("staging, user token: stored.")
	s.holds(keyring.Key{Runtime: "dev", Purpose: "user", Account: "octocat"}, personToken)
	s.holds(keyring.Key{Runtime: "staging", Purpose: "user", Account: "octocat"}, personToken)
}

func TestAFilterOfTheRuntimesForATokenThatFindsNoneGivesItToNobody(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "up", "e", "/")
	s.write("nowhere")
	s.press("enter", "enter")
	s.expect("No runtime fits the filter.")
	s.press("/", "esc")
	s.expect("❯ dev", "staging")
	s.press("/")
	s.write(personToken)
	s.never(personToken)
	s.noSecret(personToken)
}

func TestARuntimeTokenIsNotUsedElsewhere(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "e")
	s.expect("A runtime token belongs to its runtime")
}

func TestTheHandOffCommandIsCopiedAndHoldsNoSecret(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "y")
	s.wait(func() bool { return len(s.copied) > 0 }, "the clipboard")
	if !strings.Contains(s.copied[0], "staging") || strings.Contains(s.copied[0], endingToken) {
		t.Errorf("copied %q", s.copied[0])
	}
}

func TestTheListUsesAWideWindow(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.resize(250, 30)
	s.expect("PROVIDER", "CHECKED", "HOST", "in 6 days, 2026-11-28")
	golden.RequireEqual(t, trimmed(ansi.Strip(s.styled())))
}

func TestTheColumnsGoOneByOneAsTheWindowGetsNarrow(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	columns := []string{"NAME", "TOKEN", "STATE", "ENDS", "ACCOUNT", "HOST", "CHECKED", "PROVIDER"}
	last := len(columns)
	for width := 111; width >= 40; width-- {
		s.resize(width, 24)
		count := 0
		for _, c := range columns {
			if strings.Contains(s.frame(), c) {
				count++
			}
		}
		for _, c := range columns[:count] {
			if !strings.Contains(s.frame(), c) {
				t.Fatalf("at %d columns %s is gone before others:\n%s", width, c, s.frame())
			}
		}
		if count > last {
			t.Errorf("at %d columns there are %d, and fewer one wider", width, count)
		}
		last = count
	}
	if last != 3 {
		t.Errorf("at 40 columns %d are left", last)
	}
}

func TestTheChosenRuntimeStaysChosenWhateverComesAndGoes(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "up")
	grants := s.m.list.Grants()
	early := grants[0]
	early.Runtime = "aardvark"
	s.m.list.Show(append([]keyring.Grant{early}, grants...))
	s.expect("❯ prod")
	s.later(time.Minute)
	s.m.list.Show(grants[2:])
	s.expect("❯ prod")
}

// A question that comes up by itself is not answered by the keys of somebody who
// is walking through the list just then.
func TestAQuestionThatComesUpByItselfTakesNoKeyThatWasNotMeantForIt(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("down")
	s.take(unsavedMsg{s.m.list.Grants()[0], nil, &flows.UnsavedError{Err: keyring.ErrUnknownOutcome}})
	s.press("down", "enter")
	s.expect("The new token is not stored yet.", "❯ Try to save it once more")
	s.later(time.Second)
	s.press("down")
	s.expect("❯ Give it up")
}
