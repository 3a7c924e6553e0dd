package flows

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Order is what runtimes are sorted by where they are listed.
type Order int

// The orders, in which a person goes through them.
const (
	ByName Order = iota
	ByState
	ByEnd
	ByHost
	// Orders is how many there are.
	Orders
)

// Next is the order after this one.
func (o Order) Next() Order { return (o + 1) % Orders }

// Rank is what a runtime is sorted by, found out once.
type Rank struct {
	// At is its place by name.
	At    int
	Host  string
	bad   int
	state int
	end   time.Time
	told  bool
}

// Count takes in how one of its tokens stands.
func (r *Rank) Count(s Status, end time.Time) {
	if bad := s.Badness(); !r.told || bad > r.bad {
		r.bad, r.state, r.told = bad, slices.Index(Statuses, s), true
	}
	if !end.IsZero() && (r.end.IsZero() || end.Before(r.end)) {
		r.end = end
	}
}

// Compare says which of two runtimes comes first, among those of one host where
// they are grouped.
func (o Order) Compare(a, b Rank, grouped bool) int {
	if c := strings.Compare(a.Host, b.Host); grouped && c != 0 {
		return c
	}
	switch o {
	case ByState:
		return cmp.Or(cmp.Compare(b.bad, a.bad), cmp.Compare(a.state, b.state), cmp.Compare(a.At, b.At))
	case ByEnd:
		if a.end.IsZero() != b.end.IsZero() {
			if a.end.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.end.Compare(b.end), cmp.Compare(a.At, b.At))
	case ByHost:
		return cmp.Or(strings.Compare(a.Host, b.Host), cmp.Compare(a.At, b.At))
	default:
		return cmp.Compare(a.At, b.At)
	}
}

// Badness is how much a status wants somebody to do something.
func (s Status) Badness() int {
	switch class := s.Class(); {
	case class == Bad:
		return 4
	case class == Ending:
		return 3
	case class == NotAsked:
		return 2
	case s == Unverifiable:
		return 1
	default:
		return 0
	}
}
