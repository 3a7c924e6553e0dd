package keyring

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
)

// indexVersion is the major version: what an older program must not change.
// Members that a newer minor version adds are carried along as they are.
const indexVersion = 1

// index is the content of index.json: facts and journal in one file, so that
// one write changes both.
type index struct {
	Version  int      `json:"version"`
	Revision uint64   `json:"revision"`
	Chosen   Kind     `json:"store,omitempty"` // where a person wants credentials to rest
	Entries  []entry  `json:"entries"`
	Journal  []change `json:"journal,omitempty"`

	unknown members
}

// entry is a grant and where its credential rests.
type entry struct {
	Grant
	Generation uint64 `json:"generation"`
	Pieces     pieces `json:"pieces,omitzero"`

	unknown members
}

// pieces counts the items beside a head.
type pieces struct {
	Access  int `json:"access,omitempty"`
	Refresh int `json:"refresh,omitempty"`
}

// place names every item of one generation of a credential in one store.
type place struct {
	Store      Kind   `json:"store"`
	Item       string `json:"item"`
	Generation uint64 `json:"generation"`
	Pieces     pieces `json:"pieces,omitzero"`
	Head       bool   `json:"head,omitempty"` // the head as well, unless it is newer
}

// change is one line of the journal: what was begun, with the name of every
// item that may exist because of it. Generation is the revision of the index
// that announced the change; it identifies the change and is never used again.
type change struct {
	Step       step    `json:"step"`
	Generation uint64  `json:"generation"`
	Keys       []Key   `json:"keys"`            // the grants whose locks guard it
	Write      []entry `json:"write,omitempty"` // what will count; of Keys, nothing else
	Read       *Grant  `json:"read,omitempty"`  // what a refresh has made Write from
	Sweep      []place `json:"sweep,omitempty"` // what is to be deleted then

	unknown members
}

// step says how a change that was interrupted ends.
type step string

const (
	saving   step = "save"  // forward if the head was written, else back
	moving   step = "move"  // back: the former store counts until all is copied
	sweeping step = "sweep" // forward: the change counts, leftovers are deleted
)

func (e entry) place() place {
	return place{Store: e.Grant.Store, Item: itemName(e.Grant), Generation: e.Generation, Pieces: e.Pieces}
}

// withHead is the same place including its head.
func (p place) withHead() place {
	p.Head = true
	return p
}

// items names everything that rests at a place.
func (p place) items() []string {
	var items []string
	if p.Head {
		items = append(items, p.Item)
	}
	for number := range p.Pieces.Access {
		items = append(items, pieceName(p.Item, p.Generation, accessPart, number))
	}
	for number := range p.Pieces.Refresh {
		items = append(items, pieceName(p.Item, p.Generation, refreshPart, number))
	}
	return items
}

func (c change) touches(keys []Key) bool {
	return slices.ContainsFunc(c.Keys, func(k Key) bool { return slices.Contains(keys, k) })
}

// stores are those in which something is open.
func (c change) stores() []Kind {
	var kinds []Kind
	for _, at := range slices.Concat(c.begun(), c.Sweep) {
		if !slices.Contains(kinds, at.Store) {
			kinds = append(kinds, at.Store)
		}
	}
	return kinds
}

// begun names what a change may have written so far. The head of a save is not
// part of it: had it been written, the change would count.
func (c change) begun() []place {
	var places []place
	for _, e := range c.Write {
		at := e.place()
		at.Head = c.Step == moving
		places = append(places, at)
	}
	return places
}

func (x *index) find(k Key) *entry {
	for i := range x.Entries {
		if x.Entries[i].Key == k {
			return &x.Entries[i]
		}
	}
	return nil
}

// listed is a grant as it is listed by now.
func (x *index) listed(g Grant) Grant {
	if now := x.find(g.Key); now != nil {
		return now.Grant
	}
	return g
}

func (x *index) put(e entry) {
	if found := x.find(e.Key); found != nil {
		e.unknown = found.unknown
		*found = e
		return
	}
	x.Entries = append(x.Entries, e)
	sort.Slice(x.Entries, func(i, j int) bool { return x.Entries[i].Key.compare(x.Entries[j].Key) < 0 }) // slices.SortFunc is made anew for every such struct: 20 kB each
}

// muted is whether a runtime is muted: what the list says of it now, and only
// of a runtime that is new to the list what comes with the grant.
func (x *index) muted(k Key, given bool) bool {
	for _, e := range x.Entries {
		if e.Runtime == k.Runtime && !e.isHost() {
			return e.Muted
		}
	}
	return given
}

func (x *index) remove(k Key) {
	x.Entries = slices.DeleteFunc(x.Entries, func(e entry) bool { return e.Key == k })
}

func (x *index) pending(generation uint64) *change {
	for i := range x.Journal {
		if x.Journal[i].Generation == generation {
			return &x.Journal[i]
		}
	}
	return nil
}

// commit makes the entries of a change the ones that count and leaves what
// they replace to be swept.
func (x *index) commit(generation uint64) {
	c := x.pending(generation)
	if c == nil || c.Step == sweeping {
		return
	}
	written := c.Write
	for i := range written {
		written[i].Grant = x.current(*c, written[i].Grant)
	}
	c.turn(c.Sweep)
	x.supersede(c.Keys)
	for _, k := range c.Keys {
		if !slices.ContainsFunc(written, func(e entry) bool { return e.Key == k }) {
			x.remove(k)
		}
	}
	for _, e := range written {
		x.put(e)
	}
	if len(c.Sweep) == 0 {
		x.strike(generation)
	}
}

// current is a grant as a change is to leave it, with what was noted meanwhile.
// A move leaves all of it, since the token is the same. A refresh leaves what it
// has not changed itself, but for what was found out about the token: that goes
// with the one it replaces. Any other save is of what its caller says.
func (x *index) current(c change, g Grant) Grant {
	g.Muted = x.muted(g.Key, g.Muted)
	now := x.find(g.Key)
	switch {
	case now == nil:
	case c.Step == moving:
		to := g.Store
		g = now.Grant
		g.Store = to
	case c.Read != nil:
		g.Told = now.Told
		if reflect.DeepEqual(g.Intent, c.Read.Intent) {
			g.Intent = now.Intent
		}
		if slices.Equal(g.Repositories, c.Read.Repositories) {
			g.Repositories = now.Repositories
		}
	}
	return g
}

// abort leaves what counted before, and what was begun to be swept.
func (x *index) abort(generation uint64) {
	if c := x.pending(generation); c != nil && c.Step != sweeping {
		c.turn(c.begun())
	}
}

// turn makes a change one that only sweeps.
func (c *change) turn(sweep []place) {
	c.Step, c.Write, c.Read, c.Sweep = sweeping, nil, nil, slices.Clone(sweep)
}

// supersede takes grants that are changed now out of saves that are pending
// because their store cannot be asked. What such a save wrote of them no longer
// counts, however it ended; what it was to replace is not its to delete.
func (x *index) supersede(keys []Key) {
	for i := range x.Journal {
		c := &x.Journal[i]
		if c.Step != saving {
			continue
		}
		written := c.Write[0].Key
		decided := slices.Contains(keys, written)
		for _, k := range slices.Clone(c.Keys) {
			if k != written && (decided || slices.Contains(keys, k)) {
				c.spare(k, x.find(k))
			}
		}
		if decided {
			c.turn(append(c.Sweep, c.begun()[0].withHead()))
		}
	}
}

// spare takes a grant that a save was to replace out of it.
func (c *change) spare(k Key, e *entry) {
	c.Keys = slices.DeleteFunc(c.Keys, func(other Key) bool { return other == k })
	if e == nil {
		return
	}
	spared := e.place()
	c.Sweep = slices.DeleteFunc(c.Sweep, func(at place) bool {
		return at.Store == spared.Store && at.Item == spared.Item
	})
}

func (x *index) strike(generation uint64) {
	x.Journal = slices.DeleteFunc(x.Journal, func(c change) bool { return c.Generation == generation })
}

// compare orders by runtime, then runtime token before user token, then account.
func (k Key) compare(other Key) int {
	return cmp.Or(
		cmp.Compare(k.Runtime, other.Runtime),
		cmp.Compare(k.Purpose, other.Purpose),
		cmp.Compare(k.Account, other.Account),
	)
}

// parseIndex reads an index as a whole or not at all. One of a newer version
// that makes no sense here is ErrNewer and not damaged.
func parseIndex(data []byte) (*index, error) {
	x := &index{}
	err := json.Unmarshal(data, x)
	if err == nil {
		err = x.check()
	}
	if err != nil && isNewer(data) {
		return nil, ErrNewer
	}
	return x, err
}

// isNewer looks at the version alone: it is what all versions have in common.
func isNewer(data []byte) bool {
	var x struct {
		Version int `json:"version"`
	}
	return json.Unmarshal(data, &x) == nil && x.Version > indexVersion
}

var itemPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + itemPrefix + `[0-9a-f]{32}$`) })

func (x *index) check() error {
	if x.Version < 1 {
		return errors.New("the index has no version")
	}
	seen := map[Key]bool{}
	for _, e := range x.Entries {
		if seen[e.Key] {
			return fmt.Errorf("the index names %q twice", e.Key)
		}
		seen[e.Key] = true
		if !e.graphic() {
			return errors.New("the index holds characters that cannot be shown")
		}
		if !e.Pieces.sound() {
			return errors.New("the index counts pieces that cannot be")
		}
	}
	for _, c := range x.Journal {
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

// graphic reports whether every fact can be shown as it is: a file that was
// edited by hand must not steer a terminal.
func (e entry) graphic() bool {
	texts := []string{
		e.Runtime, e.Purpose, e.Account, e.Provider, e.Host, e.Method, e.Kind,
		e.Email, e.Username, e.ExpirySource, e.ClientID, string(e.Store),
	}
	texts = append(texts, e.Repositories...)
	for _, c := range e.History {
		texts = append(texts, c.Status, c.Why)
	}
	for _, text := range texts {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			return false
		}
	}
	return true
}

func (c change) check() error {
	if c.Step == saving && len(c.Write) != 1 {
		return errors.New("the journal has a save of other than one grant")
	}
	for _, at := range slices.Concat(c.begun(), c.Sweep) {
		if !itemPattern().MatchString(at.Item) || !at.Pieces.sound() {
			return errors.New("the journal names items that cannot be")
		}
	}
	return nil
}

func (p pieces) sound() bool {
	return p.Access >= 0 && p.Access <= pieceLimit && p.Refresh >= 0 && p.Refresh <= pieceLimit
}

// bytes is the index as it is written, each grant on a line of its own. Indents
// would be a third of ten thousand of them.
func (x *index) bytes() ([]byte, error) {
	shell := *x
	shell.Entries = []entry{}
	data, err := json.Marshal(shell)
	if err != nil {
		return nil, err
	}
	before, after, _ := bytes.Cut(data, []byte(noEntries)) // in a text, its quotes would be escaped
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(strings.TrimSuffix(noEntries, "]"))
	for i, e := range x.Entries {
		row, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(row)
	}
	b.WriteString("\n]")
	b.Write(after)
	b.WriteByte('\n')
	return b.Bytes(), nil
}

const noEntries = `"entries":[]`
