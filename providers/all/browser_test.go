package all_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

// pages are what the person sees in the end.
var pages = oauth.Pages{Returned: []byte("returned"), Denied: []byte("denied"), Stray: []byte("stray")}

// land is a host of the sandbox, with the application that it knows.
type land struct {
	providers.Provider
	host   providers.Host
	client *wire.Client
	secret secret.Secret
}

// lands are the sandbox's hosts that have a sign-in in a browser, each anew.
func lands(t *testing.T, each func(t *testing.T, l *land)) {
	t.Helper()
	for _, p := range all.Providers() {
		t.Run(string(p.Kind()), func(t *testing.T) {
			place := sandboxtest.New(t, all.Providers()...)
			l := &land{Provider: p}
			l.host, l.client = place.Reach(t, p)
			for _, c := range sandbox.Clients() {
				if c.Provider == string(p.Kind()) && c.ID == l.host.ClientID {
					l.secret = secret.New(c.Secret)
				}
			}
			each(t, l)
		})
	}
}

func (l *land) browser() oauth.Browser {
	b := l.Browser(l.host, providers.PolicyOf(l.Kind()).Scopes(providers.User, providers.OAuthToken))
	if b.NeedsSecret {
		b.Secret = l.secret
	}
	return b
}

// decide does what a person does on the page of consent. Where nobody listens
// for the browser, the person brings the address that it ended on.
func decide(t *testing.T, v *oauth.Visit, decision string) {
	t.Helper()
	person := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Scheme == "https" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := person.PostForm(v.Address, url.Values{"decision": {decision}, "login": {"octocat"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if end, err := resp.Location(); err == nil {
		if err := v.Bring(end.String()); err != nil {
			t.Error(err)
		}
	} else if resp.StatusCode != http.StatusOK {
		t.Errorf("the person is shown %s", resp.Status)
	}
}

// signIn goes through the browser.
func (l *land) signIn(t *testing.T, b oauth.Browser, decision string) (oauth.Token, error) {
	t.Helper()
	return l.visit(t, b, func(v *oauth.Visit) { decide(t, v, decision) })
}

// visit waits for the browser while a person does something in it.
func (l *land) visit(t *testing.T, b oauth.Browser, person func(*oauth.Visit)) (oauth.Token, error) {
	t.Helper()
	v, err := b.Start(pages)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	var token oauth.Token
	go func() {
		defer close(ended)
		token, err = v.Wait(ctx, l.client)
	}()
	if person(v); t.Failed() {
		cancel()
	}
	<-ended
	return token, err
}

func TestASignInInABrowserBringsATokenAtEveryHost(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		token, err := l.signIn(t, l.browser(), "approve")
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

func TestAPersonWhoDeniesIsHeardAtEveryHost(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		if _, err := l.signIn(t, l.browser(), "deny"); !cause.Is(err, cause.Denied) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestASecretThatIsMissingOrWrongIsSaidAtEveryHostThatWantsOne(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		b := l.browser()
		if !b.NeedsSecret {
			if b.Secret.Empty() {
				return
			}
			t.Fatal("it has a secret that nobody wants")
		}
		for kind, given := range map[cause.Kind]secret.Secret{cause.SecretWanted: {}, cause.SecretRefused: secret.New("not-the-secret")} {
			b.Secret = given
			if _, err := l.signIn(t, b, "approve"); !cause.Is(err, kind) {
				t.Errorf("error is %v, want %s", err, kind)
			}
			if err := b.Try(t.Context(), l.client); !cause.Is(err, kind) {
				t.Errorf("when it is tried, the error is %v, want %s", err, kind)
			}
		}
	})
}

func TestAnApplicationIsTriedWithoutASignIn(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		b := l.browser()
		if err := b.Try(t.Context(), l.client); err != nil {
			t.Errorf("of the one that is known it says %v", err)
		}
		b.ID = strings.ToUpper("nobody-" + b.ID)
		if err := b.Try(t.Context(), l.client); !cause.Is(err, cause.UnknownApplication) && !cause.Is(err, cause.SecretRefused) {
			t.Errorf("of one that nobody knows it says %v", err)
		}
	})
}

// An application of GitLab that is confidential renews and ends what it was
// issued with its secret; any other ends it with none.
func TestATokenOfAConfidentialApplicationIsEndedWithItsSecret(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		if l.Kind() != providers.GitLab && l.Kind() != providers.GitLabServer {
			return
		}
		client := sandbox.MustClient(string(l.Kind()), "with-secret")
		l.host.ClientID = client.ID
		b := l.browser()
		b.Secret = secret.New(client.Secret)
		token, err := l.signIn(t, b, "approve")
		if err != nil {
			t.Fatal(err)
		}
		if token, err = b.Refresh(t.Context(), l.client, token.Refresh); err != nil {
			t.Fatal(err)
		}
		cred := providers.Credential{Token: token.Access, Method: providers.Browser}
		alive := func() bool {
			_, err := l.Inspect(t.Context(), l.client, l.host, cred)
			return err == nil
		}
		for name, given := range map[string]secret.Secret{"none": {}, "a wrong one": secret.New("not-the-secret")} {
			cred.AppSecret = given
			if err := l.Provider.(providers.Revoker).Revoke(t.Context(), l.client, l.host, cred); !cause.Is(err, cause.SecretToEnd) || !alive() {
				t.Errorf("with %s: %v, and it is alive: %v", name, err, alive())
			}
		}
		cred.AppSecret = b.Secret
		if err := l.Provider.(providers.Revoker).Revoke(t.Context(), l.client, l.host, cred); err != nil || alive() {
			t.Errorf("with its secret: %v, and it is alive: %v", err, alive())
		}
	})
}

func TestPKCEIsLeftOutWhereTheHostDoesNotKnowItAlone(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		v, err := l.browser().Start(pages)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		page, err := url.Parse(v.Address)
		if err != nil {
			t.Fatal(err)
		}
		if bare := !page.Query().Has("code_challenge"); bare != (l.Kind() == providers.GitHubEnterprise) {
			t.Errorf("the page is asked with %v", page.Query())
		}
		if strings.Contains(v.Address, l.secret.Reveal()) && !l.secret.Empty() {
			t.Error("the secret is in the address")
		}
	})
	tenant, err := all.Providers()[1].Locate("acme.ghe.com")
	if err != nil || all.Providers()[1].Browser(tenant, nil).Bare {
		t.Errorf("a tenant of GitHub's cloud knows PKCE (%v)", err)
	}
}

func TestTheFormOfEveryHostNamesTheAddressThatItsProfileEndsOn(t *testing.T) {
	lands(t, func(t *testing.T, l *land) {
		l.host.Redirect = "http://127.0.0.1:8080/of-the-profile"
		named := func(f providers.Field) bool { return f.Value == l.Browser(l.host, nil).Redirect }
		if form := l.Registration(l.host); !slices.ContainsFunc(form.Fields, named) {
			t.Errorf("the form is filled in with %v", form.Fields)
		}
	})
}
