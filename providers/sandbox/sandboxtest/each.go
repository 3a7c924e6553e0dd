package sandboxtest

import (
	"testing"

	"gitgrant/providers"
	"gitgrant/providers/sandbox"
)

// EachToken holds every token that the sandbox has for a kind of host against
// what a table says of it. A token that the table does not know fails, and so
// does a row that no token stands behind.
func EachToken[W any](t *testing.T, kind providers.Kind, table map[string]W, hold func(*testing.T, sandbox.Token, W)) {
	t.Helper()
	met := map[string]bool{}
	for _, token := range sandbox.Tokens() {
		if token.Provider != string(kind) {
			continue
		}
		met[token.Name] = true
		t.Run(token.Provider+" "+token.Name, func(t *testing.T) {
			want, said := table[token.Name]
			if !said {
				t.Fatal("nobody has said what it is")
			}
			hold(t, token, want)
		})
	}
	for name := range table {
		if !met[name] {
			t.Errorf("%s: the sandbox has no token %s", kind, name)
		}
	}
}
