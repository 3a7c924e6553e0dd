package words

import (
	"fmt"
	"time"
)

// When says how far off a moment is and on which day it falls: "in 3 days, on
// 2026-12-01", or "2 days ago, on 2026-12-01".
func When(now, at time.Time) string {
	return distance(now, at) + ", on " + at.UTC().Format(time.DateOnly)
}

// Soon is When for a moment of today: "in 12 minutes, at 14:32 UTC".
func Soon(now, at time.Time) string {
	if at.Sub(now).Abs() >= 24*time.Hour {
		return When(now, at)
	}
	return distance(now, at) + ", at " + at.UTC().Format("15:04 UTC")
}

// Lasts is a length of time in words: "3 days". It never promises more than
// there is, apart from what passes while one reads.
func Lasts(d time.Duration) string {
	for _, unit := range []struct {
		name    string
		size    time.Duration
		from    time.Duration // shorter lengths are told in the next unit
		reading time.Duration
	}{
		{"day", 24 * time.Hour, 48 * time.Hour, time.Minute},
		{"hour", time.Hour, 2 * time.Hour, time.Minute},
		{"minute", time.Minute, time.Minute, time.Second},
	} {
		if d := d.Round(unit.reading); d >= unit.from {
			return count(int(d/unit.size), unit.name)
		}
	}
	return count(int(d.Round(time.Second)/time.Second), "second")
}

func distance(now, at time.Time) string {
	switch d := at.Sub(now); {
	case d.Abs() < time.Second:
		return "now"
	case d > 0:
		return "in " + Lasts(d)
	default:
		return Lasts(-d) + " ago"
	}
}

// agree picks the form of a verb for one or for several.
func agree(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
