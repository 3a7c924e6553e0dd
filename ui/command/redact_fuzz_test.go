package command

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"gitgrant/keyring/secret"
)

// FuzzRedact hides a token of no known shape, in whatever it is written, in any
// text.
func FuzzRedact(f *testing.F) {
	f.Add("token=", "&x", []byte("a"))
	f.Add("Authorization: Basic ", "\n", []byte("b"))
	f.Add(`{"t":"`, `"}`, []byte{0})
	f.Add("\x1b[31m", "\xff", []byte("c"))
	f.Fuzz(func(t *testing.T, before, after string, seed []byte) {
		sum := sha256.Sum256(seed)
		token := base32.StdEncoding.EncodeToString(sum[:])[:20] + "+/=~&"
		quoted, err := json.Marshal(token)
		if err != nil {
			t.Fatal(err)
		}
		var m masks
		m.learn(secret.New(token))
		for name, form := range map[string]string{
			"as it is": token, "in a query": url.QueryEscape(token), "in a path": url.PathEscape(token), "in JSON": string(quoted),
			"in hex": hex.EncodeToString([]byte(token)), "in base64": base64.StdEncoding.EncodeToString([]byte(token)),
			"beside a name": base64.StdEncoding.EncodeToString([]byte("octocat:" + token)), "in base64 of addresses": base64.RawURLEncoding.EncodeToString([]byte("x:" + token)),
		} {
			got := m.mask(before + form + after)
			for i := 4; i+8 <= len(form)-4; i++ { // at its ends an encoding may have a letter of a neighbour in it
				if piece := form[i : i+8]; strings.Contains(got, piece) && !strings.Contains(before+after, piece) {
					t.Fatalf("%s it leaves %q of %q in %q", name, piece, form, got)
				}
			}
		}
	})
}
