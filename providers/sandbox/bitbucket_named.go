package sandbox

import (
	"cmp"
	"slices"
	"time"
)

// namedBitbucketToken is a token that every sandbox knows, and what stands
// behind it.
type namedBitbucketToken struct {
	name, about string
	token       bitbucketToken
	// lasts is the time until it expires; zero is for ever.
	lasts time.Duration
	// unknown tokens are nowhere to be found; start is then how they begin.
	unknown bool
	start   string
	// beside is the address that it is listed with, where that is not its owner's.
	beside string
	// mistyped tokens have lost their last character on the way.
	mistyped bool
	// short OAuth tokens are as long as they were before 2026.
	short bool
}

func (n namedBitbucketToken) text() string {
	start := n.start
	switch {
	case start == appPasswordStart:
		return fake(appPasswordStart+"sandbox", n.name, 36)
	case start != "":
		// as it is
	case n.token.kind == apiToken:
		start = apiTokenStart
	case n.token.kind == oauthToken && n.short:
		return longFake(oauthTokenStart, n.name, 90)
	case n.token.kind == oauthToken:
		return longFake(oauthTokenStart, n.name, oauthLength)
	default:
		start = accessTokenStart
	}
	text := summed(longFake(start+"sandbox", n.name, tokenLength-9))
	if n.mistyped {
		return text[:len(text)-1]
	}
	return text
}

// email is the address beside a token; empty where it takes none.
func (n namedBitbucketToken) email() string {
	if n.token.kind != apiToken {
		return ""
	}
	return bitbucketUserOf(cmp.Or(n.beside, n.token.owner)).email
}

func bitbucketTokens() []Token {
	var tokens []Token
	for _, n := range namedBitbucketTokens() {
		tokens = append(tokens, Token{Name: n.name, Text: n.text(), Provider: bitbucketCloud, Email: n.email(), About: n.about})
	}
	return tokens
}

// The scopes that a runtime and a person need, in both vocabularies.
var (
	userGranular    = []string{"read:user:bitbucket", "read:workspace:bitbucket", "read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket"}
	runtimeGranular = append(slices.Clone(userGranular), "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket")
	runtimeClassic  = []string{"account", "team", "repository:write", "repository:admin", "webhook"}
	accessClassic   = []string{"repository:write", "repository:admin", "webhook"}
)

func granularToken(owner string, scopes ...string) bitbucketToken {
	return bitbucketToken{kind: apiToken, owner: owner, scopes: scopes}
}

func runtimeAPIToken(owner string) bitbucketToken { return granularToken(owner, runtimeGranular...) }

// withoutScope is a runtime's token that lacks one scope.
func withoutScope(scope string) bitbucketToken {
	return granularToken(robot, slices.DeleteFunc(slices.Clone(runtimeGranular), func(s string) bool { return s == scope+":bitbucket" })...)
}

// bitbucketOAuth is a token that acme-bot signed in for.
func bitbucketOAuth(scopes ...string) bitbucketToken {
	return bitbucketToken{kind: oauthToken, owner: robot, scopes: scopes}
}

func accessToken(kind, reach string, scopes ...string) bitbucketToken {
	return bitbucketToken{kind: kind, reach: reach, scopes: scopes}
}

func revokedBitbucket(t bitbucketToken) bitbucketToken {
	t.revoked = true
	return t
}

// bitbucketFailing is a token that has every right and meets a fault all the
// same.
func bitbucketFailing(f bitbucketFault) bitbucketToken { return faulty(runtimeAPIToken(robot), f) }

func faulty(t bitbucketToken, f bitbucketFault) bitbucketToken {
	t.fault = f
	return t
}

const bitbucketLife = 300 * day

func namedBitbucketTokens() []namedBitbucketToken {
	return slices.Concat(workingBitbucketTokens(), lackingBitbucketTokens(), endedBitbucketTokens(), troubledBitbucketTokens(), brokenBitbucketTokens())
}

func workingBitbucketTokens() []namedBitbucketToken {
	return []namedBitbucketToken{
		{name: "runtime", about: "API token of acme-bot with the eight scopes that a runtime needs.", token: runtimeAPIToken(robot), lasts: bitbucketLife},
		{name: "user", about: "API token of octocat with the five scopes that a person needs.", token: granularToken(person, userGranular...), lasts: bitbucketLife},
		{name: "person-runtime", about: "Right for a runtime, but it belongs to the person octocat.", token: runtimeAPIToken(person), lasts: bitbucketLife},
		{name: "too-broad", about: "API token of acme-bot with what a runtime needs, and delete:repository and admin:workspace besides.", token: granularToken(robot, append(slices.Clone(runtimeGranular), "delete:repository:bitbucket", "admin:workspace:bitbucket")...), lasts: bitbucketLife},
		{name: "repository-token", about: "Access token of the repository acme/app: it may not ask for an account, and 403 tells its scopes.", token: accessToken(repoToken, "acme/app", accessClassic...)},
		{name: "project-token", about: "Access token of the project RUN, with acme/app and acme/readonly in it.", token: accessToken(projectToken, "RUN", accessClassic...)},
		{name: "workspace-token", about: "Access token of the workspace acme.", token: accessToken(workspaceToken, "", accessClassic...)},
		{name: "workspace-account", about: "Access token of the workspace acme with the scope account: it is told an account that is no person's.", token: accessToken(workspaceToken, "", append([]string{"account"}, accessClassic...)...)},
		{name: "oauth", about: "OAuth token of acme-bot with what a runtime needs, for two hours; about 2,600 characters long.", token: bitbucketOAuth(runtimeClassic...), lasts: 2 * time.Hour},
		{name: "oauth-no-team", about: "OAuth token of acme-bot without team: its workspaces are listed all the same.", token: bitbucketOAuth("account", "repository:write", "repository:admin", "webhook"), lasts: 2 * time.Hour, short: true},
		{name: "oauth-closure", about: "OAuth token of acme-bot with pullrequest:write, account:write and team:write, which include what a person needs short of repository:admin.", token: bitbucketOAuth("pullrequest:write", "account:write", "team:write", "repository:admin"), lasts: 2 * time.Hour, short: true},
	}
}

func lackingBitbucketTokens() []namedBitbucketToken {
	return []namedBitbucketToken{
		{name: "no-user", about: "API token of acme-bot without read:user: 403 with its scopes in an object.", token: withoutScope("read:user"), lasts: bitbucketLife},
		{name: "no-user-in-words", about: "The same, with the scopes in words.", token: faulty(withoutScope("read:user"), bitbucketFault{inWords: true}), lasts: bitbucketLife},
		{name: "no-user-in-body", about: "The same, with the scopes in the body alone and no headers.", token: faulty(withoutScope("read:user"), bitbucketFault{silent: true}), lasts: bitbucketLife},
		{name: "no-workspace", about: "API token of acme-bot without read:workspace.", token: withoutScope("read:workspace"), lasts: bitbucketLife},
		{name: "write-without-read", about: "API token of acme-bot without read:repository: write does not include it, and git cannot clone.", token: withoutScope("read:repository"), lasts: bitbucketLife},
		{name: "no-write", about: "API token of acme-bot without write:repository.", token: withoutScope("write:repository"), lasts: bitbucketLife},
		{name: "no-admin", about: "API token of acme-bot without admin:repository.", token: withoutScope("admin:repository"), lasts: bitbucketLife},
		{name: "no-webhook-read", about: "API token of acme-bot without read:webhook.", token: withoutScope("read:webhook"), lasts: bitbucketLife},
		{name: "no-webhook-write", about: "API token of acme-bot without write:webhook.", token: withoutScope("write:webhook"), lasts: bitbucketLife},
		{name: "no-webhook-delete", about: "API token of acme-bot without delete:webhook: webhooks are made, and cannot be made anew.", token: withoutScope("delete:webhook"), lasts: bitbucketLife},
		{name: "no-scopes", about: "API token of acme-bot that has lost every scope.", token: granularToken(robot), lasts: bitbucketLife},
		{name: "repository-token-read", about: "Access token of the repository acme/app that reads alone.", token: accessToken(repoToken, "acme/app", "repository")},
		{name: "repository-token-write", about: "Access token of the repository acme/app without repository:admin and webhook.", token: accessToken(repoToken, "acme/app", "repository:write")},
		{name: "oauth-no-webhook", about: "OAuth token of acme-bot whose consumer does not tick Webhooks.", token: bitbucketOAuth("account", "team", "repository:write", "repository:admin"), lasts: 2 * time.Hour, short: true},
		{name: "oauth-no-account", about: "OAuth token of acme-bot whose consumer ticks neither Account nor Workspace membership.", token: bitbucketOAuth("repository:write", "repository:admin", "webhook"), lasts: 2 * time.Hour, short: true},
		{name: "oauth-admin-alone", about: "OAuth token of acme-bot with repository:admin, which includes neither reading nor writing.", token: bitbucketOAuth("account", "team", "repository:admin", "webhook"), lasts: 2 * time.Hour, short: true},
	}
}

func endedBitbucketTokens() []namedBitbucketToken {
	return []namedBitbucketToken{
		{name: "expired", about: "API token of acme-bot that expired a day before the sandbox started: 401, which does not say so.", token: runtimeAPIToken(robot), lasts: -day},
		{name: "revoked", about: "API token of acme-bot that was revoked: the same 401.", token: revokedBitbucket(runtimeAPIToken(robot)), lasts: bitbucketLife},
		{name: "other-email", about: "API token of octocat, listed with the address of acme-bot: the same 401.", token: runtimeAPIToken(person), beside: robot, lasts: bitbucketLife},
		{name: "unscoped", about: "API token of acme-bot that was made without scopes: the same 401.", token: granularToken(robot), unknown: true, start: apiTokenStart},
		{name: "unknown", about: "Access token that was deleted long ago, or never was: the same 401.", unknown: true, start: accessTokenStart},
		{name: "app-password", about: "App password: they ended in July 2026, and the same 401 is all that is left.", unknown: true, start: appPasswordStart},
		{name: "mistyped", about: "API token of acme-bot that lost its last character on the way: the same 401.", token: runtimeAPIToken(robot), unknown: true, mistyped: true},
		{name: "oauth-expired", about: "OAuth token that expired a day before the sandbox started: its 401 says so.", token: bitbucketOAuth(runtimeClassic...), lasts: -day, short: true},
		{name: "oauth-revoked", about: "OAuth token that was revoked: 401, which does not say so.", token: revokedBitbucket(bitbucketOAuth(runtimeClassic...)), lasts: 2 * time.Hour, short: true},
		{name: "wavering", about: "API token of acme-bot that works, and meets 401 with every other request, the first included.", token: bitbucketFailing(bitbucketFault{wavers: true}), lasts: bitbucketLife},
		{name: "refused-bare", about: "401 without a body, with Bitbucket's own challenge.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).refusedBare})},
	}
}

func troubledBitbucketTokens() []namedBitbucketToken {
	return []namedBitbucketToken{
		{name: "address-refused", about: "403: a workspace lets in only addresses that its admins listed.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).addressRefused})},
		{name: "address-refused-late", about: "Works, but 403 for the same reason at every repository.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).addressRefused, atRepositories: true})},
		{name: "forbidden", about: "403 Forbidden and nothing else, as where no part of the API lives.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).bareForbidden})},
		{name: "gone", about: "410: that part of the API was done away with.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).gone})},
		{name: "rate-limit", about: "429 with Retry-After.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).throttled})},
		{name: "rate-limit-bare", about: "429 and nothing else.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).throttledBare})},
		{name: "refused-by-proxy", about: "401 with an HTML page and the challenge of a proxy.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).refusedByProxy})},
		{name: "headers-lost", about: "Works, but something on the way takes the headers out that tell of the token.", token: bitbucketFailing(bitbucketFault{silent: true})},
		{name: "new-kind", about: "Works; the header calls it a kind of token that nobody has heard of.", token: bitbucketFailing(bitbucketFault{header: map[string]string{"X-Credential-Type": "service_token"}})},
		{name: "nameless", about: "Works; the account has a nickname and no user name.", token: bitbucketFailing(bitbucketFault{edit: func(account map[string]any) { delete(account, "username") }})},
		{name: "wrong-type", about: "200 with the right JSON called text/html.", token: bitbucketFailing(bitbucketFault{header: map[string]string{"Content-Type": "text/html; charset=utf-8"}})},
		{name: "hostile-login", about: "Works; the user name holds escape sequences and bidi controls.", token: bitbucketFailing(bitbucketFault{edit: func(account map[string]any) { account["username"] = hostileLogin }})},
		{name: "hostile-scope", about: "Works; a scope holds escape sequences.", token: granularToken(robot, append(slices.Clone(runtimeGranular), "\u009b2Jsudo\u202e:bitbucket")...), lasts: bitbucketLife},
		{name: "hostile-error", about: "403 with escape sequences and bidi controls in its message.", token: bitbucketFailing(bitbucketFault{answer: (*bitbucketCall).hostileError})},
	}
}

// brokenBitbucketTokens are the tokens that meet a broken host.
func brokenBitbucketTokens() []namedBitbucketToken {
	var tokens []namedBitbucketToken
	for _, b := range mishaps() {
		tokens = append(tokens, namedBitbucketToken{name: b.name, about: b.about, token: bitbucketFailing(bitbucketFault{
			answer: func(c *bitbucketCall) { b.serve(c.exchange, bitbucketAPI) },
		})})
	}
	return tokens
}
