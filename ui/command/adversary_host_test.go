package command_test

import (
	"bytes"
	"os"
	"testing"

	"gitgrant/providers/sandbox"
)

// What a hostile host answers leaves no token stored, nothing on the terminal
// but a message, and never a token that is called bad.
func TestAdversaryOfTheHost17StoresNothingAndLeavesTheTerminalClean(t *testing.T) {
	for _, name := range []string{
		"error-500", "html", "empty", "invalid-json", "wrong-shape", "large", "endless", "gzip-bomb", "dropped", "redirect-302", "redirect-307", "hostile-error",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			out, code := h.piped(sandbox.MustToken("github", name).Text, "install", "prod", "--provider", "github", "--token-stdin")
			if want := map[bool]int{true: 4, false: 5}[name == "hostile-error"]; code != want {
				t.Errorf("exit code %d, not %d: %s", code, want, out)
			}
			if len(out) > 4<<10 || bytes.ContainsAny(out, "\x1b\x07\u009b\u202e") {
				t.Errorf("%d bytes are said: %.300q", len(out), out)
			}
			if left, err := os.ReadFile(h.path("data/vault.age")); err == nil {
				t.Errorf("%d bytes are in the vault", len(left))
			}
			if out, code := h.piped("", "status", "--offline", "-o", "json"); code != 0 || !bytes.Contains(out, []byte(`"grants": []`)) {
				t.Errorf("status ended with %d: %s", code, out)
			}
		})
	}
}
