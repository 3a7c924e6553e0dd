package cause_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers/cause"
)

// of every kind there is: whether it is the token's own.
var dead = map[cause.Kind]bool{
	cause.Rejected: true, cause.Expired: true, cause.Revoked: true, cause.Stated: true, cause.Ended: true, cause.Rotated: true, cause.Lapsed: true, cause.Withdrawn: true, cause.SSO: true, cause.Restricted: true,

	cause.MayNotRotate: false, cause.MayNotRevoke: false, cause.NotReplaced: false,
	cause.RateLimited: false, cause.FailedLogins: false, cause.Captcha: false, cause.NoSuchName: false, cause.NoConnection: false, cause.NoAnswer: false,
	cause.Broken: false, cause.ProxyRefused: false, cause.NoClientCert: false, cause.UnknownIssuer: false, cause.WrongName: false, cause.CertExpired: false,
	cause.CertTooEarly: false, cause.TLS: false, cause.Redirected: false, cause.NotUnderstood: false, cause.TooLarge: false,
	cause.ServerError: false, cause.WrongHost: false, cause.Profile: false,

	cause.Denied: false, cause.CodeExpired: false, cause.DeviceDisabled: false, cause.UnknownApplication: false,
	cause.GitHubApp: false, cause.SignInRefused: false, "": false, "a kind of tomorrow": false,
}

func TestOnlyAHostThatWasAskedKillsAToken(t *testing.T) {
	for kind, want := range dead {
		if got := (cause.Cause{Kind: kind}).Dead(); got != want {
			t.Errorf("%q is dead: %v", kind, got)
		}
	}
}

func TestACauseIsFoundInAnError(t *testing.T) {
	sso := cause.Cause{Kind: cause.SSO, Host: "github.com", URL: "https://github.com/orgs/acme/sso"}
	wrapped := fmt.Errorf("checking the token: %w", sso)
	if got := cause.Of(wrapped); got != sso {
		t.Errorf("found %v", got)
	}
	if !cause.Is(wrapped, cause.SSO) || cause.Is(wrapped, cause.Rejected) || cause.Is(errors.New("sso"), cause.SSO) || cause.Is(nil, cause.SSO) {
		t.Error("the kind is not told")
	}
}

func TestAnErrorThatNobodyForesawIsNeverABadToken(t *testing.T) {
	got := cause.Of(errors.New("out of memory"))
	if want := (cause.Cause{Kind: cause.NotUnderstood}); got != want || got.Dead() {
		t.Errorf("it is %v", got)
	}
}

func TestACauseSurvivesBeingStored(t *testing.T) {
	for _, want := range []cause.Cause{
		{Kind: cause.Rejected},
		{
			Kind: cause.RateLimited, Host: "ghe.acme.example", Status: 403, Org: "acme", URL: "https://ghe.acme.example/x",
			Until: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), Detail: "API rate limit exceeded",
		},
	} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got cause.Cause
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	}
}

func TestFactsThatAreNotKnownAreLeftOut(t *testing.T) {
	text, err := json.Marshal(cause.Cause{Kind: cause.NoAnswer, Host: "github.com"})
	if err != nil || string(text) != `{"kind":"no-answer","host":"github.com"}` {
		t.Errorf("%s %v", text, err)
	}
}

func TestACauseNamesItselfInALog(t *testing.T) {
	for want, c := range map[string]cause.Cause{
		"github.com: no-answer":           {Kind: cause.NoAnswer, Host: "github.com"},
		"github.com: rejected (Bad luck)": {Kind: cause.Rejected, Host: "github.com", Detail: "Bad luck"},
		": profile (ca_file)":             {Kind: cause.Profile, Detail: "ca_file"},
	} {
		if got := c.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhatIsRefusedWasReached(t *testing.T) {
	for kind, want := range map[cause.Kind]bool{
		cause.NoConnection: true, cause.UnknownIssuer: true, cause.ServerError: true, cause.RateLimited: true,
		cause.Denied: false, cause.CodeExpired: false, cause.UnknownApplication: false, cause.Rejected: false, cause.NotUnderstood: false,
	} {
		if got := (cause.Cause{Kind: kind}).Unreached(); got != want {
			t.Errorf("%s: unreached is %t", kind, got)
		}
	}
}
