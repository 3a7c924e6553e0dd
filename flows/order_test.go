package flows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
)

func TestRuntimesAreListedInTheOrderThatIsAskedFor(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	names := []string{"ant", "bee", "cat", "dog", "eel", "fox"}
	ranks := []flows.Rank{{At: 0, Host: "b"}, {At: 1, Host: "a"}, {At: 2, Host: "b"}, {At: 3, Host: "a"}, {At: 4, Host: "c"}, {At: 5, Host: "c"}}
	ranks[0].Count(flows.Valid, now.AddDate(0, 6, 0))
	ranks[1].Count(flows.Valid, time.Time{})
	ranks[1].Count(flows.Revoked, now.AddDate(0, 3, 0)) // the worst of a runtime counts, and the next end
	ranks[2].Count(flows.Expiring, now.AddDate(0, 0, 2))
	ranks[3].Count(flows.Unreachable, time.Time{})
	ranks[4].Count(flows.Expired, now.AddDate(0, 0, -2))
	ranks[5].Count(flows.Unverifiable, time.Time{})
	for name, test := range map[string]struct {
		order   flows.Order
		grouped bool
		want    string
	}{
		"by name":                   {flows.ByName, false, "ant bee cat dog eel fox"},
		"by state, the worst first": {flows.ByState, false, "eel bee cat dog fox ant"},
		"by end, the next first":    {flows.ByEnd, false, "eel cat bee ant dog fox"},
		"by host":                   {flows.ByHost, false, "bee dog ant cat eel fox"},
		"by name, grouped by host":  {flows.ByName, true, "bee dog ant cat eel fox"},
		"by state, grouped by host": {flows.ByState, true, "bee dog cat ant eel fox"},
	} {
		t.Run(name, func(t *testing.T) {
			sorted := slices.Clone(ranks)
			slices.SortFunc(sorted, func(a, b flows.Rank) int { return test.order.Compare(a, b, test.grouped) })
			var got []string
			for _, r := range sorted {
				got = append(got, names[r.At])
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("%v", got)
			}
		})
	}
	for order, next := range map[flows.Order]flows.Order{flows.ByName: flows.ByState, flows.ByHost: flows.ByName} {
		if order.Next() != next {
			t.Errorf("after %d comes %d", order, order.Next())
		}
	}
}
