package dashboard

import (
	"bytes"
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

const user = providers.User

// ring is what is listed, by name, and how it stands. It counts as it goes, so
// that nobody has to look at ten thousand tokens to draw twenty.
type ring struct {
	runtimes []runtime
	places   map[keyring.Key]spot
	longest  int // width of the longest name
	tally    tally
}

// runtime is the grants of one name.
type runtime struct {
	name   string
	tokens []token
	facts  string // what a filter may mean and no check changes, in lower case
}

// token is a grant and how it stands.
type token struct {
	keyring.Grant
	verdict  flows.Verdict // where it is not read yet, its status and end alone
	read     bool
	checking bool
}

// spot is where a token is.
type spot struct{ runtime, token int }

// tally counts tokens by how they stand.
type tally struct{ tokens, bad, ending, sealed, checking int }

// renewed is the ring with other grants. What was heard of those that are still
// there stays, unless the index knows something newer.
func (x *ring) renewed(desk *flows.Desk, grants []keyring.Grant) ring {
	fresh := ring{places: make(map[keyring.Key]spot, len(grants))}
	for _, g := range grants {
		if n := len(fresh.runtimes); n == 0 || fresh.runtimes[n-1].name != g.Runtime {
			fresh.runtimes = append(fresh.runtimes, runtime{name: g.Runtime})
			fresh.longest = max(fresh.longest, width(g.Runtime))
		}
		t := x.renew(desk, g)
		n := len(fresh.runtimes) - 1
		r := &fresh.runtimes[n]
		fresh.places[g.Key] = spot{n, len(r.tokens)}
		r.tokens = append(r.tokens, t)
		fresh.tally.count(t, 1)
	}
	for i := range fresh.runtimes {
		fresh.runtimes[i].facts = factsOf(fresh.runtimes[i])
	}
	return fresh
}

// renew is a token as it stands now. Where the index says the same as before,
// nobody reads it once more.
func (x *ring) renew(desk *flows.Desk, g keyring.Grant) token {
	before := x.find(g.Key)
	switch {
	case before == nil:
		v, whole := desk.Glance(g)
		return token{Grant: g, verdict: v, read: whole}
	case before.SavedAt.Equal(g.SavedAt) && bytes.Equal(before.Grant.Verdict, g.Verdict) && before.Grant.ExpiresAt.Equal(g.ExpiresAt):
		return token{Grant: g, verdict: before.verdict, read: before.read, checking: before.checking}
	}
	t := token{Grant: g, verdict: desk.LastKnown(g), read: true, checking: before.checking}
	if before.read && before.SavedAt.Equal(g.SavedAt) && t.verdict.CheckedAt.Before(before.verdict.CheckedAt) {
		t.verdict = before.verdict
	}
	return t
}

func factsOf(r runtime) string {
	parts := []string{r.name}
	for _, t := range r.tokens {
		parts = append(parts, t.Purpose, words.Provider(providers.Kind(t.Provider)), words.HostName(t.Host), t.Account)
	}
	if r.muted() {
		parts = append(parts, words.Muted)
	}
	return strings.ToLower(strings.Join(parts, "\n"))
}

func (x *ring) find(k keyring.Key) *token {
	at, ok := x.places[k]
	if !ok {
		return nil
	}
	return &x.runtimes[at.runtime].tokens[at.token]
}

// tell takes a verdict.
func (x *ring) tell(k keyring.Key, v flows.Verdict) {
	if t := x.find(k); t != nil {
		x.tally.count(*t, -1)
		t.verdict, t.read = v, true
		x.tally.count(*t, 1)
	}
}

// know is a token with all that is known of it. It is read from the index where
// somebody looks at it, and only then.
func (x *ring) know(desk *flows.Desk, t *token) *token {
	if !t.read {
		x.tally.count(*t, -1)
		t.verdict, t.read = desk.LastKnown(t.Grant), true
		x.tally.count(*t, 1)
	}
	return t
}

// wait says whether a token is being checked.
func (x *ring) wait(k keyring.Key, checking bool) {
	if t := x.find(k); t != nil {
		x.tally.count(*t, -1)
		t.checking = checking
		x.tally.count(*t, 1)
	}
}

func (c *tally) count(t token, by int) {
	c.tokens += by
	switch t.verdict.Status.Class() {
	case flows.Bad:
		c.bad += by
	case flows.Ending:
		c.ending += by
	}
	if at := t.verdict.Condition; at != nil && flows.CanOpen(*at) {
		c.sealed += by
	}
	if t.checking {
		c.checking += by
	}
}

// Grants are all that are listed.
func (x *ring) Grants() []keyring.Grant {
	grants := make([]keyring.Grant, 0, x.tally.tokens)
	for i := range x.runtimes {
		grants = append(grants, x.runtimes[i].grants()...)
	}
	return grants
}

func (r *runtime) grants() []keyring.Grant {
	var grants []keyring.Grant
	for i := range r.tokens {
		grants = append(grants, r.tokens[i].Grant)
	}
	return grants
}

func (r *runtime) muted() bool { return len(r.tokens) > 0 && r.tokens[0].Muted }

func (r *runtime) host() string {
	if len(r.tokens) == 0 {
		return ""
	}
	return r.tokens[0].Host
}

func (r *runtime) has(p providers.Purpose) bool { return len(r.of(p)) > 0 }

// of are the places of the tokens of one purpose.
func (r *runtime) of(p providers.Purpose) []int {
	var places []int
	for i := range r.tokens {
		if r.tokens[i].Purpose == string(p) {
			places = append(places, i)
		}
	}
	return places
}

// worst is the token that is in the worst state, and whether it is the only one
// in need of something.
func (r *runtime) worst() (at int, only bool) {
	needy := 0
	for i := range r.tokens {
		if r.tokens[i].verdict.Status.Badness() > r.tokens[at].verdict.Status.Badness() {
			at = i
		}
		if r.tokens[i].verdict.Status.Badness() >= flows.Expiring.Badness() {
			needy++
		}
	}
	return at, needy == 1
}
