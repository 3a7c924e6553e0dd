package sandbox

import (
	"slices"
	"time"
)

// namedDataCenterToken is a token that every sandbox knows, and what stands
// behind it.
type namedDataCenterToken struct {
	name, about string
	token       dataCenterToken
	// lasts is the time until it expires; zero is for ever.
	lasts time.Duration
	// unknown tokens are nowhere to be found.
	unknown bool
}

// text is that of the token at a place in the list.
func (n namedDataCenterToken) text(place int) string {
	if n.token.oauth() {
		return bareFake(bareDataCenter, dataCenterKind+" "+n.name)
	}
	return dataCenterText(dataCenterID(place), fake("sandbox", n.name, dataCenterTail))
}

func dataCenterTokens() []Token {
	var tokens []Token
	for i, n := range namedDataCenterTokens() {
		tokens = append(tokens, Token{Name: n.name, Text: n.text(i), Provider: dataCenterKind, About: n.about})
	}
	return tokens
}

// httpToken is an HTTP access token: what it may do in projects, and in
// repositories.
func httpToken(owner string, project, repository dataCenterLevel) dataCenterToken {
	return dataCenterToken{owner: owner, project: project, repository: repository}
}

func dataCenterOAuth(owner string, scopes ...string) dataCenterToken {
	return dataCenterToken{owner: owner, client: namedDataCenterApps[0].name}.grant(scopes)
}

// dataCenterFailing is a token that has every right and meets a fault all the
// same.
func dataCenterFailing(f dataCenterFault) dataCenterToken {
	t := httpToken(robot, adminLevel, adminLevel)
	t.fault = f
	return t
}

func revokedDataCenter(t dataCenterToken, told string) dataCenterToken {
	t.revoked, t.told = true, told
	return t
}

func namedDataCenterTokens() []namedDataCenterToken {
	return append([]namedDataCenterToken{
		// Tokens that work.
		{name: "runtime", about: "Personal token of acme-bot with Project admin and Repository admin: all that a runtime needs.", token: httpToken(robot, adminLevel, adminLevel), lasts: 300 * day},
		{name: "user", about: "Personal token of octocat with Project read and Repository admin: all that a person needs.", token: httpToken(person, readLevel, adminLevel), lasts: 300 * day},
		{name: "repository-admin", about: "Personal token of acme-bot with Repository admin: Project admin is missing.", token: httpToken(robot, readLevel, adminLevel), lasts: 300 * day},
		{name: "repository-write", about: "Personal token of octocat with Repository write: enough to clone and to push.", token: httpToken(person, readLevel, writeLevel), lasts: 300 * day},
		{name: "repository-read", about: "Personal token of octocat with Repository read: it clones and does nothing else.", token: httpToken(person, readLevel, readLevel), lasts: 300 * day},
		{name: "project-write", about: "Personal token of acme-bot with Project write and Repository write.", token: httpToken(robot, writeLevel, writeLevel), lasts: 300 * day},
		{name: "lower-role", about: "Personal token of octocat with Project admin, which octocat has in no project but its own.", token: httpToken(person, adminLevel, adminLevel), lasts: 300 * day},
		{name: "project-token", about: "Token of the project ACME with Project admin: as Bearer alone, and in that project alone.", token: httpToken(projectTokens, adminLevel, adminLevel), lasts: 300 * day},
		{name: "repository-token", about: "Token of the repository ACME/app with Repository admin: as Bearer alone, and in that repository alone.", token: httpToken(repoTokens, noLevel, adminLevel), lasts: 300 * day},
		{name: "mail-name", about: "Personal token of runtime@acme.example, whose slug is runtime_acme.example.", token: httpToken(mailAccount, adminLevel, adminLevel), lasts: 300 * day},
		{name: "endless-life", about: "Personal token of acme-bot that never expires, which it cannot tell.", token: httpToken(robot, adminLevel, adminLevel)},
		{name: "oauth", about: "OAuth token of acme-bot with PROJECT_ADMIN, for an hour.", token: dataCenterOAuth(robot, "PROJECT_ADMIN"), lasts: dataCenterLifetime},
		{name: "oauth-write", about: "OAuth token of octocat with REPO_WRITE, for an hour.", token: dataCenterOAuth(person, "REPO_WRITE"), lasts: dataCenterLifetime},

		// Tokens that are not accepted.
		{name: "expired", about: "Expired a day before the sandbox started: 200 without X-AUSERNAME where anybody may ask, else 401.", token: httpToken(robot, adminLevel, adminLevel), lasts: -day},
		{name: "revoked", about: "Revoked: the same.", token: revokedDataCenter(httpToken(robot, adminLevel, adminLevel), ""), lasts: 300 * day},
		{name: "anonymous", about: "Revoked: 200 where anybody may ask, and X-AUSERNAME is anonymous.", token: revokedDataCenter(httpToken(robot, adminLevel, adminLevel), "anonymous"), lasts: 300 * day},
		{name: "unknown", about: "Deleted, or never there: 200 without X-AUSERNAME where anybody may ask, else 401.", unknown: true},
		{name: "refused", about: "Not accepted: 401 everywhere, as of a host that refuses bad tokens before it looks at the address.", token: dataCenterFailing(dataCenterFault{nobody: true, answer: (*dataCenterCall).badCredentials})},
		{name: "oauth-expired", about: "OAuth token that expired a day before the sandbox started.", token: dataCenterOAuth(robot, "PROJECT_ADMIN"), lasts: -day},

		// Tokens that are accepted and hindered.
		{name: "captcha", about: "403: sign-ins of its account failed too often, and it has to solve a CAPTCHA at the sign-in page.", token: dataCenterFailing(dataCenterFault{nobody: true, answer: (*dataCenterCall).captcha})},
		{name: "forbidden", about: "403: a filter of the host lets no tokens in.", token: dataCenterFailing(dataCenterFault{answer: (*dataCenterCall).filtered})},
		{name: "no-properties", about: "Works, but 401 with X-AUSERNAME where others read the version.", token: dataCenterFailing(dataCenterFault{answer: (*dataCenterCall).notPermitted, at: "properties"})},
		{name: "no-users", about: "Works, but 401 with X-AUSERNAME at the accounts.", token: dataCenterFailing(dataCenterFault{answer: (*dataCenterCall).notPermitted, at: "users"})},
		{name: "dies-at-project", about: "Works until it is used on a project: 401 without X-AUSERNAME.", token: dataCenterFailing(dataCenterFault{nobody: true, answer: (*dataCenterCall).badCredentials, at: "project"})},
		{name: "rate-limit", about: "429 with Retry-After.", token: dataCenterFailing(dataCenterFault{answer: (*dataCenterCall).throttled})},
		{name: "rate-limit-bare", about: "429 and nothing more.", token: dataCenterFailing(dataCenterFault{answer: (*dataCenterCall).throttledBare})},

		// Tokens that meet a host which lies about what it sends, or is hostile.
		{name: "wrong-type", about: "200 with the right JSON called text/html.", token: dataCenterFailing(dataCenterFault{header: map[string]string{"Content-Type": "text/html; charset=utf-8"}})},
		{name: "hostile-name", about: "Works; the name of its account holds escape sequences and bidi controls.", token: httpToken(hostileLogin, adminLevel, adminLevel)},
		{name: "hostile-error", about: "403 with escape sequences and bidi controls in its message.", token: dataCenterFailing(dataCenterFault{answer: (*dataCenterCall).hostileError})},
	}, brokenDataCenterTokens()...)
}

// brokenDataCenterTokens are the tokens that meet a broken host.
func brokenDataCenterTokens() []namedDataCenterToken {
	var tokens []namedDataCenterToken
	for _, b := range mishaps() {
		tokens = append(tokens, namedDataCenterToken{name: b.name, about: b.about, token: dataCenterFailing(dataCenterFault{
			nobody: true, answer: func(c *dataCenterCall) { b.serve(c.exchange, c.h.api) },
		})})
	}
	return slices.Clip(tokens)
}
