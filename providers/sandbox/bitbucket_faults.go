package sandbox

import "net/http"

// bitbucketFault is what a token meets in place of an answer, or beside it.
type bitbucketFault struct {
	// answer stands for every answer of the REST API; nil leaves them.
	answer func(*bitbucketCall)
	// atRepositories keeps it to the repositories of the workspace.
	atRepositories bool
	// header goes with every answer, silent leaves out what tells of the token.
	header map[string]string
	silent bool
	// inWords explains a missing scope in words.
	inWords bool
	// edit changes what the account is told to be.
	edit func(account map[string]any)
	// wavers answers 401 to every other request, the first included.
	wavers bool
}

func (c *bitbucketCall) addressRefused() {
	c.fail(http.StatusForbidden, "To access this workspace, an admin must whitelist your IP.")
}

func (c *bitbucketCall) bareForbidden() { c.fail(http.StatusForbidden, "Forbidden") }

// refusedBare is how a 401 looks that Bitbucket sends before it looks at
// anything: no body, and its own name in the challenge.
func (c *bitbucketCall) refusedBare() {
	c.w.Header().Set("WWW-Authenticate", `BitbucketCustom realm="Bitbucket.org HTTP"`)
	c.w.WriteHeader(http.StatusUnauthorized)
}

// refusedByProxy is a 401 of somebody else on the way.
func (c *bitbucketCall) refusedByProxy() {
	c.w.Header().Set("WWW-Authenticate", `Basic realm="proxy"`)
	sendHTMLError(c.w, http.StatusUnauthorized)
}

func (c *bitbucketCall) throttled() {
	c.w.Header().Set("Retry-After", "120")
	c.throttledBare()
}

func (c *bitbucketCall) throttledBare() {
	c.fail(http.StatusTooManyRequests, "Rate limit for this resource has been exceeded")
}

func (c *bitbucketCall) hostileError() { c.fail(http.StatusForbidden, hostileMessage) }
