package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
	"gitlab.com/gitlab-org/api/client-go/v2/gitlaboauth2"
	"golang.org/x/oauth2"

	"gitgrant/providers/sandbox"
)

// labHosts are the two GitLabs of the sandbox and where they are.
var labHosts = map[string]string{"gitlab": "/gitlab", "gitlab-server": "/gl/gitlab"}

// foreign is a client of GitLab that somebody else wrote, with a named token.
func (w *wire) foreign(host, token string) *gitlab.Client {
	w.t.Helper()
	return w.foreignAs(host, gitlab.AccessTokenAuthSource{Token: sandbox.MustToken(host, token).Text})
}

func (w *wire) foreignAs(host string, as gitlab.AuthSource) *gitlab.Client {
	w.t.Helper()
	c, err := gitlab.NewAuthSourceClient(as,
		gitlab.WithBaseURL(w.server.URL()+labHosts[host]), gitlab.WithHTTPClient(w.client), gitlab.WithoutRetries())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestAForeignClientReadsATokenOfEveryKind(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for host := range labHosts {
		for name, scopes := range map[string]string{
			"runtime": "api read_repository", "user": "write_repository read_api", "project-bot": "api read_repository",
			"group-bot": "api read_repository", "service-account": "api read_repository", "fine-grained": "granular",
		} {
			t.Run(host+" "+name, func(t *testing.T) {
				c := w.foreign(host, name)
				token, _, err := c.PersonalAccessTokens.GetSinglePersonalAccessToken()
				if err != nil {
					t.Fatal(err)
				}
				if strings.Join(token.Scopes, " ") != scopes || !token.Active || token.Revoked || token.LastUsedAt == nil || token.Name != name {
					t.Errorf("the token is %+v", token)
				}
				if (token.ExpiresAt == nil) != (name == "service-account") {
					t.Errorf("it expires at %v", token.ExpiresAt)
				}
				user, _, err := c.Users.CurrentUser()
				if err != nil {
					t.Fatal(err)
				}
				bot := name == "project-bot" || name == "group-bot" || name == "service-account"
				if user.ID != token.UserID || user.Bot != bot || user.State != "active" {
					t.Errorf("the user is %+v", user)
				}
			})
		}
	}
}

func TestAForeignClientReadsTheVersion(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	c := w.foreign("gitlab-server", "runtime")
	version, _, err := c.Version.GetVersion()
	if err != nil || version.Version != "18.11.4-ee" {
		t.Errorf("%+v, %v", version, err)
	}
	metadata, _, err := c.Metadata.GetMetadata()
	if err != nil || metadata.Version != version.Version || metadata.Revision != version.Revision || !metadata.Enterprise {
		t.Errorf("%+v, %v", metadata, err)
	}
}

func TestAForeignClientReadsAProjectAndItsHooks(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for host, web := range labHosts {
		t.Run(host, func(t *testing.T) {
			c := w.foreign(host, "runtime")
			nested, _, err := c.Projects.GetProject("acme/platform/infra", nil)
			if err != nil {
				t.Fatal(err)
			}
			if nested.PathWithNamespace != "acme/platform/infra" || nested.Namespace.FullPath != "acme/platform" || nested.Permissions.ProjectAccess != nil ||
				nested.Permissions.GroupAccess.AccessLevel != gitlab.MaintainerPermissions || nested.HTTPURLToRepo != w.server.URL()+web+"/acme/platform/infra.git" {
				t.Errorf("the project is %+v", nested)
			}
			shared, _, err := c.Projects.GetProject("acme/shared", nil)
			if err != nil || shared.Permissions.ProjectAccess != nil || shared.Permissions.GroupAccess != nil || shared.Visibility != gitlab.PrivateVisibility {
				t.Errorf("%+v, %v", shared, err)
			}
			hooks, _, err := c.Projects.ListProjectHooks("acme/app", nil)
			if err != nil || len(hooks) != 1 || !hooks[0].PushEvents || hooks[0].ProjectID != 2001 {
				t.Errorf("%+v, %v", hooks, err)
			}
			if _, _, err := c.Projects.GetProject("acme/hidden", nil); !errors.Is(err, gitlab.ErrNotFound) {
				t.Errorf("a hidden project is %v", err)
			}
		})
	}
}

func TestAForeignClientUnderstandsARefusal(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for token, test := range map[string]struct {
		status  int
		message string
	}{
		"unknown":            {401, "401 Unauthorized"},
		"expired":            {401, "Token is expired"},
		"revoked":            {401, "Token was revoked"},
		"blocked":            {403, "Your account has been blocked"},
		"write-repository":   {403, "insufficient_scope"},
		"fine-grained-code":  {403, "insufficient_granular_scope"},
		"rate-limit":         {429, "Retry later"},
		"fine-grained-blind": {200, ""},
	} {
		t.Run(token, func(t *testing.T) {
			_, _, err := w.foreign("gitlab", token).Users.CurrentUser()
			var refusal *gitlab.ErrorResponse
			switch {
			case test.status == 200:
				if err != nil {
					t.Error(err)
				}
			case !errors.As(err, &refusal) || !refusal.HasStatusCode(test.status) || !strings.Contains(err.Error()+string(refusal.Body), test.message):
				t.Errorf("it is told %v", err)
			}
		})
	}
}

func TestAForeignClientRotatesAndRevokesItsToken(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	date := gitlab.ISOTime(time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC))
	fresh, _, err := w.foreign("gitlab", "runtime").PersonalAccessTokens.RotatePersonalAccessTokenSelf(&gitlab.RotatePersonalAccessTokenOptions{ExpiresAt: &date})
	if err != nil {
		t.Fatal(err)
	}
	if fresh.ExpiresAt.String() != "2027-01-31" || fresh.Token == "" || fresh.LastUsedAt != nil {
		t.Fatalf("the new token is %+v", fresh)
	}
	c := w.foreignAs("gitlab", gitlab.AccessTokenAuthSource{Token: fresh.Token})
	if answer, err := c.PersonalAccessTokens.RevokePersonalAccessTokenSelf(); err != nil || answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%v, %v", answer, err)
	}
	if _, _, err := c.Users.CurrentUser(); err == nil {
		t.Error("a revoked token tells its owner")
	}
}

// foreignSignIn is a sign-in by a library that somebody else wrote, at the
// addresses that GitLab's own client knows.
func (w *wire) foreignSignIn(host string) (context.Context, *oauth2.Config) {
	client := sandbox.MustClient(host, "default").ID
	config := gitlaboauth2.NewOAuth2Config(w.server.URL()+labHosts[host], client, "http://127.0.0.1:41234/callback", []string{"api", "read_repository"})
	config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	return context.WithValue(w.t.Context(), oauth2.HTTPClient, w.client), config
}

func TestAForeignLibrarySignsInOnADevice(t *testing.T) {
	for host := range labHosts {
		t.Run(host, func(t *testing.T) {
			w := newWire(t, sandbox.Options{Approve: sandbox.Auto, Interval: time.Millisecond})
			ctx, config := w.foreignSignIn(host)
			code, err := config.DeviceAuth(ctx)
			if err != nil {
				t.Fatal(err)
			}
			token, err := config.DeviceAccessToken(ctx, code)
			if err != nil {
				t.Fatal(err)
			}
			user, _, err := w.foreignAs(host, gitlab.OAuthTokenSource{TokenSource: oauth2.StaticTokenSource(token)}).Users.CurrentUser()
			if err != nil || user.Username != "octocat" {
				t.Errorf("%+v, %v", user, err)
			}
		})
	}
}

func TestAForeignLibrarySignsInByItsBrowserAndRefreshes(t *testing.T) {
	for host, web := range labHosts {
		t.Run(host, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			ctx, config := w.foreignSignIn(host)
			verifier := oauth2.GenerateVerifier()
			page, found := strings.CutPrefix(config.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)), w.server.URL())
			if !found || !strings.HasPrefix(page, web+"/oauth/authorize?") {
				t.Fatalf("the page is %s", page)
			}
			back, err := w.post(page, url.Values{"decision": {"approve"}}).expect(t, http.StatusFound).Location()
			if err != nil {
				t.Fatal(err)
			}
			token, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}
			old := *token
			token.Expiry = time.Unix(1, 0)
			fresh, err := config.TokenSource(ctx, token).Token()
			if err != nil || fresh.AccessToken == old.AccessToken || fresh.RefreshToken == old.RefreshToken {
				t.Fatalf("a refresh gives %v", err)
			}
			if _, _, err := w.foreignAs(host, gitlab.OAuthTokenSource{TokenSource: oauth2.StaticTokenSource(fresh)}).Users.CurrentUser(); err != nil {
				t.Error(err)
			}
		})
	}
}
