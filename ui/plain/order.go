package plain

import (
	"context"
	"slices"
	"strings"

	"gitgrant/flows"
	"gitgrant/ui/words"
)

// sort has the person choose what the list is sorted by.
func (b *browser) sort(ctx context.Context) error {
	var names []string
	for o := range flows.Orders {
		names = append(names, words.Order(o))
	}
	i, err := b.Choose(ctx, words.AskOrder, names, "")
	if err != nil {
		return err
	}
	b.order = flows.Order(i)
	b.say(words.Sorted(b.order))
	return nil
}

// runtimes are their names, in the order of the list.
func (b *browser) runtimes() []string {
	var names []string
	var ranks []flows.Rank
	for _, g := range b.grants { // which come by name
		if n := len(names); n == 0 || names[n-1] != g.Runtime {
			names = append(names, g.Runtime)
			ranks = append(ranks, flows.Rank{At: n, Host: g.Host})
		}
		if b.order != flows.ByName {
			v := b.verdict(g)
			ranks[len(ranks)-1].Count(v.Status, v.ExpiresAt)
		}
	}
	slices.SortFunc(ranks, func(x, y flows.Rank) int { return b.order.Compare(x, y, b.byHost) })
	sorted := make([]string, len(ranks))
	for i, r := range ranks {
		sorted[i] = names[r.At]
	}
	return sorted
}

// sift leaves out the runtimes that the filter does not fit.
func (b *browser) sift(runtimes []string) []string {
	return slices.DeleteFunc(slices.Clone(runtimes), func(name string) bool {
		return !strings.Contains(strings.ToLower(b.summary(name)), b.filter)
	})
}

// tellAll is the list: a line for each runtime, and one for each host above
// those who are there where they are grouped.
func (b *browser) tellAll(runtimes []string) {
	host := ""
	for i, name := range runtimes {
		if at := b.of(name)[0].Host; b.byHost && at != host {
			host = at
			b.say(words.HostName(host) + ":")
		}
		b.say(words.Numbered(i+1, b.summary(name)))
	}
}
