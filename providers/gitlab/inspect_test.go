package gitlab_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/wire"
)

// now is when every question to a server here is answered.
var now = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

const token = "glpat-Zq7xcanary3fK9wB2dend81YtAbCdEfGhIjK"

type header = map[string]string

// answer is what a host answers at one address.
type answer struct {
	status int
	header header
	body   string
}

// server is a self-managed GitLab with a few addresses, by the end of their
// paths. Others are none of its API.
type server struct {
	answers map[string]answer

	mu    sync.Mutex
	asked []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, r.Header.Get("Authorization")))
	s.mu.Unlock()
	a := answer{404, nil, `{"error":"404 Not Found"}`}
	for path, known := range s.answers {
		if strings.HasSuffix(r.URL.EscapedPath(), path) {
			a = known
		}
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// at starts the server.
func (s *server) at(t *testing.T) (providers.Host, *wire.Client) {
	t.Helper()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	h, err := gitlab.Server().Locate(listening.URL + "/gitlab")
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{h.WebURL, h.APIURL}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return h, c
}

func cred(text string, method providers.Method) providers.Credential {
	return providers.Credential{Token: secret.New(text), Method: method}
}

const (
	atSelf, atInfo, atUser, atVersion = "/personal_access_tokens/self", "/oauth/token/info", "/user", "/version"

	robot        = `{"id":8,"username":"acme-bot","name":"Acme Bot","bot":false}`
	needsPAT     = `{"message":"400 Bad request - This endpoint requires token type to be a personal access token"}`
	noPermission = `{"error":"insufficient_granular_scope","error_description":"Access denied: This operation requires a fine-grained personal access token with the following user permissions: [read_personal_access_token]."}`
	noScope      = `{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"read_user api read_api"}`
	expired      = `{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}`
	revoked      = `{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}`
	invalid      = `{"error":"invalid_token","error_description":"The access token is invalid"}`
)

func ok(body string) answer { return answer{200, nil, body} }

func TestATokenIsReadFromWhatItSaysOfItself(t *testing.T) {
	date := func(text string) providers.Expiry {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return providers.Expiry{At: at, Source: providers.ExpiryProvider}
	}
	scopes := func(evidence string, scopes ...string) providers.Rights {
		return providers.Rights{Known: true, Scopes: scopes, Evidence: evidence}
	}
	silent := func(evidence string) providers.Rights { return providers.Rights{Evidence: evidence} }
	never, unknown := providers.Expiry{Source: providers.ExpiryNone}, providers.Expiry{Source: providers.ExpiryUnknown}
	account := providers.Account{Login: "acme-bot", Name: "Acme Bot"}
	const self, info = "personal_access_tokens/self", "oauth/token/info"
	for name, test := range map[string]struct {
		method  providers.Method
		answers map[string]answer
		want    providers.Inspection
	}{
		"a personal token": {
			answers: map[string]answer{
				atSelf: ok(`{"id":42,"name":"runtime","revoked":false,"created_at":"2026-01-01T10:00:00.000Z","description":"..","scopes":["api","read_repository"],
					"user_id":8,"last_used_at":"2026-11-20T09:00:00.000Z","active":true,"granular":false,"expires_at":"2026-12-31","last_used_ips":["203.0.113.9"]}`),
				atUser: ok(robot), atVersion: ok(`{"version":"18.11.4-ee","revision":"abc"}`),
			},
			want: providers.Inspection{
				Account: account, Kind: providers.PersonalAccessToken, Rights: scopes(self, "api", "read_repository"), Expiry: date("2026-12-31"),
				LastUsed: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Version: "18.11.4-ee",
			},
		},
		"one of an old host, never used": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["api"],"last_used_at":null,"expires_at":null}`), atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.PersonalAccessToken, Rights: scopes(self, "api"), Expiry: never},
		},
		"one whose end is not told": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["api"],"last_used_at":"yesterday"}`), atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.PersonalAccessToken, Rights: scopes(self, "api"), Expiry: unknown},
		},
		"one whose end cannot be read": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["api"],"expires_at":"2026-12-31T00:00:00Z"}`), atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.PersonalAccessToken, Rights: scopes(self, "api"), Expiry: unknown},
		},
		"one whose end is no date": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["api"],"expires_at":20261231}`), atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.PersonalAccessToken, Rights: scopes(self, "api"), Expiry: unknown},
		},
		"one without any scope": {
			answers: map[string]answer{atSelf: ok(`{"scopes":[],"expires_at":null}`), atUser: {403, nil, noScope}},
			want:    providers.Inspection{Kind: providers.PersonalAccessToken, Rights: scopes(self), Expiry: never},
		},
		"one that may not tell its owner": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["write_repository"],"user_id":7,"expires_at":null}`), atUser: {403, nil, noScope}, atVersion: ok(`{"version":"18"}`)},
			want:    providers.Inspection{Kind: providers.PersonalAccessToken, Rights: scopes(self, "write_repository"), Expiry: never},
		},
		"texts that are not clean": {
			answers: map[string]answer{
				atSelf: ok(`{"scopes":["a\u001b[2Jpi","\u202e",""],"expires_at":null}`), atUser: ok(`{"username":"octo\u001b[31mcat\u202e","name":"a\r\nb\u0000c"}`),
				atVersion: ok(`{"version":"18\u009b1m.11` + strings.Repeat("0", 1000) + `"}`),
			},
			want: providers.Inspection{
				Account: providers.Account{Login: "octo[31mcat", Name: "a bc"}, Kind: providers.PersonalAccessToken, Rights: scopes(self, "a[2Jpi"), Expiry: never,
				Version: "181m.11" + strings.Repeat("0", wire.MaxText-8) + "…",
			},
		},
		"a fine-grained token": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["granular"],"granular":true,"expires_at":"2026-12-31","last_used_at":"2026-11-20T10:00:00.000+01:00"}`), atUser: ok(robot)},
			want: providers.Inspection{
				Account: account, Kind: providers.FineGrainedPAT, Rights: silent("fine-grained token"), Expiry: date("2026-12-31"), LastUsed: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
			},
		},
		"one of the beta, by its scope": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["granular"],"expires_at":null}`), atUser: {403, nil, noPermission}},
			want:    providers.Inspection{Kind: providers.FineGrainedPAT, Rights: silent("fine-grained token"), Expiry: never},
		},
		"one that may not ask about itself": {
			answers: map[string]answer{atSelf: {403, nil, noPermission}, atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.FineGrainedPAT, Rights: silent("fine-grained token"), Expiry: unknown},
		},
		"an OAuth token that was pasted": {
			answers: map[string]answer{atSelf: {400, nil, needsPAT}, atInfo: ok(`{"resource_owner_id":8,"scope":["api"],"expires_in":null,"scopes":["api"],"expires_in_seconds":null}`), atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.OAuthToken, Rights: scopes(info, "api"), Expiry: unknown},
		},
		"an OAuth token with an end that cannot be": {
			method:  providers.Device,
			answers: map[string]answer{atInfo: ok(`{"scope":["api"],"expires_in":9223372036854775807}`), atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.OAuthToken, Rights: scopes(info, "api"), Expiry: unknown},
		},
		"an OAuth token that token info does not know": {
			method:  providers.Device,
			answers: map[string]answer{atInfo: {401, nil, invalid}, atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.UnknownKind, Rights: silent("oauth/token/info: HTTP 401"), Expiry: unknown},
		},
		"a token that nothing tells of": {
			answers: map[string]answer{atSelf: {400, nil, `{"error":"id is invalid"}`}, atInfo: {400, nil, invalid}, atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.UnknownKind, Rights: silent("oauth/token/info: HTTP 400"), Expiry: unknown},
		},
		"a host older than 15.5": {
			answers: map[string]answer{atUser: ok(robot)},
			want:    providers.Inspection{Account: account, Kind: providers.UnknownKind, Rights: silent("personal_access_tokens/self: HTTP 404"), Expiry: unknown},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: test.answers}
			h, c := s.at(t)
			got, err := gitlab.Server().Inspect(t.Context(), c, h, cred(token, test.method))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			for _, asked := range s.requests() {
				if !strings.HasPrefix(asked, "GET /gitlab/") || !strings.HasSuffix(asked, " Bearer "+token) || strings.Count(asked, token) != 1 {
					t.Errorf("asked %q", asked)
				}
			}
		})
	}
}

func TestANameSaysMoreOfABotAlone(t *testing.T) {
	for name, test := range map[string]struct {
		username string
		bot      bool
		kind     providers.TokenKind
	}{
		"a project's bot":              {"project_2001_bot_5a4db0c5e1f2a3b4", true, providers.ProjectToken},
		"one of an older version":      {"project_2001_bot", true, providers.ProjectToken},
		"a group's bot":                {"group_3001_bot_5a4db0c5", true, providers.GroupToken},
		"a service account":            {"service_account_group_3001_5a4db0c5", true, providers.ServiceAccountToken},
		"one of the whole instance":    {"service_account_5a4db0c5", true, providers.ServiceAccountToken},
		"a bot with a name of its own": {"acme-deployer", true, providers.PersonalAccessToken},
		"a person with a bot's name":   {"project_2001_bot", false, providers.PersonalAccessToken},
		"a person":                     {"octocat", false, providers.PersonalAccessToken},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{
				atSelf: ok(`{"scopes":["api"],"expires_at":null}`), atUser: ok(fmt.Sprintf(`{"username":%q,"bot":%v}`, test.username, test.bot)),
			}}
			h, c := s.at(t)
			in, err := gitlab.Server().Inspect(t.Context(), c, h, cred(token, providers.PAT))
			if err != nil || in.Kind != test.kind || in.Account.Robot != test.bot || in.Account.Login != test.username {
				t.Errorf("%+v, %v", in, err)
			}
		})
	}
}

func TestAVersionThatIsNotToldIsNoHarm(t *testing.T) {
	for name, version := range map[string]answer{
		"refused": {403, nil, noPermission}, "broken": {502, nil, ""}, "a page": {200, header{"Content-Type": "text/html"}, "<html>"}, "elsewhere": {302, header{"Location": "https://login.example/"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atSelf: ok(`{"scopes":["api"],"expires_at":null}`), atUser: ok(robot), atVersion: version}}
			h, c := s.at(t)
			if in, err := gitlab.Server().Inspect(t.Context(), c, h, cred(token, providers.PAT)); err != nil || in.Version != "" || in.Account.Login != "acme-bot" {
				t.Errorf("%+v, %v", in, err)
			}
		})
	}
}

func TestAHostIsMetWithoutAToken(t *testing.T) {
	unauthorized := `{"message":"401 Unauthorized"}`
	for name, test := range map[string]struct {
		answer  answer
		version string
		kind    cause.Kind
	}{
		"GitLab":                     {answer{401, header{"X-Gitlab-Meta": `{"correlation_id":"x","version":"1"}`}, unauthorized}, "", ""},
		"GitLab behind a proxy":      {answer{401, nil, unauthorized}, "", ""},
		"GitLab by another header":   {answer{403, header{"X-Gitlab-Feature-Category": "not_owned"}, "Forbidden"}, "", ""},
		"one that tells its version": {ok(`{"version":"18.11\u001b.4-ee","revision":"abc"}`), "18.11.4-ee", ""},
		"GitHub Enterprise Server":   {answer{401, header{"X-GitHub-Enterprise-Version": "3.19.0"}, `{"message":"Must authenticate"}`}, "", cause.WrongHost},
		"something with a version":   {ok(`{"version":"1.22.0"}`), "", cause.WrongHost},
		"a page":                     {answer{200, header{"Content-Type": "text/html"}, "<html>Welcome"}, "", cause.WrongHost},
		"nothing there":              {answer{404, header{"Content-Type": "text/html"}, "<html>"}, "", cause.WrongHost},
		"a limit":                    {answer{429, header{"Content-Type": "text/plain"}, "Retry later"}, "", cause.RateLimited},
		"a broken host":              {answer{503, header{"X-Gitlab-Meta": "{}"}, "<html>"}, "", cause.ServerError},
		"a sign-in page":             {answer{302, header{"Location": "https://login.example/"}, ""}, "", cause.Redirected},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atVersion: test.answer}}
			h, c := s.at(t)
			version, err := gitlab.Server().Meet(t.Context(), c, h)
			if version != test.version || test.kind == "" && err != nil || test.kind != "" && !cause.Is(err, test.kind) {
				t.Errorf("version %q, error %v", version, err)
			}
			if diff := cmp.Diff([]string{"GET /gitlab/api/v4/version "}, s.requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
