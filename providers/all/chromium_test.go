package all_test

import (
	"strings"
	"testing"

	"gitgrant/internal/chromium"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

// decideIn has a real browser decide on the page of consent, and brings the
// address that it ended on where nobody could listen for it.
func decideIn(t *testing.T, b *chromium.Browser, v *oauth.Visit, decision, shown string) {
	t.Helper()
	page := b.Open(t, v.Address)
	page.Choose(`input[name=login][value=octocat]`)
	page.Follow(`button[name=decision][value=` + decision + `]`)
	end := page.Address()
	if !strings.HasPrefix(end, v.Redirect+"?") {
		t.Fatalf("the browser ended on %s", end)
	}
	switch {
	case v.Listening:
		if text := page.Text(); text != shown {
			t.Errorf("the browser shows %q", text)
		}
	default:
		if err := v.Bring(end); err != nil {
			t.Error(err)
		}
	}
}

func TestASignInInChromiumBringsATokenAtEveryHost(t *testing.T) {
	browser := chromium.Start(t)
	lands(t, func(t *testing.T, l *land) {
		token, err := l.visit(t, l.browser(), func(v *oauth.Visit) { decideIn(t, browser, v, "approve", "returned") })
		if err != nil {
			t.Fatal(err)
		}
		credential := providers.Credential{Token: token.Access, Refresh: token.Refresh, Method: providers.Browser}
		in, err := l.Inspect(t.Context(), l.client, l.host, credential)
		if err != nil || in.Account.Login != "octocat" {
			t.Errorf("it belongs to %+v (%v)", in.Account, err)
		}
	})
}

func TestAPersonWhoDeniesInChromiumIsHeardAtEveryHost(t *testing.T) {
	browser := chromium.Start(t)
	lands(t, func(t *testing.T, l *land) {
		_, err := l.visit(t, l.browser(), func(v *oauth.Visit) { decideIn(t, browser, v, "deny", "denied") })
		if !cause.Is(err, cause.Denied) {
			t.Errorf("error is %v", err)
		}
	})
}
