package flows_test

import (
	"encoding/json"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

func TestTheLastVerdictIsMovedOnByTheClock(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	day := 24 * time.Hour
	unproven := []providers.Finding{{Name: "repo", State: providers.Unverifiable}}
	missing := []providers.Finding{{Name: "repo", State: providers.Missing}}
	for name, test := range map[string]struct {
		last *flows.Verdict
		ends time.Time
		want flows.Status
	}{
		"there never was one":                   {nil, time.Time{}, flows.Unchecked},
		"never checked, its end has passed":     {nil, in(-time.Hour), flows.Expired},
		"valid without an end":                  {&flows.Verdict{Status: flows.Valid}, time.Time{}, flows.Valid},
		"valid, its end is far":                 {&flows.Verdict{Status: flows.Valid}, in(90 * day), flows.Valid},
		"valid, its end has come near":          {&flows.Verdict{Status: flows.Valid}, in(3 * day), flows.Expiring},
		"valid, its end has passed":             {&flows.Verdict{Status: flows.Valid}, in(-time.Second), flows.Expired},
		"unverifiable stays so":                 {&flows.Verdict{Status: flows.Unverifiable, Findings: unproven}, in(90 * day), flows.Unverifiable},
		"missing scopes come before a near end": {&flows.Verdict{Status: flows.MissingScopes, Findings: missing}, in(3 * day), flows.MissingScopes},
		"missing scopes, its end has passed":    {&flows.Verdict{Status: flows.MissingScopes, Findings: missing}, in(-day), flows.Expired},
		"a revoked token does not expire":       {&flows.Verdict{Status: flows.Revoked}, in(-day), flows.Revoked},
		"a rejected token has no better end":    {&flows.Verdict{Status: flows.Rejected}, in(3 * day), flows.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			d := &flows.Desk{Now: func() time.Time { return now }, Within: flows.DefaultWithin}
			g := keyring.Grant{ExpiresAt: test.ends}
			checked := in(-10 * day)
			if test.last != nil {
				test.last.CheckedAt = checked
				g.Verdict, _ = json.Marshal(test.last)
			}
			got := d.LastKnown(g)
			if got.Status != test.want {
				t.Errorf("status is %s, not %s", got.Status, test.want)
			}
			glance, whole := d.Glance(g)
			if glance.Status != got.Status || !glance.ExpiresAt.Equal(got.ExpiresAt) {
				t.Errorf("at a glance it is %s until %v", glance.Status, glance.ExpiresAt)
			}
			if near := !test.ends.IsZero() && test.ends.Before(in(15*day)) && got.Status != flows.Revoked && got.Status != flows.Rejected; whole != near {
				t.Errorf("all of it is read: %v", whole)
			}
			if test.last != nil && !got.CheckedAt.Equal(checked) {
				t.Errorf("it claims to have been checked at %v", got.CheckedAt)
			}
		})
	}
}

func TestAVerdictThatSomebodyElseWroteIsReadAsAWhole(t *testing.T) {
	d := &flows.Desk{Now: time.Now, Within: flows.DefaultWithin}
	for name, text := range map[string]string{
		"its status comes last":         `{"account": {"login": "acme-bot"}, "status": "revoked"}`,
		"its status is none":            `{"status": "fine"}`,
		"it has none":                   `{}`,
		"it is indented as a file is":   "{\n      \"status\": \"revoked\",\n      \"account\": {\"login\": \"acme-bot\"}\n}",
		"it was written for a machine":  `{"status":"missing-scopes","findings":[{"name":"repo","state":"missing"}]}`,
		"it expires, and was not asked": `{"status":"expiring"}`,
	} {
		g := keyring.Grant{Verdict: json.RawMessage(text)}
		if glance, _ := d.Glance(g); glance.Status != d.LastKnown(g).Status {
			t.Errorf("%s: at a glance %s, in truth %s", name, glance.Status, d.LastKnown(g).Status)
		}
	}
}

func TestAWorldIsWhatTheDeskKnows(t *testing.T) {
	d, _ := newDesk(t)
	w, err := d.World(true)
	if err != nil {
		t.Fatal(err)
	}
	if !w.Ask || w.CanVault || w.Store != keyring.Memory || len(w.Grants) != 0 || len(w.Providers) == 0 || w.Hosts == nil {
		t.Errorf("world %+v", w)
	}
	d.OpenVault = func() error { return nil }
	if w, _ := d.World(false); !w.CanVault || w.Ask {
		t.Errorf("world %+v", w)
	}
}
