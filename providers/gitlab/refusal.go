package gitlab

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Errors that say what a token lacks, and that it works.
const (
	noScope      = "insufficient_scope"
	noPermission = "insufficient_granular_scope" // of a fine-grained token; or none is used where they must be
)

// usualPause is how long to wait where GitLab does not say.
const usualPause = time.Minute

// errorBody is both of GitLab's forms for errors.
type errorBody struct {
	Message     string `json:"message"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Scope       string `json:"scope"` // those that are taken, with blanks between
}

// oauthError is the code of an error in the form of OAuth, empty where the
// answer is none.
func oauthError(a wire.Answer) string {
	var body errorBody
	if a.JSON(&body) != nil {
		return ""
	}
	return body.Error
}

// accepted are the scopes of which any would have been enough; empty where the
// answer does not tell them as scopes are written.
func accepted(a wire.Answer) string {
	var body errorBody
	if a.JSON(&body) != nil || !scopes().MatchString(body.Scope) {
		return ""
	}
	return body.Scope
}

var scopes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z_]{1,40}( [a-z_]{1,40}){0,4}$`) })

// GitLab has the status before a message, and names an error in one word; what
// is on the way has forms of its own.
var (
	ownMessage = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^40[13] `) })
	ownError   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`) })
)

// refusal reads an answer that is not 200. What is not in one of GitLab's forms
// comes from somewhere on the way, and says nothing about the token.
func refusal(a wire.Answer) cause.Cause {
	c := cause.Cause{Host: a.Host, Status: a.Status}
	var body errorBody
	understood := a.JSON(&body) == nil && (ownMessage().MatchString(body.Message) || ownError().MatchString(body.Error))
	switch {
	case a.Status >= http.StatusInternalServerError:
		c.Kind = cause.ServerError
	case a.Status == http.StatusTooManyRequests:
		c.Kind, c.Until = cause.RateLimited, until(a)
	case a.Status == http.StatusNotFound:
		c.Kind = cause.WrongHost
	case a.Status == http.StatusUnauthorized && understood:
		c.Kind, c.Detail = unauthorized(body), body.words()
	case a.Status == http.StatusForbidden && understood:
		c.Kind, c.Detail = cause.Restricted, body.words()
	default:
		return a.NotUnderstood()
	}
	return c
}

// words are the host's own, without the status before them.
func (b errorBody) words() string {
	if b.Description != "" {
		return wire.Clean(b.Description)
	}
	return wire.Clean(strings.TrimPrefix(b.Message, "403 Forbidden - "))
}

// unauthorized tells the reasons of a 401 apart. GitLab looks for the end of a
// token before it looks for its revocation, and forgets old ones altogether.
func unauthorized(body errorBody) cause.Kind {
	switch {
	case strings.HasPrefix(body.Description, "Token is expired"):
		return cause.Expired
	case strings.HasPrefix(body.Description, "Token was revoked"):
		return cause.Revoked
	case strings.HasPrefix(body.Description, "Token is an impersonation token"), body.Error == "dpop_error":
		return cause.Restricted
	default:
		return cause.Rejected
	}
}

// until is when a limit ends: GitLab answers a limit with plain text and tells
// the rest in headers, if at all.
func until(a wire.Answer) time.Time {
	now := a.At
	if again := a.Again(); !again.IsZero() {
		return again
	}
	if epoch, err := strconv.ParseInt(a.Header("RateLimit-Reset"), 10, 64); err == nil {
		if at := time.Unix(epoch, 0); at.After(now) && at.Sub(now) <= wire.LongestPause {
			return at.UTC()
		}
	}
	return now.Add(usualPause).UTC()
}
