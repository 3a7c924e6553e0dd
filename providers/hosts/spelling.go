package hosts

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// spelled refuses a field that is nearly one of those that count: whoever wrote
// web_ulr believes that tokens go where it says. What resembles none of them is
// from another version, and stays.
func (r rules) spelled(entry *ast.MappingNode) *FileError {
	inner := map[string][]string{"": {methodsField}}
	for _, f := range fields {
		group, key, nested := strings.Cut(f.path, ".")
		if !nested {
			inner[""] = append(inner[""], group)
			continue
		}
		if inner[group] == nil {
			inner[""] = append(inner[""], group)
		}
		inner[group] = append(inner[group], key)
	}
	if wrong := r.spelledAs(entry, "", inner[""]); wrong != nil {
		return wrong
	}
	for _, group := range inner[""] {
		v := member(entry, group)
		if v == nil || inner[group] == nil {
			continue
		}
		if within, ok := v.Value.(*ast.MappingNode); ok {
			if wrong := r.spelledAs(within, group+".", inner[group]); wrong != nil {
				return wrong
			}
		}
	}
	return nil
}

// spelledAs looks at the fields of one map. The field of the error is the one
// that is likely meant, since what was written is never repeated.
func (r rules) spelledAs(m *ast.MappingNode, path string, known []string) *FileError {
	for _, v := range m.Values {
		if name := likely(keyOf(v), known); name != "" {
			return r.wrong(path+name, Mistyped).at(v.Key.GetToken())
		}
	}
	return nil
}

// likely is the known name that a text is a slip of, empty where it is none or
// is known itself. Short names leave room for one slip: port is not host.
func likely(text string, known []string) string {
	best, least := "", 3
	for _, name := range known {
		if text == name {
			return ""
		}
		most := 2
		if len(name) <= len("proxy") {
			most = 1
		}
		if slips := distance(strings.ToLower(text), name); slips <= most && slips < least {
			best, least = name, slips
		}
	}
	return best
}

// distance counts the letters that were left out, added, mistaken or swapped
// with their neighbour.
func distance(a, b string) int {
	var before, last, now []int
	for j := range len(b) + 1 {
		last = append(last, j)
	}
	for i := range len(a) {
		now = append(make([]int, 0, len(b)+1), i+1)
		for j := range len(b) {
			mistaken := 1
			if a[i] == b[j] {
				mistaken = 0
			}
			n := min(last[j+1]+1, now[j]+1, last[j]+mistaken)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				n = min(n, before[j-1]+1)
			}
			now = append(now, n)
		}
		before, last = last, now
	}
	return last[len(b)]
}
