package command_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitgrant/internal/term"
)

// pictures is where `make pictures` wants the pictures of the documentation.
// Without it they are drawn and looked at all the same.
var pictures = flag.String("pictures", "", "folder to write the pictures of the documentation to")

// shot is one picture: what is pressed to get there, what has to be on the
// screen then, and its name.
type shot struct {
	name  string
	press []string
	shows string
	title string
}

// walk is what a person sees first: the list, one runtime, and a sign-in to its
// end.
var walk = []shot{
	{name: "list", shows: "harbor", title: "The runtimes and the state of their tokens"},
	{press: []string{"n"}, shows: "What is the runtime called?"},
	{name: "provider", press: []string{"p", "r", "o", "d", "enter"}, shows: "Where are the Git repositories of prod?", title: "The wizard asks for the kind of Git host"},
	{name: "method", press: []string{"enter"}, shows: "How do you want to authorize?", title: "OAuth2 or a personal access token"},
	{name: "device", press: []string{"enter"}, shows: "login/device", title: "A device code, its page and a QR code"},
	{name: "scopes", press: []string{"a"}, shows: "Continue", title: "Every scope that is needed, checked live"},
	{name: "save", press: []string{"enter"}, shows: "Save", title: "Where the token will rest"},
	{name: "hand-off", press: []string{"enter"}, shows: "Hand off", title: "What comes next"},
}

func TestThePicturesOfTheDemoShowWhatTheyAreCalled(t *testing.T) {
	for name, dark := range map[string]bool{"dark": true, "light": false} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			screen := term.Start(t, term.Options{
				Cmd: []string{program(t), "demo"}, Env: h.env("COLORTERM=truecolor", "BROWSER=/bin/true"), Cols: 100, Rows: 30, Dark: dark,
			})
			for _, s := range walk {
				screen.Press(s.press...)
				screen.WaitUntil(func(text string) bool {
					return strings.Contains(text, s.shows) && !strings.Contains(text, "checking")
				})
				if s.name != "" {
					keep(t, screen, s, name)
				}
			}
			screen.Press("ctrl+c")
			h.exits(screen, 130)
		})
	}
}

// keep draws a picture, holds it to what the screen shows, and writes it where
// it is wanted.
func keep(t *testing.T, screen *term.Terminal, s shot, look string) {
	t.Helper()
	svg := screen.SVG("gitgrant: " + s.title)
	for _, word := range strings.Fields(s.shows) {
		if !strings.Contains(svg, strings.NewReplacer("'", "&#39;").Replace(word)) {
			t.Errorf("the picture %s lacks %q", s.name, word)
		}
	}
	if *pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pictures, s.name+"-"+look+".svg"), []byte(svg), 0o644); err != nil {
		t.Fatal(err)
	}
}
