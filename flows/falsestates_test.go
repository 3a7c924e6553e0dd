package flows_test

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// The false states that another product had, as its release notes name them.

func TestInvalidGitLabTokenPassesValidation(t *testing.T) {
	d, server := newDesk(t)
	for name, token := range map[string]string{"never-issued": "glpat-neverIssuedByAnybody", "of-another-host": numbered(1)} {
		if _, err := d.Ring.Save(t.Context(), keyring.Grant{
			Key: keyring.Key{Runtime: name, Purpose: "runtime", Account: "acme-bot"}, Provider: "gitlab", Host: "https://gitlab.com", Method: "pat",
		}, keyring.Credential{Access: secret.New(token)}); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range swept(t, d) {
		if v.Status != flows.Rejected {
			t.Errorf("%s is %s", name, v.Status)
		}
	}
	if len(server.Requests()) == 0 {
		t.Error("nobody was asked")
	}
}

func TestStatusNotUpdatedForDeletedPAT(t *testing.T) {
	var deleted atomic.Bool
	d, _ := atHosts(t, func(w http.ResponseWriter, token string, asked int) {
		w.Header().Set("GitHub-Authentication-Token-Expiration", time.Now().Add(200*24*time.Hour).UTC().Format("2006-01-02 15:04:05 UTC"))
		if deleted.Load() {
			refuse(w)
			return
		}
		fine(w, token, asked)
	})
	stored(t, d, 0, "prod", "runtime", numbered(1))
	if v := swept(t, d)["prod runtime"]; v.Status != flows.Valid {
		t.Fatalf("it is %s", v.Status)
	}
	deleted.Store(true)
	v := swept(t, d)["prod runtime"]
	if v.Status != flows.Revoked || v.Account.Login != "acme-bot" || v.ExpiresAt.IsZero() {
		t.Errorf("deleted before its end it is %s, and what was known of it is %+v", v.Status, v)
	}
	grants, err := d.Ring.Grants()
	if err != nil || flows.Remembered(grants[0]).Status != flows.Revoked {
		t.Errorf("the index remembers %s, %v", flows.Remembered(grants[0]).Status, err)
	}
}

func TestBitbucketReturnsFalseInIsValidForExpiredRuntimeToken(t *testing.T) {
	// One refusal of an expired token, and one word for why: not a bare no.
	d, _ := atHosts(t, func(w http.ResponseWriter, _ string, _ int) { refuse(w) })
	g := stored(t, d, 0, "prod", "runtime", numbered(1))
	ended := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	for name, source := range map[string]providers.ExpirySource{"told by the host": providers.ExpiryProvider, "stated by its owner": providers.ExpiryUser} {
		if err := d.Ring.Note(g.Key, func(g *keyring.Grant) {
			g.ExpiresAt, g.ExpirySource = ended, string(source)
			g.Verdict = []byte(`{"status":"valid"}`)
		}); err != nil {
			t.Fatal(err)
		}
		v := swept(t, d)["prod runtime"]
		if v.Status != flows.Expired || v.Cause == nil || v.Cause.Kind != cause.Expired || !v.ExpiresAt.Equal(ended) {
			t.Errorf("an end %s: %s, %+v", name, v.Status, v.Cause)
		}
	}
}

func TestMissingGitRuntimeTokensInPATPage(t *testing.T) {
	// Whatever is wrong with a grant, it has its row.
	d, _ := atHosts(t, fine)
	stored(t, d, 0, "fine", "runtime", numbered(1))
	stored(t, d, 0, "fine", "user", numbered(1))
	for _, g := range []keyring.Grant{
		{Key: keyring.Key{Runtime: "no-such-provider", Purpose: "runtime", Account: "a"}, Provider: "gitea", Host: "https://gitea.example"},
		{Key: keyring.Key{Runtime: "no-such-host", Purpose: "runtime", Account: "a"}, Provider: "github-enterprise", Host: "no address at all"},
		{Key: keyring.Key{Runtime: "never-checked", Purpose: "runtime", Account: "a"}, Provider: "github-enterprise", Host: "https://git-0.example", Verdict: []byte(`"?"`)},
	} {
		if _, err := d.Ring.Save(t.Context(), g, keyring.Credential{Access: secret.New(numbered(2))}); err != nil {
			t.Fatal(err)
		}
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := d.Status(t.Context(), grants, nil)
	if err != nil || len(verdicts) != 5 {
		t.Fatalf("%d rows, %v", len(verdicts), err)
	}
	for i, v := range verdicts {
		if !slices.Contains(flows.Statuses, v.Status) {
			t.Errorf("%s has the status %q", grants[i].Runtime, v.Status)
		}
	}
}

func TestAHostThatFallsSilentMeanwhileKeepsWhatItToldOfTheEnd(t *testing.T) {
	d, server := newDesk(t)
	s := subject(t, d, providers.GitLab, providers.Runtime, "expires-in-90-days")
	s.Repositories = []string{"acme/app"}
	var told time.Time
	v, err := d.Check(t.Context(), s, func(v flows.Verdict) {
		told = v.ExpiresAt
		_ = server.Close()
	})
	if err != nil || v.Status != flows.Unreachable || told.IsZero() || !v.ExpiresAt.Equal(told) || v.Expiry != providers.ExpiryProvider {
		t.Errorf("the host told %v; verdict %+v, %v", told, v, err)
	}
}
