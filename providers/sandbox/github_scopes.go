package sandbox

import (
	"slices"
	"strings"
)

// scopeTree is GitHub's classic scopes, each family led by its widest, and
// what a scope includes.
var scopeTree = []struct {
	scope    string
	includes []string
}{
	{"repo", []string{"repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"}},
	{"workflow", nil},
	{"write:packages", []string{"read:packages"}},
	{"delete:packages", []string{"read:packages"}},
	{"admin:org", []string{"write:org", "read:org", "manage_runners:org"}},
	{"write:org", []string{"read:org"}},
	{"admin:public_key", []string{"write:public_key", "read:public_key"}},
	{"write:public_key", []string{"read:public_key"}},
	{"admin:repo_hook", []string{"write:repo_hook", "read:repo_hook"}},
	{"write:repo_hook", []string{"read:repo_hook"}},
	{"admin:org_hook", nil},
	{"gist", nil},
	{"notifications", nil},
	{"user", []string{"read:user", "user:email", "user:follow"}},
	{"delete_repo", nil},
	{"admin:enterprise", []string{"manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise"}},
	{"project", []string{"read:project"}},
	{"admin:gpg_key", []string{"write:gpg_key", "read:gpg_key"}},
	{"write:gpg_key", []string{"read:gpg_key"}},
}

// included lists what a scope brings with it; nil where it stands alone, and
// known is false where GitHub has no such scope.
func included(scope string) (list []string, known bool) {
	for _, s := range scopeTree {
		if s.scope == scope {
			return s.includes, true
		}
		known = known || slices.Contains(s.includes, scope)
	}
	return nil, known
}

// normalized is how GitHub keeps the scopes that somebody asked for: sorted,
// without those that another one includes and without unknown ones.
func normalized(asked []string) []string {
	kept := slices.Sorted(slices.Values(asked))
	kept = slices.DeleteFunc(slices.Compact(kept), func(scope string) bool {
		_, known := included(scope)
		return !known || slices.ContainsFunc(asked, func(other string) bool {
			wider, _ := included(other)
			return slices.Contains(wider, scope)
		})
	})
	return kept
}

// covers reports whether scopes hold one, by itself or within a wider one.
func covers(scopes []string, scope string) bool {
	return slices.ContainsFunc(scopes, func(have string) bool {
		wider, _ := included(have)
		return have == scope || slices.Contains(wider, scope)
	})
}

// splitScopes reads a list as requests write it, by spaces or by commas.
func splitScopes(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' })
}
