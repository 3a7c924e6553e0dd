package sandbox

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dataCenterLevel is how far a permission goes: each includes those below it.
type dataCenterLevel int

const (
	noLevel dataCenterLevel = iota
	readLevel
	writeLevel
	adminLevel
)

// levelNames are the levels as the API writes them, behind PROJECT_ or REPO_.
var levelNames = []string{"", "READ", "WRITE", "ADMIN"}

// dataCenterToken is what stands behind a token.
type dataCenterToken struct {
	id    int64
	name  string
	owner string
	// project and repository are the most that the token may do, whatever its
	// account may. The second is never lower than the first.
	project, repository dataCenterLevel
	created             time.Time
	expires             time.Time
	revoked             bool
	// client and refresh belong to an OAuth token.
	client, refresh string
	// told stands for the name of the account where the token is not accepted.
	told  string
	fault dataCenterFault
}

func (t dataCenterToken) oauth() bool { return t.client != "" }

// permissions are those of a token as the API lists them.
func (t dataCenterToken) permissions() []string {
	list := []string{}
	if t.repository > noLevel {
		list = append(list, "REPO_"+levelNames[t.repository])
	}
	if t.project > noLevel {
		list = append(list, "PROJECT_"+levelNames[t.project])
	}
	return list
}

// dataCenterScopes are the scopes of OAuth, from low to high: each includes
// those before it.
var dataCenterScopes = []string{"PUBLIC_REPOS", "REPO_READ", "REPO_WRITE", "REPO_ADMIN", "PROJECT_ADMIN"}

// grant gives a token what the highest of its scopes allows.
func (t dataCenterToken) grant(scopes []string) dataCenterToken {
	switch highestScope(scopes) {
	case 4:
		t.project, t.repository = adminLevel, adminLevel
	case 3:
		t.project, t.repository = readLevel, adminLevel
	case 2:
		t.project, t.repository = readLevel, writeLevel
	case 1:
		t.project, t.repository = readLevel, readLevel
	}
	return t
}

// highestScope is the place of the highest scope in the list of all; 0 where
// none is asked for, -1 where one is unknown.
func highestScope(scopes []string) int {
	highest := 0
	for _, scope := range scopes {
		at := slices.Index(dataCenterScopes, scope)
		if at < 0 {
			return -1
		}
		highest = max(highest, at)
	}
	return highest
}

// dataCenterID is the number of the token at a place in the list of names. All
// are of eleven digits, so that the texts of the sandbox can be told by their
// beginning.
func dataCenterID(place int) int64 { return 25297351000 + int64(place) }

// dataCenterText makes the text of a token as Bitbucket does: base64 of its
// number, a colon and what nobody can guess.
func dataCenterText(id int64, tail string) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d:", id)) + tail
}

// dataCenterTail is the length of what nobody can guess, in base64.
const dataCenterTail = 28

// mint makes a token. The caller holds the lock.
func (h *dataCenter) mint(t dataCenterToken) string {
	t.id, t.created = dataCenterID(int(h.issued)), h.sandbox.now()
	h.issued++
	text := dataCenterText(t.id, h.sandbox.pick(base62, dataCenterTail))
	h.tokens[text] = t
	return text
}

// bareDataCenter begins an OAuth token of this host, of which nothing but a
// sandbox can be told by its looks.
const bareDataCenter = "decade"

// pair issues an access token with its refresh token. The caller holds the
// lock.
func (h *dataCenter) pair(owner, client string, scopes []string) answer {
	t := dataCenterToken{owner: owner, client: client, created: h.sandbox.now()}.grant(scopes)
	t.expires = t.created.Add(dataCenterLifetime)
	t.refresh = bareDataCenter + h.sandbox.pick("0123456789abcdef", 58)
	t.name = strings.Join(scopes, " ")
	access := bareDataCenter + h.sandbox.pick("0123456789abcdef", 58)
	h.tokens[access] = t
	return answer{status: 200, values: map[string]any{
		"access_token": access, "token_type": "bearer", "expires_in": seconds(dataCenterLifetime), "refresh_token": t.refresh, "scope": t.name,
	}}
}

const dataCenterLifetime = time.Hour

// body is a token as the API tells it to its owner. Its end is left out where
// there is none.
func (t dataCenterToken) body(owner dataCenterUser) map[string]any {
	body := map[string]any{
		"id": strconv.FormatInt(t.id, 10), "name": t.name, "createdDate": milliseconds(t.created), "permissions": t.permissions(), "user": owner.body(),
	}
	if !t.expires.IsZero() {
		body["expiryDate"] = milliseconds(t.expires)
	}
	return body
}
