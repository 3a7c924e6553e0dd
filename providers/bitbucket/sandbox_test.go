package bitbucket_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

// place is a sandbox with a provider that counts its pauses instead of taking
// them.
type place struct {
	*sandboxtest.Place
	provider *bitbucket.Provider
	host     providers.Host
	client   *wire.Client

	mu     sync.Mutex
	pauses []time.Duration
}

func (p *place) sleep(ctx context.Context, pause time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pauses = append(p.pauses, pause)
	return ctx.Err()
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{provider: bitbucket.Cloud()}
	p.provider.Sleep = p.sleep
	p.Place = sandboxtest.New(t, p.provider)
	p.host, p.client = p.Reach(t, p.provider)
	return p
}

// named is a token of the sandbox as a person gives it.
func named(name string) providers.Credential {
	token := sandbox.MustToken("bitbucket", name)
	return providers.Credential{Token: secret.New(token.Text), Method: providers.PAT, Email: token.Email}
}

func (p *place) inspect(ctx context.Context, name string) (providers.Inspection, error) {
	return p.provider.Inspect(ctx, p.client, p.host, named(name))
}

// checkRequests holds what was asked against what may be asked: the API of the
// site gets no token.
func (p *place) checkRequests(t *testing.T) {
	t.Helper()
	p.OnlyRead(t, p.host, func(path string) bool {
		return strings.HasPrefix(path, "/bitbucket-api/2.0/") ||
			strings.HasPrefix(path, "/bitbucket/acme/") && strings.HasSuffix(path, ".git/info/refs")
	})
}

const (
	granted, implied, missing, open, none = providers.Granted, providers.Implied, providers.Missing, providers.Unverifiable, providers.NotApplicable

	api, oauth = providers.APIToken, providers.OAuthToken
)

// states are the six requirements of a runtime: account, workspace, webhooks,
// and reading, writing and administering repositories.
type states [6]providers.State

var all = states{granted, granted, granted, granted, granted, granted}

// but is all with some requirement in another state.
func but(i int, s providers.State) states {
	these := all
	these[i] = s
	return these
}

// found is what the sandbox's tokens turn out to be, or why it cannot be said.
type found struct {
	kind     providers.TokenKind
	login    string
	robot    bool
	states   states
	excess   []string
	evidence string // where the scopes were read, if not in the usual header
	cause    cause.Kind
	pauses   int // before the host was asked again
}

const bot = "acme-bot"

var accessStates = states{none, none, granted, implied, granted, granted}

var tokens = map[string]found{
	"runtime":           {kind: api, login: bot, states: all},
	"user":              {kind: api, login: "octocat", states: but(2, missing)},
	"person-runtime":    {kind: api, login: "octocat", states: all},
	"too-broad":         {kind: api, login: bot, states: all, excess: []string{"delete:repository:bitbucket", "admin:workspace:bitbucket"}},
	"repository-token":  {kind: providers.RepositoryToken, robot: true, states: accessStates},
	"project-token":     {kind: providers.ProjectToken, robot: true, states: accessStates},
	"workspace-token":   {kind: providers.WorkspaceToken, robot: true, states: accessStates},
	"workspace-account": {kind: providers.WorkspaceToken, login: "712020:sandbox-workspace-token", robot: true, states: accessStates, excess: []string{"account"}},
	"oauth":             {kind: oauth, login: bot, states: but(3, implied)},
	"oauth-no-team":     {kind: oauth, login: bot, states: but(3, implied)},
	"oauth-closure":     {kind: oauth, login: bot, states: states{implied, implied, missing, implied, implied, granted}, excess: []string{"pullrequest:write", "account:write", "team:write"}},

	"no-user":                {kind: api, states: but(0, missing)},
	"no-user-in-words":       {kind: api, states: but(0, missing)},
	"no-user-in-body":        {kind: api, states: but(0, missing), evidence: "scopes in the refusal"},
	"no-workspace":           {kind: api, login: bot, states: but(1, missing)},
	"write-without-read":     {kind: api, login: bot, states: but(3, missing)},
	"no-write":               {kind: api, login: bot, states: but(4, missing)},
	"no-admin":               {kind: api, login: bot, states: but(5, missing)},
	"no-webhook-read":        {kind: api, login: bot, states: but(2, missing)},
	"no-webhook-write":       {kind: api, login: bot, states: but(2, missing)},
	"no-webhook-delete":      {kind: api, login: bot, states: but(2, missing)},
	"no-scopes":              {kind: api, states: states{missing, missing, missing, missing, missing, missing}},
	"repository-token-read":  {kind: providers.RepositoryToken, robot: true, states: states{none, none, missing, granted, missing, missing}},
	"repository-token-write": {kind: providers.RepositoryToken, robot: true, states: states{none, none, missing, implied, granted, missing}},
	"oauth-no-webhook":       {kind: oauth, login: bot, states: states{granted, granted, missing, implied, granted, granted}},
	"oauth-no-account":       {kind: oauth, states: states{missing, missing, granted, implied, granted, granted}},
	"oauth-admin-alone":      {kind: oauth, login: bot, states: states{granted, granted, granted, missing, missing, granted}},

	"expired":       {cause: cause.Rejected, pauses: 1},
	"revoked":       {cause: cause.Rejected, pauses: 1},
	"other-email":   {cause: cause.Rejected, pauses: 1},
	"unscoped":      {cause: cause.Rejected, pauses: 1},
	"mistyped":      {cause: cause.Rejected, pauses: 1},
	"unknown":       {cause: cause.Rejected, pauses: 1},
	"app-password":  {cause: cause.AppPassword},
	"oauth-expired": {cause: cause.Expired, pauses: 1},
	"oauth-revoked": {cause: cause.Rejected, pauses: 1},
	"wavering":      {kind: api, login: bot, states: all, pauses: 1},
	"refused-bare":  {cause: cause.Rejected, pauses: 1},

	"address-refused":      {cause: cause.Restricted},
	"address-refused-late": {kind: api, login: bot, states: all},
	"forbidden":            {cause: cause.NotUnderstood},
	"gone":                 {cause: cause.Gone},
	"rate-limit":           {cause: cause.RateLimited},
	"rate-limit-bare":      {cause: cause.RateLimited},
	"refused-by-proxy":     {cause: cause.NotUnderstood, pauses: 1},
	"headers-lost":         {kind: api, login: bot, states: states{open, open, open, open, open, open}, evidence: "no x-oauth-scopes header"},
	"new-kind":             {kind: api, login: bot, states: all},
	"nameless":             {kind: api, login: bot, states: all},
	"wrong-type":           {kind: api, login: bot, states: all},
	"hostile-login":        {kind: api, login: "octo[31mcat]8;;https://evil.example", states: all},
	"hostile-scope":        {kind: api, login: bot, states: all, excess: []string{"2Jsudo:bitbucket"}},
	"hostile-error":        {cause: cause.Restricted},

	"error-500":    {cause: cause.ServerError},
	"error-502":    {cause: cause.ServerError},
	"error-503":    {cause: cause.ServerError},
	"html":         {cause: cause.NotUnderstood},
	"empty":        {cause: cause.NotUnderstood},
	"invalid-json": {cause: cause.NotUnderstood},
	"wrong-shape":  {cause: cause.NotUnderstood},
	"large":        {cause: cause.TooLarge},
	"endless":      {cause: cause.TooLarge},
	"gzip-bomb":    {cause: cause.TooLarge},
	"slow":         {cause: cause.NoAnswer},
	"silent":       {cause: cause.NoAnswer},
	"dropped":      {cause: cause.Broken},
	"redirect-302": {cause: cause.Redirected},
	"redirect-307": {cause: cause.Redirected},
}

func TestEveryTokenOfTheSandboxIsFoundOut(t *testing.T) {
	sandboxtest.EachToken(t, providers.Bitbucket, tokens, func(t *testing.T, listed sandbox.Token, want found) {
		p := newPlace(t)
		ctx := t.Context()
		if want.cause == cause.NoAnswer {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Second)
			defer cancel()
		}
		in, err := p.inspect(ctx, listed.Name)
		got := found{cause: cause.Of(err).Kind, pauses: len(p.pauses)}
		if err == nil {
			got = read(in, len(p.pauses))
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(found{})); diff != "" {
			t.Error(diff)
		}
		if want.cause == cause.AppPassword {
			if asked := p.Requests(); len(asked) > 0 || in.Kind != providers.AppPassword {
				t.Errorf("%+v, asked %+v", in, asked)
			}
			return
		}
		p.checkRequests(t)
	})
}

func read(in providers.Inspection, pauses int) found {
	policy := providers.PolicyOf(providers.Bitbucket)
	got := found{
		kind: in.Kind, login: in.Account.Login, robot: in.Account.Robot, excess: policy.Excess(providers.Runtime, in), pauses: pauses,
	}
	if in.Rights.Evidence != "x-oauth-scopes header" {
		got.evidence = in.Rights.Evidence
	}
	if in.Expiry != (providers.Expiry{Source: providers.ExpiryUnknown}) {
		got.cause = "an end that nobody told"
	}
	for i, f := range policy.Hold(providers.Runtime, in, nil) {
		got.states[i] = f.State
	}
	return got
}
