package providers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Before reports whether a version of a host is known to be older than another.
// What stands behind the numbers, as in 17.1.4-ee, does not count.
func Before(version, other string) bool {
	one, two := numbers(version), numbers(other)
	if len(one) == 0 || len(two) == 0 {
		return false
	}
	for i := range max(len(one), len(two)) {
		if order := cmp.Compare(at(one, i), at(two, i)); order != 0 {
			return order < 0
		}
	}
	return false
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

func numbers(version string) []int {
	var list []int
	for part := range strings.SplitSeq(strings.TrimPrefix(version, "v"), ".") {
		digits := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		whole := digits < 0
		if !whole {
			part = part[:digits]
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		list = append(list, n)
		if !whole {
			break
		}
	}
	return slices.Clip(list)
}
