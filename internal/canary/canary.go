// Package canary finds a token where no token may be.
//
// A test runs a flow with a token that exists nowhere else, the canary, and
// then hands over everything the flow wrote: output, files, the bytes of the
// terminal. Rules of this package:
//
//   - A token counts as found in any of its shapes: as it is, in base64 at
//     every alignment, in hex, escaped for a URL, and by its first or last
//     eight characters alone.
//   - Each place is read twice: as it is, and with terminal sequences and white
//     space cut out, so that a token that was wrapped over lines or drawn in
//     pieces is one piece again.
//   - What is found is reported by place and shape, never by the token.
//
// It is for tests alone.
package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Part is how many characters of either end of a token give it away. A canary
// needs ends of its own: a prefix that other tokens share is no evidence.
const Part = 8

// Finding is a place that holds a token, and the shape that it has there.
type Finding struct {
	Place string
	Shape string
}

func (f Finding) String() string { return fmt.Sprintf("%s in %s", f.Shape, f.Place) }

// Search looks for every shape of the token in every place and returns what it
// found in the order of the places' names. An empty token is in no place.
func Search(token string, places map[string][]byte) []Finding {
	if token == "" {
		return nil
	}
	names := make([]string, 0, len(places))
	for name := range places {
		names = append(names, name)
	}
	slices.Sort(names)

	var findings []Finding
	shapes := shapesOf(token)
	for _, name := range names {
		whole, joined := places[name], join(places[name])
		for _, s := range shapes {
			if bytes.Contains(whole, s.text) || bytes.Contains(joined, s.text) {
				findings = append(findings, Finding{Place: name, Shape: s.name})
			}
		}
	}
	return findings
}

// Files reads a folder and all below it into places named by their path from
// there. What is no regular file is left out.
func Files(dir string) (map[string][]byte, error) {
	places := map[string][]byte{}
	tree := os.DirFS(dir)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		places[path], err = fs.ReadFile(tree, path)
		return err
	})
	return places, err
}

type shape struct {
	name string
	text []byte
}

// shapesOf leaves out a shape that equals one before it, as the escaped form of
// a token without special characters does.
func shapesOf(token string) []shape {
	all := []shape{
		{"the token", []byte(token)},
		{"the token in hex", []byte(hex.EncodeToString([]byte(token)))},
		{"the token in upper-case hex", []byte(strings.ToUpper(hex.EncodeToString([]byte(token))))},
		{"the token escaped for a query", []byte(url.QueryEscape(token))},
		{"the token escaped for a path", []byte(url.PathEscape(token))},
	}
	for before := range 3 {
		all = append(all,
			shape{"the token in base64", base64At(base64.RawStdEncoding, token, before)},
			shape{"the token in base64 for URLs", base64At(base64.RawURLEncoding, token, before)})
	}
	if len(token) > Part {
		all = append(all,
			shape{"the token's beginning", []byte(token[:Part])},
			shape{"the token's end", []byte(token[len(token)-Part:])})
	}

	var shapes []shape
	for _, s := range all {
		known := slices.ContainsFunc(shapes, func(k shape) bool { return bytes.Equal(k.text, s.text) })
		if len(s.text) > 0 && !known {
			shapes = append(shapes, s)
		}
	}
	return shapes
}

// base64At is what the token becomes in base64 behind some other bytes (as in
// "user:token"), without the characters at both ends that its neighbours share.
func base64At(encoding *base64.Encoding, token string, before int) []byte {
	encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + token))
	shared := []int{0, 2, 3}[before]
	if (before+len(token))%3 != 0 {
		encoded = encoded[:len(encoded)-1]
	}
	return []byte(encoded[min(shared, len(encoded)):])
}

// join cuts terminal sequences and white space.
func join(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, []byte(ansi.Strip(string(text))))
}
