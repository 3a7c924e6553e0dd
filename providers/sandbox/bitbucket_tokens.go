package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"
)

// The kinds of token, as Bitbucket's header calls them. It has no documented
// name for OAuth tokens, and here they have none.
const (
	apiToken       = "api_token"
	repoToken      = "repo_access_token"
	projectToken   = "project_access_token"
	workspaceToken = "workspace_access_token"
	oauthToken     = ""
)

// bitbucketToken is what stands behind a token.
type bitbucketToken struct {
	kind string
	// owner is the account behind an API token or an OAuth token.
	owner string
	// reach is the repository or the project of an access token; empty is the
	// whole workspace.
	reach   string
	scopes  []string
	expires time.Time
	revoked bool
	fault   bitbucketFault
}

// bitbucketRefresh is what stands behind a refresh token.
type bitbucketRefresh struct {
	consumer, owner string
	// ends is when it dies of not being used, or soon after its first use.
	ends time.Time
}

// Beginnings of tokens. Those of Atlassian's own tell the kind; OAuth tokens
// have none, and here one that says what they are.
const (
	apiTokenStart    = "ATATT3xFfGF0"
	accessTokenStart = "ATCTT3xFfGN0"
	appPasswordStart = "ATBB"
	oauthTokenStart  = "bbSandbox"

	tokenLength = 192
	oauthLength = 2600
)

// summed ends a text as tokens of Atlassian end: with a checksum of what stands
// before it.
func summed(text string) string {
	text += "="
	return fmt.Sprintf("%s%08X", text, crc32.ChecksumIEEE([]byte(text)))
}

// longFake makes a text of n characters that carries its name for the eye.
func longFake(prefix, name string, n int) string {
	text := label(prefix, name)
	for part := text; len(text) < n; {
		sum := sha256.Sum256([]byte(part))
		part = hex.EncodeToString(sum[:])
		text += part
	}
	return text[:n]
}

// mint makes a token. The caller holds the lock.
func (h *bitbucket) mint(t bitbucketToken) string {
	start := accessTokenStart
	switch t.kind {
	case apiToken:
		start = apiTokenStart
	case oauthToken:
		text := oauthTokenStart + h.sandbox.pick(base62+"-_", oauthLength-len(oauthTokenStart))
		h.tokens[text] = t
		return text
	}
	start += "sandbox"
	text := summed(start + h.sandbox.pick(base62+"-_", tokenLength-len(start)-9))
	h.tokens[text] = t
	return text
}

// alive reports whether a token works at all.
func (h *bitbucket) alive(t bitbucketToken) bool {
	return !t.revoked && !ended(t.expires, h.sandbox.now())
}

// credential is who signs a request; signed is false where nobody does.
func bitbucketCredential(r *http.Request) (user, text string, signed bool) {
	if user, text, signed = r.BasicAuth(); signed {
		return user, text, true
	}
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") {
		return "", strings.TrimSpace(text), true
	}
	return "", "", scheme != ""
}

// find is the token behind a text, and whether the host wavers: every other
// time, the first included, it does not know a token that is good.
func (h *bitbucket) find(text string) (t bitbucketToken, known bool) {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	t, known = h.tokens[text]
	if t.fault.wavers {
		h.asked[text]++
		known = h.asked[text]%2 == 0
	}
	return t, known
}
