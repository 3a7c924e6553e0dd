package sandbox

import (
	"slices"
	"time"
)

// namedGitLabToken is a token that every sandbox knows, and what stands behind
// it.
type namedGitLabToken struct {
	name, about string
	token       gitLabToken
	// lasts is the time until it expires; zero is for ever. It is counted to
	// the date, except with OAuth tokens.
	lasts time.Duration
	// unknown tokens are nowhere to be found.
	unknown bool
}

func (n namedGitLabToken) text(provider string) string {
	if n.token.oauth() {
		return bareFake(bareToken, provider+" "+n.name)
	}
	prefix := "sandbox"
	if provider == gitLabServer {
		prefix = "glSandbox"
	}
	return "glpat-" + fake(prefix, n.name, 46) + routed
}

func gitLabTokens(provider string) []Token {
	var tokens []Token
	for _, n := range namedGitLabTokens() {
		tokens = append(tokens, Token{Name: n.name, Text: n.text(provider), Provider: provider, About: n.about})
	}
	return tokens
}

func gitLabPAT(owner string, scopes ...string) gitLabToken {
	return gitLabToken{owner: owner, scopes: scopes}
}

func gitLabOAuth(owner string, scopes ...string) gitLabToken {
	return gitLabToken{owner: owner, scopes: scopes, client: namedGitLabApps[0].name}
}

func fineGrainedPAT(permissions ...gitLabPermission) gitLabToken {
	return gitLabToken{owner: robot, scopes: granularScopes, permissions: permissions}
}

// gitLabFailing is a token that has every right and meets a fault all the same.
func gitLabFailing(f gitLabFault) gitLabToken {
	return gitLabToken{owner: robot, scopes: []string{"api", "read_repository"}, fault: f}
}

func gitLabDated(date string) gitLabToken {
	t := gitLabPAT(robot, "api", "read_repository")
	t.dated = date
	return t
}

func revokedGitLab(t gitLabToken) gitLabToken {
	t.revoked = true
	return t
}

func namedGitLabTokens() []namedGitLabToken {
	return append([]namedGitLabToken{
		// Tokens that work.
		{name: "runtime", about: "Personal token of acme-bot with api and read_repository: all that a runtime needs.", token: gitLabPAT(robot, "api", "read_repository"), lasts: 300 * day},
		{name: "user", about: "Personal token of octocat with write_repository and read_api: all that a person needs.", token: gitLabPAT(person, "write_repository", "read_api"), lasts: 300 * day},
		{name: "person-runtime", about: "Right for a runtime, but it belongs to the person octocat.", token: gitLabPAT(person, "api", "read_repository"), lasts: 300 * day},
		{name: "api-only", about: "Personal token of acme-bot with api alone, which includes the rest.", token: gitLabPAT(robot, "api"), lasts: 300 * day},
		{name: "oauth", about: "OAuth token of acme-bot with api and read_repository, for two hours.", token: gitLabOAuth(robot, "api", "read_repository"), lasts: oauthLifetime},
		{name: "project-bot", about: "Project access token of the project acme/app: its owner is a bot of that project alone.", token: gitLabPAT(projectBot, "api", "read_repository"), lasts: 300 * day},
		{name: "group-bot", about: "Group access token of the group acme: its owner is a bot of that group.", token: gitLabPAT(groupBot, "api", "read_repository"), lasts: 300 * day},
		{name: "service-account", about: "Token of a service account, which never expires.", token: gitLabPAT(serviceAccount, "api", "read_repository")},
		{name: "too-broad", about: "Has what a runtime needs, and admin_mode, create_runner and sudo besides.", token: gitLabPAT(robot, "admin_mode", "api", "create_runner", "read_repository", "sudo"), lasts: 300 * day},
		{name: "self-rotate", about: "Reads the API and may rotate itself.", token: gitLabPAT(robot, "read_api", "self_rotate"), lasts: 300 * day},

		// Tokens that lack something.
		{name: "no-webhooks", about: "Personal token of acme-bot with read_api and read_repository: api is missing.", token: gitLabPAT(robot, "read_api", "read_repository"), lasts: 300 * day},
		{name: "write-repository", about: "Personal token of octocat with write_repository alone: the API answers 403 insufficient_scope.", token: gitLabPAT(person, "write_repository"), lasts: 300 * day},
		{name: "read-user", about: "Personal token of octocat with read_user alone: it tells its owner and does nothing else.", token: gitLabPAT(person, "read_user"), lasts: 300 * day},
		{name: "oauth-repository", about: "OAuth token of octocat with write_repository alone: it may not even ask for its owner.", token: gitLabOAuth(person, "write_repository"), lasts: oauthLifetime},
		{name: "fine-grained", about: "Fine-grained token of acme-bot with every permission that a runtime needs; its scopes tell none of them.", token: fineGrainedPAT(readSelf, rotateSelf, revokeSelf, readUser, readMetadata, readProject, readWebhooks, createWebhooks, readCode, writeCode), lasts: 300 * day},
		{name: "fine-grained-blind", about: "The same without Personal Access Token: Read: it may not ask about itself, and 403 says so.", token: fineGrainedPAT(readUser, readProject, readWebhooks, readCode, writeCode), lasts: 300 * day},
		{name: "fine-grained-code", about: "Fine-grained token that reads code and nothing else: the API answers 403 everywhere.", token: fineGrainedPAT(readCode), lasts: 300 * day},

		// Tokens that end.
		{name: "expires-in-90-days", about: "Expires on the date 90 days after the sandbox started.", token: gitLabPAT(robot, "api", "read_repository"), lasts: 90 * day},
		{name: "expires-in-7-days", about: "Expires on the date 7 days after the sandbox started.", token: gitLabPAT(robot, "api", "read_repository"), lasts: 7 * day},
		{name: "expiry-unreadable", about: "Works; its date of expiry cannot be read.", token: gitLabDated("soon"), lasts: 300 * day},
		{name: "expired", about: "Expired a day before the sandbox started: 401 invalid_token says so.", token: gitLabPAT(robot, "api", "read_repository"), lasts: -day},
		{name: "revoked", about: "Revoked: 401 invalid_token says so.", token: revokedGitLab(gitLabPAT(robot, "api", "read_repository")), lasts: 300 * day},
		{name: "expired-revoked", about: "Both: GitLab looks for the expiry first.", token: revokedGitLab(gitLabPAT(robot, "api", "read_repository")), lasts: -day},
		{name: "unknown", about: "Deleted long ago, or never there: 401 Unauthorized and no reason.", token: gitLabPAT(robot), unknown: true},
		{name: "oauth-expired", about: "OAuth token that expired a day before the sandbox started.", token: gitLabOAuth(robot, "api", "read_repository"), lasts: -day},
		{name: "oauth-revoked", about: "OAuth token that was revoked.", token: revokedGitLab(gitLabOAuth(robot, "api", "read_repository")), lasts: oauthLifetime},

		// Tokens that a policy stops.
		{name: "impersonation", about: "401: an impersonation token, and impersonation is disabled.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).impersonationDisabled})},
		{name: "dpop", about: "401 dpop_error: its owner demands a proof of possession with every request.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).dpopMissing})},
		{name: "blocked", about: "403: its owner is blocked.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).ownerBlocked})},
		{name: "terms", about: "403: its owner has not accepted the Terms of Service.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).termsNotAccepted})},
		{name: "fine-grained-only", about: "Works, but the group acme takes fine-grained tokens alone: 403 insufficient_granular_scope at its projects.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).granularOnly, atProjects: true})},

		// Tokens that meet a limit, or an old host.
		{name: "rate-limit", about: "429 in plain text; RateLimit headers and Retry-After say until when.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).throttled})},
		{name: "rate-limit-bare", about: "429 in plain text and nothing else.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).throttledBare})},
		{name: "old-host", about: "Works at a host older than 15.5, which has nothing that tells the scopes of a token: 404.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).noSuchRoute, atSelf: true})},

		// Tokens that meet a host which lies about what it sends, or is hostile.
		{name: "wrong-type", about: "200 with the right JSON called text/html.", token: gitLabFailing(gitLabFault{header: map[string]string{"Content-Type": "text/html; charset=utf-8"}})},
		{name: "hostile-login", about: "Works; the user name holds escape sequences and bidi controls.", token: gitLabPAT(hostileLogin, "api", "read_repository")},
		{name: "hostile-scope", about: "Works; a scope holds escape sequences.", token: gitLabPAT(robot, "api", "\x1b[2Jsudo\x07")},
		{name: "hostile-error", about: "403 with escape sequences and bidi controls in its message.", token: gitLabFailing(gitLabFault{answer: (*gitLabCall).hostileError})},
	}, brokenGitLabTokens()...)
}

// brokenGitLabTokens are the tokens that meet a broken host.
func brokenGitLabTokens() []namedGitLabToken {
	var tokens []namedGitLabToken
	for _, b := range mishaps() {
		tokens = append(tokens, namedGitLabToken{name: b.name, about: b.about, token: gitLabFailing(gitLabFault{
			answer: func(c *gitLabCall) { b.serve(c.exchange, c.h.api) },
		})})
	}
	return slices.Clip(tokens)
}
