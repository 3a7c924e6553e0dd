package sandbox

import "time"

// fault is what a token meets in place of an answer, or beside it.
type fault struct {
	// answer stands for every answer of the REST API; nil leaves them.
	answer func(*call)
	// atRepositories keeps it to the repositories of the organization.
	atRepositories bool
	// header goes with every answer.
	header map[string]string
	// git is the text of the 403 that git gets; empty leaves git alone.
	git string
}

// What git says where an organization's policy stops a token.
const (
	gitSSO        = "The 'acme' organization has enabled or enforced SAML SSO. To access\nthis repository, you must re-authorize the OAuth Application or personal access token."
	gitRestricted = "The 'acme' organization has enabled OAuth App access restrictions."
	gitClassic    = "The 'acme' organization forbids access via a personal access token (classic)."
)

func (c *call) ssoRequired() {
	c.w.Header().Set("X-GitHub-SSO", "required; url="+c.h.ssoLink(c.r, c.token))
	c.fail(403, "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
		"/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/")
}

func (c *call) appRestricted() {
	c.fail(403, "Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited. For more information on these restrictions, including how to enable this app, visit https://docs.github.com/articles/restricting-access-to-your-organization-s-data/",
		"/articles/restricting-access-to-your-organization-s-data/")
}

func (c *call) classicForbidden() {
	c.fail(403, "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.",
		"/organizations/managing-programmatic-access-to-your-organization")
}

func (c *call) tooManyLogins() {
	c.fail(403, "Maximum number of login attempts exceeded. Please try again later.", "/rest/overview/resources-in-the-rest-api#failed-login-limit")
}

func (c *call) hostileError() {
	c.fail(403, hostileMessage, "/rest")
}

func primaryLimit(status int) func(*call) {
	return func(c *call) {
		c.setRate(rate{limit: 5000, used: 5000, reset: c.h.sandbox.now().Add(23 * time.Minute)})
		c.fail(status, "API rate limit exceeded for user ID 583231.", "/rest/overview/rate-limits-for-the-rest-api")
	}
}

func secondaryLimit(status int, retryAfter string) func(*call) {
	return func(c *call) {
		if retryAfter != "" {
			c.w.Header().Set("Retry-After", retryAfter)
		}
		c.fail(status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
			"/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits")
	}
}

// broken meets a token with what any broken host does.
func broken(serve breakage) fault {
	return fault{answer: func(c *call) { serve(c.exchange, c.h.api) }}
}
