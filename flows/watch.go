package flows

import (
	"context"
	"errors"
	"time"

	"gitgrant/keyring"
)

// News is what there is to say about a token without being asked.
type News string

// The news. Ends is of a token that works and will not for long.
const (
	Died    News = "died"    // it worked, as far as anybody knew, and does not
	Lacking News = "lacking" // it works, and does not have what its purpose needs
	Ends    News = "ends"
	Works   News = "works" // it did not, and does now
)

// Notice is one piece of news.
type Notice struct {
	News    News
	Grant   keyring.Grant
	Verdict Verdict
	claim   keyring.Told
}

// remindAt are the days before the end of a token on which it is spoken of.
var remindAt = []int{30, 14, 7, 3, 1}

// Watch checks every grant once, and tells what is new about them. Each piece of
// news is told once, whoever watches: it is written down before it is told, and
// struck out again where telling it fails. What is muted is checked and not told.
//
// The verdicts are those on the grants beside them; a NotKeptError comes with
// them, and then nothing is told.
func (d *Desk) Watch(ctx context.Context, tell func(Notice) error) ([]keyring.Grant, []Verdict, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, nil, err
	}
	grants, verdicts, err := d.checked(ctx, grants, nil)
	if err != nil {
		return grants, verdicts, err
	}
	notices, err := d.claim(grants, verdicts)
	if err != nil {
		return grants, verdicts, &NotKeptError{err}
	}
	for _, n := range notices {
		if err := tell(n); err != nil {
			d.disclaim(n)
		}
	}
	return grants, verdicts, nil
}

// claim finds what is new, and writes down that it has been told. What another
// process has written meanwhile is its to tell.
func (d *Desk) claim(grants []keyring.Grant, verdicts []Verdict) ([]Notice, error) {
	var fresh []Notice
	var keys []keyring.Key
	for i, g := range grants {
		news, told := consider(g, verdicts[i], d.Now())
		if sameTold(g.Told, &told) {
			continue
		}
		fresh = append(fresh, Notice{News: news, Grant: g, Verdict: verdicts[i], claim: told})
		keys = append(keys, g.Key)
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	var mine []Notice
	err := d.Ring.NoteAll(keys, func(i int, g *keyring.Grant) {
		n := fresh[i]
		if !sameTold(g.Told, n.Grant.Told) || !g.SavedAt.Equal(n.Grant.SavedAt) {
			return
		}
		g.Told = &n.claim
		if n.News != "" && !g.Muted {
			mine = append(mine, n)
		}
	})
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, nil
	}
	return mine, err
}

// disclaim takes back that something was told.
func (d *Desk) disclaim(n Notice) {
	_ = d.Ring.Note(n.Grant.Key, func(g *keyring.Grant) { // it is told once too little then
		if sameTold(g.Told, &n.claim) {
			g.Told = n.Grant.Told
		}
	})
}

func sameTold(a, b *keyring.Told) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Status == b.Status && a.Days == b.Days && a.Ends.Equal(b.Ends)
}

// consider says what is new about a token since it was last spoken of, and what
// is to be remembered.
func consider(g keyring.Grant, v Verdict, now time.Time) (News, keyring.Told) {
	told := heard(g)
	next := keyring.Told{Status: told.Status}
	var news News
	if v.Status.Class() != NotAsked {
		next.Status = string(v.Status)
		if standing(v.Status) != standing(Status(told.Status)) {
			news = newsOf(v.Status)
		}
	}
	days := remaining(g, v, now)
	if days == 0 || !Status(next.Status).Accepted() {
		return news, next
	}
	next.Ends = v.ExpiresAt.UTC()
	if next.Ends.Equal(told.Ends) {
		next.Days = told.Days
	}
	due := milestone(days)
	if due == 0 && v.Status == Expiring && next.Days == 0 {
		due = days // a person who wants to hear of it earlier
	}
	if due > 0 && (next.Days == 0 || due < next.Days) {
		next.Days = due
		if news != Lacking {
			news = Ends
		}
	}
	return news, next
}

// heard is what was said about a token before, if only by the person who looked
// at it. One that nobody has spoken of, and that is dead, is news all the same.
func heard(g keyring.Grant) keyring.Told {
	if g.Told != nil {
		return *g.Told
	}
	last := Remembered(g).Status
	if last != MissingScopes {
		last = Valid
	}
	return keyring.Told{Status: string(last)}
}

// standing puts together the statuses between which there is no news: of a
// token that has ended nobody wants to hear in which words.
func standing(s Status) Status {
	switch s {
	case Valid, Unverifiable, Expiring:
		return Valid
	case Expired, Revoked, Rejected:
		return Rejected
	default:
		return s
	}
}

func newsOf(s Status) News {
	switch standing(s) {
	case Valid:
		return Works
	case MissingScopes:
		return Lacking
	default:
		return Died
	}
}

// remaining are the days until the end of a token, begun ones included; zero
// where it has none, has passed it, or renews itself.
func remaining(g keyring.Grant, v Verdict, now time.Time) int {
	left := v.ExpiresAt.Sub(now)
	if v.ExpiresAt.IsZero() || left <= 0 || renewable(g) {
		return 0
	}
	return int((left + 24*time.Hour - 1) / (24 * time.Hour))
}

// milestone is the nearest day of remindAt that has come, if one has.
func milestone(days int) int {
	due := 0
	for _, day := range remindAt {
		if days <= day {
			due = day
		}
	}
	return due
}
