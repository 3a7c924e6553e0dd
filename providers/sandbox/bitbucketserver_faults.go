package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// dataCenterFault is what a token meets in place of an answer, or beside it.
type dataCenterFault struct {
	// answer stands for every answer of the REST API; nil leaves them.
	answer func(*dataCenterCall)
	// at keeps it to the endpoints of that name.
	at string
	// nobody leaves X-AUSERNAME out of the answer.
	nobody bool
	// header goes with every answer.
	header map[string]string
}

// meets reports whether the fault stands before an endpoint.
func (f dataCenterFault) meets(e dataCenterEndpoint) bool {
	return f.answer != nil && (f.at == "" || f.at == e.name)
}

// What a 401 or 403 says, in the words of Bitbucket's API.
const (
	notPermittedText   = "You are not permitted to access this resource"
	badCredentialsText = "Authentication failed. Please check your credentials and try again."
	captchaText        = "CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA to be solved before you may log in again."
)

// fails answers in Bitbucket's form for errors.
func (c *dataCenterCall) fails(status int, text, exception string) {
	c.json(status, map[string]any{"errors": []any{map[string]any{
		"context": nil, "message": text, "exceptionName": "com.atlassian.bitbucket." + exception,
	}}})
}

func (c *dataCenterCall) notPermitted() {
	c.fails(http.StatusUnauthorized, notPermittedText, "AuthorisationException")
}

func (c *dataCenterCall) badCredentials() {
	c.fails(http.StatusUnauthorized, badCredentialsText, "auth.IncorrectPasswordAuthenticationException")
}

func (c *dataCenterCall) captcha() {
	c.fails(http.StatusForbidden, captchaText, "auth.CaptchaRequiredAuthenticationException")
}

func (c *dataCenterCall) filtered() {
	c.fails(http.StatusForbidden, "HTTP access tokens are disabled on this instance.", "auth.AuthenticationException")
}

func (c *dataCenterCall) hostileError() {
	c.fails(http.StatusForbidden, hostileMessage, "auth.AuthenticationException")
}

func (c *dataCenterCall) noSuchProject(key string) {
	c.fails(http.StatusNotFound, "Project "+key+" does not exist.", "project.NoSuchProjectException")
}

func (c *dataCenterCall) noSuchRepository(path string) {
	c.fails(http.StatusNotFound, "Repository "+path+" does not exist.", "repository.NoSuchRepositoryException")
}

// noSuchResource is what the API says of an address that it does not know.
func (c *dataCenterCall) noSuchResource() {
	c.json(http.StatusNotFound, map[string]any{"status-code": 404, "sub-code": -1, "message": "null for uri: " + c.r.URL.Path})
}

// throttled is the limit of the account, a bucket of tokens that fills up
// again.
func (c *dataCenterCall) throttled() {
	c.w.Header().Set("Retry-After", strconv.Itoa(seconds(30*time.Second)))
	c.throttledBare()
}

func (c *dataCenterCall) throttledBare() {
	c.fails(http.StatusTooManyRequests, "You have made too many requests. Try again later.", "ratelimit.RateLimitExceededException")
}
