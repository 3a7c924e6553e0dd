package canary_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
)

const token = "Zq7x+canary/3fK9=wB2d~end81Yt"

func TestATokenIsFoundInEveryShape(t *testing.T) {
	for name, test := range map[string]struct{ text, shape string }{
		"as it is":                    {"token: " + token + "\n", "the token"},
		"in hex":                      {hex.EncodeToString([]byte(token)), "the token in hex"},
		"in upper-case hex":           {strings.ToUpper(hex.EncodeToString([]byte(token))), "the token in upper-case hex"},
		"in a query":                  {"https://host/?t=" + url.QueryEscape(token), "the token escaped for a query"},
		"in a path":                   {"https://host/" + url.PathEscape(token), "the token escaped for a path"},
		"in base64":                   {base64.StdEncoding.EncodeToString([]byte(token)), "the token in base64"},
		"in base64 behind one byte":   {base64.StdEncoding.EncodeToString([]byte(":" + token + ":x")), "the token in base64"},
		"in base64 behind two bytes":  {base64.StdEncoding.EncodeToString([]byte("x:" + token + "\n")), "the token in base64"},
		"in base64 of a JWT":          {base64.RawURLEncoding.EncodeToString([]byte("???>>>" + token)), "the token in base64"},
		"cut to its beginning":        {token[:canary.Part] + "…", "the token's beginning"},
		"cut to its end":              {"…" + token[len(token)-canary.Part:], "the token's end"},
		"wrapped over lines":          {token[:12] + "\r\n    " + token[12:], "the token"},
		"drawn in pieces":             {token[:5] + "\x1b[31m" + token[5:9] + "\x1b[4;7H" + token[9:], "the token"},
		"in base64 cut into lines":    {base64.StdEncoding.EncodeToString([]byte(token))[:20] + "\n" + base64.StdEncoding.EncodeToString([]byte(token))[20:], "the token in base64"},
		"in the title of the window":  {"\x1b]0;" + token + "\x07", "the token"},
		"between bytes of no meaning": {"\x00\xff" + token + "\xfe\x00", "the token"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range canary.Search(token, map[string][]byte{"place": []byte(test.text)}) {
				if f.Shape == test.shape && f.Place == "place" {
					return
				}
			}
			t.Errorf("%q is not found in %q", test.shape, test.text)
		})
	}
}

func TestATextWithoutTheTokenIsClean(t *testing.T) {
	places := map[string][]byte{
		"empty":              nil,
		"prose":              []byte("the token was stored in the keychain"),
		"seven of its start": []byte(token[:canary.Part-1]),
		"another token":      []byte("ghp_anotherTokenAltogether00000000000"),
		"base64 of another":  []byte(base64.StdEncoding.EncodeToString([]byte("user:another"))),
	}
	if found := canary.Search(token, places); found != nil {
		t.Errorf("found %v", found)
	}
}

func TestAnEmptyTokenIsNowhere(t *testing.T) {
	if found := canary.Search("", map[string][]byte{"place": []byte("text")}); found != nil {
		t.Errorf("found %v", found)
	}
}

func TestAFindingNeverRepeatsTheToken(t *testing.T) {
	for _, f := range canary.Search(token, map[string][]byte{"log": []byte(token)}) {
		if again := canary.Search(token, map[string][]byte{"finding": []byte(f.String())}); again != nil {
			t.Errorf("%v", again)
		}
	}
}

func TestFilesAreFoundByTheirPath(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{"index.json": "{}", "logs/debug.log": "Bearer " + token} {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	places, err := canary.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []canary.Finding{
		{Place: "logs/debug.log", Shape: "the token"},
		{Place: "logs/debug.log", Shape: "the token's beginning"},
		{Place: "logs/debug.log", Shape: "the token's end"},
	}
	if diff := cmp.Diff(want, canary.Search(token, places)); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if _, err := canary.Files(filepath.Join(t.TempDir(), "gone")); err == nil {
		t.Error("no error")
	}
}

type plain struct{ hidden string }

type holder struct {
	pointer *plain
	list    []any
	byName  map[string]plain
	letters []rune
	raw     []byte
	sealed  func() string
	itself  *holder
}

func TestATokenIsFoundWhereverAValueHoldsIt(t *testing.T) {
	for name, value := range map[string]holder{
		"behind a pointer":    {pointer: &plain{token}},
		"in a list":           {list: []any{1, plain{token}}},
		"in a map":            {byName: map[string]plain{"a": {token}}},
		"as a key":            {byName: map[string]plain{token: {}}},
		"as characters":       {letters: []rune(token)},
		"as bytes":            {raw: []byte("a " + token)},
		"in a circle":         {itself: &holder{pointer: &plain{token}}},
		"as a part of itself": {pointer: &plain{token[:canary.Part] + "…"}},
	} {
		t.Run(name, func(t *testing.T) {
			value.list = append(value.list, &value)
			if found, types := canary.Held(token, "gitgrant", nil, value); len(found) == 0 || len(types) == 0 {
				t.Errorf("nothing was found in %v", types)
			} else if strings.Contains(fmt.Sprint(found), token) {
				t.Error("what was found repeats the token")
			}
		})
	}
	closed := holder{sealed: func() string { return token }}
	if found, _ := canary.Held(token, "gitgrant", nil, closed, &closed); len(found) > 0 {
		t.Errorf("it found %v", found)
	}
}

type spoken struct{ text string }

func (s spoken) String() string { return s.text }

type logged struct {
	Shown  fmt.Stringer
	inside struct{ Text string }
}

func TestATokenIsFoundInWhatAStructPrints(t *testing.T) {
	one := logged{inside: struct{ Text string }{token}}
	if found, _ := canary.Held(token, "gitgrant", nil, &one); !strings.Contains(fmt.Sprint(found), "*canary_test.logged printed") {
		t.Errorf("it found %v", found)
	}
	if found, _ := canary.Held(token, "gitgrant", []string{"canary_test.spoken"}, &logged{Shown: spoken{token}}); len(found) > 0 {
		t.Errorf("of what is left out it found %v", found)
	}
}
