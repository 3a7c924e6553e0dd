package cause_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers/cause"
)

// dead are the kinds that are the token's own.
var dead = []cause.Kind{
	cause.Rejected, cause.Expired, cause.Revoked, cause.Stated, cause.Ended, cause.Rotated, cause.Lapsed, cause.Withdrawn,
	cause.AppPassword, cause.ToldByGit, cause.SSO, cause.Restricted,
}

// kinds are all that the package names, read out of its source, so that none is
// forgotten; and some that it does not.
func kinds(t *testing.T) []cause.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "cause.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	list := []cause.Kind{"", "a kind of tomorrow"}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, named := spec.Type.(*ast.Ident); named && of.Name == "Kind" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, cause.Kind(text))
		}
		return false
	})
	return list
}

func TestOnlyAHostThatWasAskedKillsAToken(t *testing.T) {
	list := kinds(t)
	for _, kind := range list {
		if got, want := (cause.Cause{Kind: kind}).Dead(), slices.Contains(dead, kind); got != want {
			t.Errorf("%q is dead: %v", kind, got)
		}
	}
	for _, kind := range dead {
		if !slices.Contains(list, kind) {
			t.Errorf("%q was not found in the source", kind)
		}
	}
}

func TestWhatKillsATokenIsNoTroubleOnTheWay(t *testing.T) {
	for _, kind := range kinds(t) {
		c := cause.Cause{Kind: kind}
		if c.Dead() && c.Unreached() {
			t.Errorf("%q is both", kind)
		}
		if c.Dead() && !c.Unmoved() {
			t.Errorf("%q: a dead token was changed", kind)
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
