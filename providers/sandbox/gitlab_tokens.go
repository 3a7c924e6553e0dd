package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// gitLabToken is what stands behind a token.
type gitLabToken struct {
	id     int
	name   string
	owner  string
	scopes []string
	// permissions belong to a fine-grained token, whose one scope says so.
	permissions []gitLabPermission
	created     time.Time
	lastUsed    time.Time
	expires     time.Time
	revoked     bool
	// family is the token that all later ones were rotated from.
	family string
	// client and refresh belong to an OAuth token. previous is the access token
	// that it was refreshed from, until its own first use revokes that one.
	client, refresh, previous string
	// dated stands for the date in the answer where it is not empty.
	dated string
	fault gitLabFault
}

func (t gitLabToken) oauth() bool    { return t.client != "" }
func (t gitLabToken) granular() bool { return slices.Equal(t.scopes, granularScopes) }

var granularScopes = []string{"granular"}

// ended reports whether the time of a token is over.
func (t gitLabToken) ended(now time.Time) bool { return !t.expires.IsZero() && !now.Before(t.expires) }

// gitLabPermission is one right of a fine-grained token, as a refusal names it.
type gitLabPermission struct{ boundary, name string }

var (
	readSelf       = gitLabPermission{"user", "read_personal_access_token"}
	rotateSelf     = gitLabPermission{"user", "rotate_personal_access_token"}
	revokeSelf     = gitLabPermission{"user", "revoke_personal_access_token"}
	readUser       = gitLabPermission{"user", "read_user"}
	readMetadata   = gitLabPermission{"instance", "read_metadata"}
	readProject    = gitLabPermission{"project", "Project: Read"}
	readWebhooks   = gitLabPermission{"project", "Webhook: Read"}
	createWebhooks = gitLabPermission{"project", "Webhook: Create"}
	readCode       = gitLabPermission{"project", "Code: Download"}
	writeCode      = gitLabPermission{"project", "Code: Push"}
)

// add keeps a token, as the first of its family where it has none. The caller
// holds the lock or is alone.
func (h *gitLab) add(text string, t gitLabToken) {
	h.issued++
	t.id = 4200 + h.issued
	if t.family == "" {
		t.family = text
	}
	h.tokens[text] = t
}

// mint makes a personal access token. The caller holds the lock.
func (h *gitLab) mint(t gitLabToken) string {
	text := "glpat-" + h.sandbox.pick(base62+"-_", 46) + routed
	t.created = h.sandbox.now()
	h.add(text, t)
	return text
}

// routed ends a token as GitLab's routable ones end; where those have a length
// and a checksum it says what it is.
const routed = ".01.00sandbox"

// bare makes a text of 64 hexadecimal digits, which is all that an OAuth token
// of GitLab is. One of the sandbox can be told by its beginning.
func (h *gitLab) bare() string {
	return bareToken + h.sandbox.pick("0123456789abcdef", 64-len(bareToken))
}

const (
	bareToken  = "facade"
	bareClient = "c11e47"
)

// bareFake is a text of that kind for a name, the same in every sandbox.
func bareFake(beginning, name string) string {
	sum := sha256.Sum256([]byte(name))
	return (beginning + hex.EncodeToString(sum[:]))[:64]
}

// revokeFamily revokes every token that was rotated from the same one. The
// caller holds the lock.
func (h *gitLab) revokeFamily(family string) {
	for text, t := range h.tokens {
		if t.family == family {
			t.revoked = true
			h.tokens[text] = t
		}
	}
}

// use is the token behind a text. Its first use revokes the one that it was
// refreshed from.
func (h *gitLab) use(text string) (gitLabToken, bool) {
	h.sandbox.mu.Lock()
	defer h.sandbox.mu.Unlock()
	t, known := h.tokens[text]
	if old, refreshed := h.tokens[t.previous]; refreshed {
		old.revoked = true
		h.tokens[t.previous] = old
		t.previous = ""
		h.tokens[text] = t
	}
	return t, known
}

// alive reports whether a token works at all.
func (h *gitLab) alive(t gitLabToken) bool { return !t.revoked && !t.ended(h.sandbox.now()) }
