package sandbox

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

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
	c.fail(403, "\x1b]0;owned\x07\x1b[2J\x1b[31mAccess granted\x1b[0m \u202egnihton\u202c\u2066\r\nSee https://evil.example", "/rest")
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

// content answers 200 with a body as it is.
func content(contentType, body string) func(*call) {
	return func(c *call) {
		c.w.Header().Set("Content-Type", contentType)
		c.send(body)
	}
}

func htmlPage(status int) func(*call) {
	return func(c *call) { sendHTMLError(c.w, status) }
}

func sendHTMLError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><head><title>"+strconv.Itoa(status)+" &middot; GitHub</title></head>\n"+
		"<body><p><strong>This page is taking too long to load.</strong></p></body></html>\n")
}

// redirect points at another name of this machine, where Requests would show
// a client that follows.
func redirect(status int) func(*call) {
	return func(c *call) {
		name, port, err := net.SplitHostPort(c.r.Host)
		if err != nil {
			name = c.r.Host
		}
		other := "localhost"
		if name == other {
			other = "127.0.0.1"
		}
		if port != "" {
			other = net.JoinHostPort(other, port)
		}
		c.w.Header().Set("Location", fmt.Sprintf("http://%s%s/elsewhere", other, c.h.api))
		c.w.WriteHeader(status)
	}
}

const tenMegabytes = 10 << 20

func (c *call) large() {
	c.jsonHeader()
	c.send(`{"login":"acme-bot","bio":"` + strings.Repeat("a", tenMegabytes) + `"}`)
}

func (c *call) endless() {
	c.jsonHeader()
	c.pour(c.w, -1)
}

func (c *call) gzipBomb() {
	c.jsonHeader()
	c.w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(c.w)
	c.pour(z, 1<<30)
	_ = z.Close()
}

// pour writes one long JSON text of at least n bytes, without an end where n
// is negative, until the client has gone.
func (c *call) pour(w io.Writer, n int) {
	chunk := strings.Repeat("a", 64<<10)
	_, err := io.WriteString(w, `{"login":"`)
	for sent := 0; err == nil && c.r.Context().Err() == nil && (n < 0 || sent < n); sent += len(chunk) {
		_, err = io.WriteString(w, chunk)
	}
}

func (c *call) slow() {
	c.jsonHeader()
	c.send(`{"login":"acme-`)
	_ = http.NewResponseController(c.w).Flush()
	<-c.r.Context().Done()
}

func (c *call) silent() { <-c.r.Context().Done() }

func (c *call) dropped() { hangUp(c.w) }

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 has no connection of its own to close; this ends the stream.
		panic(http.ErrAbortHandler)
	}
	_ = connection.Close()
}
