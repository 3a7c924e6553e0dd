package bitbucket

import (
	"encoding/json"
	"net/http"
	"strings"

	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// problem is an error in the form that Bitbucket's API has for all of them.
type problem struct {
	message string
	// required and granted are the scopes that a refusal compares, nil where it
	// compares none.
	required, granted []string
	detail            string // where the host explains in words
}

// read is the problem in an answer; false where the answer is not in the form of
// the API and so comes from somewhere on the way. The description of the API
// calls the detail a text, and the host sends objects too.
func read(a wire.Answer) (problem, bool) {
	var body struct {
		Type  string `json:"type"`
		Error struct {
			Message string          `json:"message"`
			Detail  json.RawMessage `json:"detail"`
		} `json:"error"`
	}
	if a.JSON(&body) != nil || body.Type != "error" || body.Error.Message == "" {
		return problem{}, false
	}
	found := problem{message: wire.Clean(body.Error.Message)}
	var compared struct {
		Required json.RawMessage `json:"required"`
		Granted  json.RawMessage `json:"granted"`
	}
	if json.Unmarshal(body.Error.Detail, &compared) == nil {
		found.required, found.granted = scopesIn(compared.Required), scopesIn(compared.Granted)
		return found, true
	}
	var text string
	if json.Unmarshal(body.Error.Detail, &text) == nil {
		found.detail = wire.Clean(text)
	}
	return found, true
}

// aboutScopes reports whether the problem is a scope that the token lacks. Such
// a token works.
func (p problem) aboutScopes() bool {
	const said = "privilege scopes"
	return p.required != nil || p.granted != nil || strings.Contains(p.message, said) || strings.Contains(p.detail, said)
}

// policy reports whether the problem is where the question comes from: a
// workspace that lets in the addresses on its list alone.
func (p problem) policy() bool { return strings.Contains(p.message, "whitelist your IP") }

// words are the host's own.
func (p problem) words() string {
	if p.detail == "" || strings.Contains(p.message, p.detail) {
		return p.message
	}
	return wire.Clean(strings.TrimRight(p.message, ". ") + ". " + p.detail)
}

// forbidden is all that the host says where no part of the API lives, as when
// the profile names an address without its version.
const forbidden = "Forbidden"

// expired is how the API speaks of an OAuth token after its end. Of other tokens
// it does not say.
const expired = "Access token expired"

// refusal reads an answer that is none to the question. Whatever is not in the
// API's own form says nothing about the token.
func refusal(a wire.Answer, auth wire.Auth) cause.Cause {
	c := cause.Cause{Host: a.Host, Status: a.Status}
	said, understood := read(a)
	switch {
	case a.Status >= http.StatusInternalServerError:
		c.Kind = cause.ServerError
	case a.Status == http.StatusTooManyRequests:
		c.Kind, c.Until = cause.RateLimited, a.Again()
	case a.Status == http.StatusGone:
		c.Kind, c.Detail = cause.Gone, said.words()
	case a.Status == http.StatusNotFound:
		c.Kind = cause.WrongHost
	case a.Status == http.StatusUnauthorized && understood && strings.HasPrefix(said.message, expired):
		c.Kind = cause.Expired
	case a.Status == http.StatusUnauthorized && (understood || challenges(a)):
		c.Kind, c.User = cause.Rejected, auth.User
	case a.Status == http.StatusForbidden && understood && said.message != forbidden:
		c.Kind, c.Detail = cause.Restricted, said.words()
	default:
		return a.NotUnderstood()
	}
	return c
}

// challenges reports whether a 401 without a body is Bitbucket's own.
func challenges(a wire.Answer) bool {
	return !a.Is("text/html") && strings.Contains(strings.ToLower(a.Header("WWW-Authenticate")), "bitbucket")
}
