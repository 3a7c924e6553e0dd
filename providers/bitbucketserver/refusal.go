package bitbucketserver

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// usualPause is how long to wait where the host does not say.
const usualPause = time.Minute

// trouble is the first error of an answer in Bitbucket's form for them.
type trouble struct {
	Message   string `json:"message"`
	Exception string `json:"exceptionName"`
}

func troubleOf(a wire.Answer) (trouble, bool) {
	var body struct {
		Errors []trouble `json:"errors"`
	}
	if a.JSON(&body) != nil || len(body.Errors) == 0 {
		return trouble{}, false
	}
	return body.Errors[0], true
}

// captcha reports whether the host first wants to see a person.
func (t trouble) captcha() bool {
	return strings.HasSuffix(t.Exception, ".CaptchaRequiredAuthenticationException")
}

// notPermitted reports whether a token was accepted and lacks a permission,
// which this host tells with the status of tokens that are not accepted.
func notPermitted(a wire.Answer) bool {
	t, understood := troubleOf(a)
	switch a.Status {
	case http.StatusUnauthorized:
		return account(a) != ""
	case http.StatusForbidden:
		return understood && strings.HasSuffix(t.Exception, ".AuthorisationException") && account(a) != ""
	default:
		return false
	}
}

// notThere reports whether the host itself says that there is no such thing.
func notThere(a wire.Answer) bool {
	_, understood := troubleOf(a)
	return a.Status == http.StatusNotFound && understood
}

// refusal reads an answer that is no yes, and no permission that is missing.
// What is not in Bitbucket's form comes from somewhere on the way, and says
// nothing about the token.
func refusal(h providers.Host, a wire.Answer) cause.Cause {
	c := cause.Cause{Host: a.Host, Status: a.Status}
	t, understood := troubleOf(a)
	switch {
	case a.Status >= http.StatusInternalServerError:
		c.Kind = cause.ServerError
	case a.Status == http.StatusTooManyRequests:
		c.Kind, c.Until = cause.RateLimited, cmp.Or(a.Again(), a.At.Add(usualPause).UTC())
	case a.Status == http.StatusNotFound:
		c.Kind = cause.WrongHost
	case understood && t.captcha():
		c.Kind, c.URL = cause.Captcha, h.WebURL
	case a.Status == http.StatusOK && forAnybody(a):
		c.Kind = cause.Rejected
	case a.Status == http.StatusUnauthorized && (understood || a.Has("X-AREQUESTID")):
		c.Kind, c.Detail = cause.Rejected, wire.Clean(t.Message)
	case a.Status == http.StatusForbidden && understood:
		c.Kind, c.Detail = cause.Restricted, wire.Clean(t.Message)
	default:
		return a.NotUnderstood()
	}
	return c
}

// forAnybody reports whether the host answered as if there were no token.
func forAnybody(a wire.Answer) bool {
	var body map[string]json.RawMessage
	return account(a) == "" && a.Has("X-AREQUESTID") && a.JSON(&body) == nil
}
