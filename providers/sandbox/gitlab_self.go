package sandbox

import (
	"encoding/json"
	"mime"
	"net/http"
	"time"
)

// maxTokenLife is how far ahead a token may end.
const maxTokenLife = 365 * day

// self is what a token says of itself. An OAuth token has another place for it.
func (c *gitLabCall) self() {
	if c.refusesOAuth() {
		return
	}
	c.json(200, c.tokenBody())
}

// refusesOAuth answers an OAuth token in a place that is for the others.
func (c *gitLabCall) refusesOAuth() bool {
	if c.token.oauth() {
		c.message(400, "400 Bad request - This endpoint requires token type to be a personal access token")
	}
	return c.token.oauth()
}

const gitLabTime = "2006-01-02T15:04:05.000Z"

func (c *gitLabCall) tokenBody() map[string]any {
	t := c.token
	body := map[string]any{
		"id": t.id, "name": t.name, "description": nil, "revoked": t.revoked, "active": c.h.alive(t), "granular": t.granular(),
		"scopes": t.scopes, "user_id": gitLabUserOf(t.owner).id, "created_at": t.created.UTC().Format(gitLabTime),
		"last_used_at": nil, "expires_at": nil, "last_used_ips": []string{},
	}
	if !t.lastUsed.IsZero() {
		body["last_used_at"], body["last_used_ips"] = t.lastUsed.UTC().Format(gitLabTime), []string{"203.0.113.9"}
	}
	switch {
	case t.dated != "":
		body["expires_at"] = t.dated
	case !t.expires.IsZero():
		body["expires_at"] = t.expires.Format(time.DateOnly)
	}
	return body
}

func (c *gitLabCall) revokeSelf() {
	if c.refusesOAuth() {
		return
	}
	c.h.sandbox.mu.Lock()
	c.token.revoked = true
	c.h.tokens[c.text] = c.token
	c.h.sandbox.mu.Unlock()
	c.w.WriteHeader(http.StatusNoContent)
}

// rotateSelf trades the token for one that ends a week from now unless the
// request names a date. The old one is dead at once.
func (c *gitLabCall) rotateSelf() {
	if c.token.oauth() {
		c.message(405, "405 Method Not Allowed")
		return
	}
	now := c.h.sandbox.now()
	ends := midnight(now.Add(7 * day))
	if date := c.parameter("expires_at"); date != "" {
		asked, err := time.Parse(time.DateOnly, date)
		switch {
		case err != nil:
			c.json(400, map[string]string{"error": "expires_at is invalid"})
			return
		case !asked.After(now), asked.After(now.Add(maxTokenLife)):
			c.message(400, "400 Bad request - Expiration date must be before "+now.Add(maxTokenLife).Format(time.DateOnly))
			return
		}
		ends = asked
	}
	text, ok := c.trade(ends)
	if !ok {
		c.message(400, "400 Bad request - Token already revoked")
		return
	}
	body := c.tokenBody()
	body["token"] = text
	c.json(200, body)
}

// trade puts a new token in the place of the caller's, unless another request
// was faster.
func (c *gitLabCall) trade(ends time.Time) (text string, ok bool) {
	c.h.sandbox.mu.Lock()
	defer c.h.sandbox.mu.Unlock()
	old := c.h.tokens[c.text]
	if old.revoked {
		return "", false
	}
	fresh := old
	fresh.expires, fresh.lastUsed, fresh.dated = ends, time.Time{}, ""
	old.revoked = true
	c.h.tokens[c.text] = old
	text = c.h.mint(fresh)
	c.token = c.h.tokens[text]
	return text, true
}

// parameter is a parameter of the request, from a form or from JSON.
func (c *gitLabCall) parameter(name string) string {
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if kind != "application/json" {
		return c.r.FormValue(name)
	}
	var body map[string]any
	if json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 1<<20)).Decode(&body) != nil {
		return ""
	}
	text, _ := body[name].(string)
	return text
}
