package github

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// secondaryPause is how long to wait where GitHub does not say.
const secondaryPause = time.Minute

// ownWords are those of GitHub where something on the way has dropped the rest:
// a gateway has words of its own, which say nothing about a token.
var ownWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)bad credentials|requires authentication|organization|enterprise|\bSAML\b|not accessible by|login attempts|personal access token|OAuth App`)
})

// refusal reads an answer that is not 200. The order matters: a 403 is a limit
// or a policy far more often than it is the token.
func refusal(h providers.Host, a wire.Answer) cause.Cause {
	c := cause.Cause{Host: a.Host, Status: a.Status}
	var body struct {
		Message string `json:"message"`
		Docs    string `json:"documentation_url"`
	}
	understood := a.JSON(&body) == nil && (body.Docs != "" || a.Has(headerRequest) || ownWords().MatchString(body.Message))
	c.Detail = wire.Clean(body.Message)
	switch {
	case a.Status >= http.StatusInternalServerError:
		c.Kind, c.Detail = cause.ServerError, ""
	case a.Status == http.StatusUnauthorized && understood && c.Detail != "":
		c.Kind = cause.Rejected
	case a.Status == http.StatusForbidden || a.Status == http.StatusTooManyRequests:
		return forbidden(h, a, c, body.Docs, understood)
	case a.Status == http.StatusNotFound:
		c.Kind = cause.WrongHost
	default:
		return a.NotUnderstood()
	}
	return c
}

func forbidden(h providers.Host, a wire.Answer, c cause.Cause, docs string, understood bool) cause.Cause {
	until, limited := limit(a, docs)
	switch {
	case a.Has(headerSSO):
		c.Kind, c.URL = cause.SSO, ssoPage(h, a)
	case limited:
		c.Kind, c.Until = cause.RateLimited, until
	case strings.Contains(c.Detail, "login attempts"):
		c.Kind, c.Until = cause.FailedLogins, a.At.Add(secondaryPause).UTC()
	case !understood || c.Detail == "":
		return a.NotUnderstood()
	case strings.Contains(c.Detail, "SAML"):
		c.Kind = cause.SSO
	default:
		c.Kind, c.Org = cause.Restricted, organization(c.Detail)
	}
	return c
}

// limit reports when a rate limit ends, and whether there is one.
func limit(a wire.Answer, docs string) (time.Time, bool) {
	now := a.At
	if again := a.Again(); !again.IsZero() {
		return again, true
	}
	if a.Header("X-RateLimit-Remaining") == "0" {
		if epoch, err := strconv.ParseInt(a.Header("X-RateLimit-Reset"), 10, 64); err == nil {
			return clamp(time.Unix(epoch, 0), now).UTC(), true
		}
		return now.Add(secondaryPause).UTC(), true
	}
	secondary := strings.Contains(docs, "secondary-rate-limits") || strings.Contains(docs, "abuse-rate-limits")
	limited := secondary || a.Status == http.StatusTooManyRequests || a.Has("Retry-After")
	return now.Add(secondaryPause).UTC(), limited
}

func clamp(at, now time.Time) time.Time {
	if at.Before(now) {
		return now
	}
	if at.Sub(now) > wire.LongestPause {
		return now.Add(wire.LongestPause)
	}
	return at
}

// ssoPage is the address in "required; url=https://…", if it may be opened.
func ssoPage(h providers.Host, a wire.Answer) string {
	_, sent, _ := strings.Cut(a.Header(headerSSO), "url=")
	page, _ := address.OnSite(h.WebURL, strings.TrimSpace(sent))
	return page
}

// organization is the name that GitHub sets in backquotes in its policy texts.
func organization(message string) string {
	_, after, found := strings.Cut(message, "`")
	name, _, closed := strings.Cut(after, "`")
	if !found || !closed {
		return ""
	}
	return name
}
