package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// gitLabFault is what a token meets in place of an answer, or beside it.
type gitLabFault struct {
	// answer stands for every answer of the REST API; nil leaves them.
	answer func(*gitLabCall)
	// atSelf and atProjects keep it to what a token says of itself, and to the
	// projects of the group.
	atSelf, atProjects bool
	// header goes with every answer.
	header map[string]string
}

// meets reports whether the fault stands before an endpoint.
func (f gitLabFault) meets(e gitLabEndpoint) bool {
	switch {
	case f.answer == nil:
		return false
	case f.atSelf || f.atProjects:
		return f.atSelf && e.self || f.atProjects && e.project
	default:
		return true
	}
}

// What a 401 or 403 says, in the words of GitLab's API.
const (
	tokenExpired = "Token is expired. You can either do re-authorization or token refresh."
	tokenRevoked = "Token was revoked. You have to re-authorize from the user."
	noScope      = "The request requires higher privileges than provided by the access token."
)

func (c *gitLabCall) unauthorized() { c.message(401, "401 Unauthorized") }

func (c *gitLabCall) impersonationDisabled() {
	c.invalid("invalid_token", "Token is an impersonation token but impersonation was disabled.")
}

func (c *gitLabCall) dpopMissing() {
	c.invalid("dpop_error", "DPoP validation error: DPoP header is missing")
}

func (c *gitLabCall) ownerBlocked() {
	c.message(403, "403 Forbidden - Your account has been blocked.")
}

func (c *gitLabCall) termsNotAccepted() {
	c.message(403, "403 Forbidden - You (@"+c.token.owner+") must accept the Terms of Service in order to perform this action. "+
		"To accept these terms, please access GitLab from a web browser at "+c.h.webURL(c.r)+".")
}

func (c *gitLabCall) hostileError() { c.message(403, "403 Forbidden - "+hostileMessage) }

// insufficient refuses a token whose scopes are not among those that are taken
// here, which the answer lists.
func (c *gitLabCall) insufficient(taken string) {
	c.json(403, map[string]string{"error": "insufficient_scope", "error_description": noScope, "scope": taken})
}

// lacks refuses a fine-grained token that was not given a permission.
func (c *gitLabCall) lacks(p gitLabPermission) {
	c.json(403, map[string]string{
		"error": "insufficient_granular_scope",
		"error_description": "Access denied: This operation requires a fine-grained personal access token with the following " +
			p.boundary + " permissions: [" + p.name + "].",
	})
}

// granularOnly is what a classic token hears in a group that takes fine-grained
// ones alone: the same words.
func (c *gitLabCall) granularOnly() { c.lacks(readProject) }

// noSuchRoute is what GitLab's API says of an address that it does not know.
func (c *gitLabCall) noSuchRoute() { c.json(404, map[string]string{"error": "404 Not Found"}) }

// throttled is the limit of the instance: plain text, the rest in headers.
func (c *gitLabCall) throttled() {
	until := c.h.sandbox.now().Truncate(time.Minute).Add(time.Minute)
	c.setRate(rate{limit: rateLimit, used: rateLimit, reset: until})
	header := c.w.Header()
	header.Set("RateLimit-Observed", strconv.Itoa(rateLimit+1))
	header.Set("RateLimit-ResetTime", until.UTC().Format(http.TimeFormat))
	header.Set("Retry-After", strconv.Itoa(seconds(until.Sub(c.h.sandbox.now()))))
	c.throttledBare()
}

// throttledBare is a limit of the application, which tells nothing more.
func (c *gitLabCall) throttledBare() {
	c.w.Header().Set("Content-Type", "text/plain")
	c.w.WriteHeader(http.StatusTooManyRequests)
	c.send("Retry later\n")
}
