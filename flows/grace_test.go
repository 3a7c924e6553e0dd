package flows_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/sandbox"
)

// newBitbucketUser is a user token of Bitbucket Cloud by a sign-in in a browser,
// with the secret of its consumer in the ring.
func newBitbucketUser(t *testing.T) *renewal {
	t.Helper()
	r := &renewal{t: t, clock: &clock{now: time.Now()}, life: 2 * time.Hour}
	var err error
	if r.server, err = sandbox.Start(sandbox.Options{Now: r.clock.Now}, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.server.Close() })
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	r.Desk = deskAt(t, r.server.HostsYAML(r.server.URL()), ring, r.clock)
	p, h := r.bitbucket()
	if err := ring.SaveHostSecret(t.Context(), h.URL, secret.New(sandbox.MustClient("bitbucket", "default").Secret)); err != nil {
		t.Fatal(err)
	}
	var token oauth.Token
	work := flows.SignIn{Provider: p, Host: h, Purpose: providers.User, Method: providers.Browser}
	r.Perform(t.Context(), flows.Effect{Work: work}, func(ev flows.Event) {
		switch what := ev.What.(type) {
		case flows.PageOpened:
			go func() {
				resp, err := http.PostForm(what.Page.Address, url.Values{"decision": {"approve"}, "login": {"octocat"}})
				if err == nil { // else the visit tells
					_ = resp.Body.Close()
				}
			}()
		case flows.Authorized:
			token = what.Token
		case flows.Failed:
			t.Fatal(what.Err)
		}
	})
	r.grant, err = ring.Save(t.Context(), keyring.Grant{
		Key:      keyring.Key{Runtime: "prod", Purpose: "user", Account: "octocat"},
		Provider: "bitbucket", Host: h.URL, Method: "browser", Kind: "oauth", ClientID: h.ClientID,
		ExpiresAt: token.ExpiresAt, ExpirySource: "oauth",
	}, keyring.Credential{Access: token.Access, Refresh: token.Refresh})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *renewal) bitbucket() (providers.Provider, providers.Host) {
	r.t.Helper()
	p, _ := r.Provider(providers.Bitbucket)
	h, err := r.Hosts.Resolve(p, "")
	if err != nil {
		r.t.Fatal(err)
	}
	return p, h
}

// loseAnAnswer has Bitbucket renew the token for somebody who never hears of it:
// what the ring holds is used up from then on.
func (r *renewal) loseAnAnswer() {
	r.t.Helper()
	p, h := r.bitbucket()
	a := p.Application(h)
	a.Secret = secret.New(sandbox.MustClient("bitbucket", "default").Secret)
	held, err := r.Ring.Credential(r.t.Context(), r.grant.Key)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := a.Refresh(r.t.Context(), r.client(h), held.Refresh); err != nil {
		r.t.Fatal(err)
	}
}

func TestAnAnswerThatWasLostIsAskedForAgainWithinTheGraceOfBitbucket(t *testing.T) {
	r := newBitbucketUser(t)
	old, err := r.Ring.Credential(t.Context(), r.grant.Key)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.forward(r.life - 4*time.Minute)
	r.loseAnAnswer()
	r.clock.forward(9 * time.Minute)
	f := r.fresh()
	held, err := r.Ring.Credential(t.Context(), r.grant.Key)
	if err != nil || f.Problem != nil || f.Grant.ExpiresAt.Before(r.clock.Now()) || held.Refresh.Equal(old.Refresh) {
		t.Errorf("problem %v, it ends at %s: %v", f.Problem, f.Grant.ExpiresAt, err)
	}
	r.clock.forward(time.Hour) // the grace of the first is over, and nobody needs it
	if again := r.fresh(); again.Problem != nil || !again.Credential.Token.Equal(f.Credential.Token) {
		t.Errorf("problem %v", again.Problem)
	}
	r.clock.forward(time.Hour)
	if again := r.fresh(); again.Problem != nil || again.Credential.Token.Equal(f.Credential.Token) {
		t.Errorf("problem %v", again.Problem)
	}
}

func TestAfterTheGraceOfBitbucketTheSignInIsOverAndSaysSo(t *testing.T) {
	r := newBitbucketUser(t)
	r.clock.forward(r.life - 4*time.Minute)
	r.loseAnAnswer()
	r.clock.forward(11 * time.Minute)
	if f := r.fresh(); !cause.Is(f.Problem, cause.Lapsed) {
		t.Fatalf("problem %v", f.Problem)
	}
	grants, err := r.Ring.Grants()
	if err != nil || flows.Remembered(grants[0]).Status != flows.Expired {
		t.Errorf("it is %s: %v", flows.Remembered(grants[0]).Status, err)
	}
}
