package command

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"gitgrant/keyring/secret"
)

// tokenShape is what tokens of the hosts look like, and what stands in a header
// before one. Those of Bitbucket Data Center begin with a number in base64,
// three digits of which make four letters. A piece of eighty letters is nothing
// that anybody wrote: OAuth tokens may have no shape at all.
var tokenShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(gh[pousr]_|github_pat_|gl[a-z]{2,12}-|AT[A-Z]TT|ATBB|BBDC-|AGE-SECRET-KEY-)[A-Za-z0-9._=+/-]{6,}` +
		`|(?i:(bearer|basic|private-token:?) +)[A-Za-z0-9._=+/-]{6,}` +
		`|([MNO][DTjz][AEIMQUYcgk][w-z0-5]){3}[A-Za-z0-9+/]{20,}=*` +
		`|[A-Za-z0-9_=-]{80,}` +
		`|\b[0-9a-f]{40,}\b`)
})

// masks takes tokens out of texts that nobody wrote for a person: logs, and
// what a fault of the program says. It knows their shapes, and those that went
// through this process by heart.
type masks struct {
	mu    sync.Mutex
	known []secret.Secret
}

// learn remembers a secret.
func (m *masks) learn(s secret.Secret) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.Len() >= shortest {
		m.known = append(m.known, s)
	}
}

func (m *masks) mask(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.known {
		for _, form := range forms(s.Reveal()) {
			text = strings.ReplaceAll(text, form, secret.Mask)
		}
	}
	return tokenShape().ReplaceAllString(text, secret.Mask)
}

// shortest is the length of a secret below which it is not looked for: it occurs
// in words that have nothing to do with it, and a mask there would tell it.
const shortest = 8

// forms are a secret as it is, and as addresses, JSON, headers and dumps write it.
func forms(text string) []string {
	all := []string{text}
	quoted, _ := json.Marshal(text) // a text always marshals
	all = append(all, url.QueryEscape(text), url.PathEscape(text), string(quoted[1:len(quoted)-1]),
		hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text))))
	for before, shared := range []int{0, 2, 3} { // characters that a neighbour in front has a share in
		bytes := []byte(strings.Repeat("\x00", before) + text)
		whole := len(bytes) / 3 * 4 // behind that a neighbour has
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, encoding.EncodeToString(bytes)[shared:whole])
		}
	}
	return all
}

// masked is a writer that masks each piece that is written at once.
type masked struct {
	to    io.Writer
	masks *masks
}

func (w masked) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.to, w.masks.mask(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
