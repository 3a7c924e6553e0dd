package sandbox

import "time"

const day = 24 * time.Hour

// How the expiry header is written: the two forms of real traffic, and one
// that nobody can read.
const (
	expiryNamedZone  = "2006-01-02 15:04:05 UTC"
	expiryOffset     = "2006-01-02 15:04:05 -0700"
	expiryUnreadable = "soon"
)

// namedGrant is a token that every sandbox knows, and what stands behind it.
type namedGrant struct {
	name, about string
	grant       grant
	// lasts is the time until it expires; zero is for ever.
	lasts   time.Duration
	revoked bool
	// cloudOnly is for what GitHub Enterprise Server does not have.
	cloudOnly bool
}

func (n namedGrant) knownAt(provider string) bool { return provider == cloud || !n.cloudOnly }

func (n namedGrant) text(provider string) string {
	label := "sandbox"
	if provider == enterprise {
		label = "ghesSandbox"
	}
	if n.grant.kind == fineGrained {
		return string(fineGrained) + "11SANDBOX0000000000000_" + fake(label, n.name, 59)
	}
	return string(n.grant.kind) + fake(label, n.name, 36)
}

func gitHubTokens(provider string) []Token {
	var tokens []Token
	for _, n := range namedGrants() {
		if n.knownAt(provider) {
			tokens = append(tokens, Token{Name: n.name, Text: n.text(provider), Provider: provider, About: n.about})
		}
	}
	return tokens
}

func classicOf(login string, scopes ...string) grant {
	return grant{kind: classic, login: login, scopes: scopes}
}

// failing is a token that has every right and meets a fault all the same.
func failing(f fault) grant {
	return grant{kind: classic, login: robot, scopes: []string{"admin:repo_hook", "repo"}, fault: f}
}

func dated(layout string) grant {
	g := classicOf(robot, "admin:repo_hook", "repo")
	g.layout = layout
	return g
}

func withKind(k grantKind, g grant) grant {
	g.kind = k
	return g
}

func namedGrants() []namedGrant {
	return append([]namedGrant{
		// Tokens that work.
		{name: "runtime", about: "Classic token of acme-bot with repo and admin:repo_hook: all that a runtime needs.", grant: classicOf(robot, "admin:repo_hook", "repo")},
		{name: "user", about: "Classic token of octocat with repo: all that a person needs.", grant: classicOf(person, "repo")},
		{name: "person-runtime", about: "Right for a runtime, but it belongs to the person octocat.", grant: classicOf(person, "admin:repo_hook", "repo")},
		{name: "oauth", about: "OAuth token of acme-bot with repo and admin:repo_hook.", grant: withKind(oauthApp, classicOf(robot, "admin:repo_hook", "repo"))},
		{name: "too-broad", about: "Has what a runtime needs, and delete_repo, admin:org, user and workflow besides.", grant: classicOf(robot, "admin:org", "admin:repo_hook", "delete_repo", "repo", "user", "workflow")},

		// Tokens that lack something.
		{name: "no-webhooks", about: "Classic token of acme-bot with repo alone: admin:repo_hook is missing.", grant: classicOf(robot, "repo")},
		{name: "public-only", about: "Classic token of octocat with public_repo: private repositories stay hidden.", grant: classicOf(person, "public_repo")},
		{name: "no-scopes", about: "Classic token without any scope: X-OAuth-Scopes is present and empty.", grant: classicOf(robot)},
		{name: "fine-grained", about: "Fine-grained token of acme-bot that may write contents and webhooks; its rights cannot be asked for.", grant: grant{kind: fineGrained, login: robot, contents: write, hooks: write}},
		{name: "fine-grained-read", about: "Fine-grained token of acme-bot that reads contents and may do nothing else.", grant: grant{kind: fineGrained, login: robot, contents: read}},
		{name: "fine-grained-pending", about: "Fine-grained token that the organization has not approved yet: its repositories answer 404.", grant: grant{kind: fineGrained, login: robot, contents: write, hooks: write, pending: true}},
		{name: "app-user", about: "User token of a GitHub App: it has no scopes and no X-OAuth-Scopes header.", grant: grant{kind: appUser, login: person, contents: write}},

		// Tokens that end.
		{name: "expires-in-90-days", about: "Expires 90 days after the sandbox started, told as a time in UTC.", grant: dated(expiryNamedZone), lasts: 90 * day},
		{name: "expires-in-7-days", about: "Expires 7 days after the sandbox started, told as a time in UTC.", grant: dated(expiryNamedZone), lasts: 7 * day},
		{name: "expires-in-5-days", about: "Expires 5 days after the sandbox started, told as a time with an offset.", grant: dated(expiryOffset), lasts: 5 * day},
		{name: "expiry-unreadable", about: "Works; its expiry header cannot be read.", grant: dated(expiryUnreadable), lasts: 30 * day},
		{name: "expired", about: "Expired a day before the sandbox started: 401 Bad credentials.", grant: dated(expiryNamedZone), lasts: -day},
		{name: "revoked", about: "Revoked: 401 Bad credentials, like any token that nobody knows.", grant: classicOf(robot), revoked: true},

		// Tokens that a policy stops.
		{name: "sso", about: "403: the organization enforces SAML single sign-on; X-GitHub-SSO holds the link, whose page clears it.", grant: failing(fault{answer: (*call).ssoRequired, git: gitSSO}), cloudOnly: true},
		{name: "sso-repository", about: "The same, but only at the repositories of acme: /user works.", grant: failing(fault{answer: (*call).ssoRequired, git: gitSSO, atRepositories: true}), cloudOnly: true},
		{name: "sso-partial", about: "Works; X-GitHub-SSO says that two organizations are left out of lists.", grant: failing(fault{header: map[string]string{"X-GitHub-SSO": "partial-results; organizations=21955855,20582480"}}), cloudOnly: true},
		{name: "restricted", about: "403: the organization restricts OAuth applications, and this one is not approved.", grant: withKind(oauthApp, failing(fault{answer: (*call).appRestricted, git: gitRestricted}))},
		{name: "restricted-repository", about: "The same, but only at the repositories of acme: /user works.", grant: withKind(oauthApp, failing(fault{answer: (*call).appRestricted, git: gitRestricted, atRepositories: true}))},
		{name: "classic-forbidden", about: "403: the organization forbids classic personal access tokens.", grant: failing(fault{answer: (*call).classicForbidden, git: gitClassic})},
		{name: "failed-logins", about: "403: too many failed sign-ins; a right token is refused for a while too.", grant: failing(fault{answer: (*call).tooManyLogins})},

		// Tokens that meet a limit.
		{name: "rate-limit-403", about: "403: the hourly limit is used up; x-ratelimit-reset says until when.", grant: failing(fault{answer: primaryLimit(403)})},
		{name: "rate-limit-429", about: "429: the same with the other status.", grant: failing(fault{answer: primaryLimit(429)})},
		{name: "secondary-limit", about: "403: a secondary limit with Retry-After: 60.", grant: failing(fault{answer: secondaryLimit(403, "60")})},
		{name: "secondary-limit-429", about: "429: a secondary limit with Retry-After: 60.", grant: failing(fault{answer: secondaryLimit(429, "60")})},
		{name: "secondary-limit-bare", about: "403: a secondary limit without Retry-After.", grant: failing(fault{answer: secondaryLimit(403, "")})},

		// Tokens that meet a host which lies about what it sends, or is hostile.
		{name: "wrong-type", about: "200 with the right JSON called text/html.", grant: failing(fault{header: map[string]string{"Content-Type": "text/html; charset=utf-8"}})},
		{name: "hostile-login", about: "Works; the login name holds escape sequences and bidi controls.", grant: classicOf(hostileLogin, "admin:repo_hook", "repo")},
		{name: "hostile-error", about: "403 with escape sequences and bidi controls in its message.", grant: failing(fault{answer: (*call).hostileError})},
	}, brokenGrants()...)
}

// brokenGrants are the tokens that meet a broken host.
func brokenGrants() []namedGrant {
	var grants []namedGrant
	for _, b := range mishaps() {
		grants = append(grants, namedGrant{name: b.name, about: b.about, grant: failing(broken(b.serve))})
	}
	return grants
}
