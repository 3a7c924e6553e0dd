package gitlab_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

// signIn is what becomes of a sign-in with an application of the sandbox, when
// the person approves once the code is on the screen: a token, or the cause why
// there is none, and whether already the code was refused.
type signIn struct {
	cause   cause.Kind
	noStart bool
	noShort bool // no address with the code filled in
}

var applications = map[string]signIn{
	"default":          {},
	"localhost":        {},
	"refresh-refused":  {},
	"slow-down":        {},
	"hang-up":          {},
	"bad-gateway":      {},
	"foreign-shortcut": {noShort: true},
	"expired-token":    {cause: cause.CodeExpired},
	"short-lived":      {cause: cause.CodeExpired},
	"denied":           {cause: cause.Denied},
	"confidential":     {cause: cause.UnknownApplication, noStart: true},
	"with-secret":      {cause: cause.UnknownApplication, noStart: true}, // a code is asked for without it
	"nobody's":         {cause: cause.UnknownApplication, noStart: true},
	"no-device-flow":   {cause: cause.DeviceDisabled, noStart: true},
	"few-scopes":       {cause: cause.ScopeRefused, noStart: true},
	"foreign-page":     {cause: cause.NotUnderstood, noStart: true},
}

func TestASignInAtEveryApplicationOfTheSandbox(t *testing.T) {
	clients := append(sandbox.Clients(), sandbox.Client{Name: "nobody's", ID: "c0ffee", Provider: "gitlab"})
	for _, provider := range both {
		for _, client := range clients {
			if client.Provider == string(provider.Kind()) {
				t.Run(client.Provider+" "+client.Name, func(t *testing.T) { tryApplication(t, provider, client) })
			}
		}
	}
}

func tryApplication(t *testing.T, provider providers.Provider, client sandbox.Client) {
	t.Helper()
	want, listed := applications[client.Name]
	if !listed {
		t.Fatal("nobody has said what becomes of it")
	}
	for _, purpose := range providers.Purposes {
		p := sandboxtest.New(t, both...)
		h, c := p.Reach(t, provider)
		h.ClientID = client.ID
		credential, err := signInAt(t, p, provider, h, c, purpose, want)
		if want.cause != "" {
			if !cause.Is(err, want.cause) {
				t.Errorf("error is %v, want %s", err, want.cause)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		in, err := provider.Inspect(t.Context(), c, h, credential)
		if err != nil {
			t.Fatal(err)
		}
		scopes := providers.PolicyOf(h.Provider).Scopes(purpose, providers.OAuthToken)
		if in.Kind != providers.OAuthToken || !slices.Equal(in.Rights.Scopes, scopes) || in.Account.Login != "octocat" || in.Expiry.Source != providers.ExpiryOAuth {
			t.Errorf("%+v", in)
		}
		for _, f := range providers.PolicyOf(h.Provider).Hold(purpose, in, nil) {
			if f.State != providers.Granted {
				t.Errorf("%+v", f)
			}
		}
	}
}

// signInAt goes through the device flow; the person approves after the first poll.
func signInAt(t *testing.T, p *sandboxtest.Place, provider providers.Provider, h providers.Host, c *wire.Client, purpose providers.Purpose, want signIn) (providers.Credential, error) {
	t.Helper()
	d := provider.Device(h, providers.PolicyOf(h.Provider).Scopes(purpose, providers.OAuthToken))
	d.Now = p.Now
	code, err := d.Start(t.Context(), c)
	if (err != nil) != want.noStart {
		t.Errorf("the request for a code ends with %v", err)
	}
	if err != nil {
		return providers.Credential{}, err
	}
	complete := h.WebURL + "/oauth/device?user_code=" + code.User
	if want.noShort {
		complete = ""
	}
	if code.Page != h.WebURL+"/oauth/device" || code.Complete != complete {
		t.Errorf("the code is to be entered at %q, or at %q", code.Page, code.Complete)
	}
	pauses := 0
	d.Sleep = func(ctx context.Context, pause time.Duration) error {
		p.Wait(pause)
		if pauses++; pauses == 2 {
			if err := p.Approve(code.User); err != nil && want.cause == "" {
				t.Error(err)
			}
		}
		return ctx.Err()
	}
	token, err := d.Wait(t.Context(), c, code)
	if err == nil && token.Refresh.Empty() {
		t.Error("no refresh token came")
	}
	return providers.Credential{Token: token.Access, Refresh: token.Refresh, Method: providers.Device}, err
}
