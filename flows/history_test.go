package flows_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox"
)

// turns are the statuses that a grant went through, each with its reason.
func turns(t *testing.T, d *flows.Desk, k keyring.Key) []string {
	t.Helper()
	var turns []string
	for _, c := range grantAt(t, d, k).History {
		turns = append(turns, c.Status+" "+c.Why)
	}
	return turns
}

func grantAt(t *testing.T, d *flows.Desk, k keyring.Key) keyring.Grant {
	t.Helper()
	grants, err := d.Ring.Of(k.Runtime)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range grants {
		if g.Key == k {
			return g
		}
	}
	t.Fatalf("there is no %v", k)
	return keyring.Grant{}
}

func TestAGrantRemembersHowItsStatusChanged(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g, twin := storeLab(t, d, "runtime"), keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime")
	statusOf(t, d)
	statusOf(t, d) // nothing changed, nothing is noted
	if err := d.End(t.Context(), twin); err != nil {
		t.Fatal(err)
	}
	statusOf(t, d)
	if diff := cmp.Diff([]string{"valid ", "revoked ended"}, turns(t, d, g.Key)); diff != "" {
		t.Error(diff)
	}
}

func TestAHistoryKeepsItsLastTwentyChanges(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	for n := range 60 {
		token := []string{"runtime", "revoked"}[n%2]
		if _, err := d.Ring.Save(t.Context(), grantAt(t, d, g.Key), keyring.Credential{Access: secret.New(sandbox.MustToken("gitlab", token).Text)}); err != nil {
			t.Fatal(err)
		}
		statusOf(t, d)
	}
	if got := turns(t, d, g.Key); len(got) != 20 || got[18] != "valid " {
		t.Errorf("%d changes, the last but one of them %q", len(got), got[18])
	}
}

func TestAMutedRuntimeIsCheckedLikeAllOthers(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	if err := d.Mute("prod", true); err != nil {
		t.Fatal(err)
	}
	if v := statusOf(t, d); v.Status != flows.Valid || !grantAt(t, d, g.Key).Muted {
		t.Errorf("status %s, muted %t", v.Status, grantAt(t, d, g.Key).Muted)
	}
	if err := d.Mute("nowhere", true); !errors.Is(err, flows.ErrUnknownRuntime) {
		t.Errorf("muting what is not there: %v", err)
	}
}
