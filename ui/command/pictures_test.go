package command_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitgrant/internal/term"
	"gitgrant/providers"
	"gitgrant/providers/sandbox"
)

// pictures is where `make pictures` wants the pictures of the documentation.
// Without it they are drawn and looked at all the same.
var pictures = flag.String("pictures", "", "folder to write the pictures of the documentation to")

// shot is one picture: what is pressed to get there, what has to be on the
// screen then, and its name.
type shot struct {
	name  string
	paste string // beforehand
	press []string
	shows string
	title string
}

// walk is what a person sees first: the list, one runtime, and a sign-in to its
// end.
var walk = []shot{
	{name: "list", shows: "summit", title: "The runtimes and the state of their tokens"},
	{press: []string{"n"}, shows: "What is the runtime called?"},
	{name: "provider", press: []string{"p", "r", "o", "d", "enter"}, shows: "Where are the Git repositories of prod?", title: "The wizard asks for the kind of Git host"},
	{name: "method", press: []string{"enter"}, shows: "How do you want to authorize?", title: "OAuth2 or a personal access token"},
	{name: "device", press: []string{"enter"}, shows: "login/device", title: "A device code, its page and a QR code"},
	{name: "scopes", press: []string{"a"}, shows: "Continue", title: "Every scope that is needed, checked live"},
	{name: "save", press: []string{"enter"}, shows: "Save", title: "Where the token will rest"},
	{name: "hand-off", press: []string{"enter"}, shows: "Hand off", title: "What comes next"},
}

// guided is what a guide shows of its own host: what has to be ticked there, and
// what the host says of a token that has it.
type guided struct {
	name  string
	kind  providers.Kind
	args  []string
	ticks string   // stands on the screen that takes the token
	asked []string // keys for what only the owner of the token can tell
	found string   // stands on the screen of the scopes
}

var guides = []guided{
	{"github", providers.GitHub, nil, "admin:repo_hook", nil, "everything that it needs"},
	{"gitlab", providers.GitLab, nil, "read_repository", nil, "everything that it needs"},
	{
		"bitbucket", providers.Bitbucket, nil, "read:workspace:bitbucket",
		append(strings.Split("acme-bot@acme.example", ""), "enter", "enter", "down", "enter"), "Workspace membership: Read",
	},
	{"bitbucket-data-center", providers.BitbucketServer, []string{"--host", "git.example.com/bitbucket"}, "Project admin", []string{"down", "enter"}, "cannot be verified"},
}

// shots are the screens of one guide.
func (g guided) shots() []shot {
	token := sandbox.MustToken(string(g.kind), "runtime").Text
	return []shot{
		{name: g.name + "-token", shows: g.ticks, title: "What a token for a runtime takes"},
		{name: g.name + "-scopes", paste: token, press: append([]string{"enter"}, g.asked...), shows: g.found, title: "What the host says of it"},
	}
}

// named are profiles of hosts as people know them, answered for by the built-in
// ones.
func (h *home) named() string {
	return strings.NewReplacer("URL", h.server.URL()).Replace(`hosts:
  - {host: github.com, provider: github, api_url: URL/github/api}
  - {host: gitlab.com, provider: gitlab, api_url: URL/gitlab/api/v4}
  - {host: bitbucket.org, provider: bitbucket, api_url: URL/bitbucket-api/2.0}
  - {host: git.example.com/bitbucket, provider: bitbucket-server, api_url: URL/bbs/bitbucket/rest}
`)
}

var looks = map[string]bool{"dark": true, "light": false}

func TestThePicturesOfTheDemoShowWhatTheyAreCalled(t *testing.T) {
	for look, dark := range looks {
		t.Run(look, func(t *testing.T) {
			h := newHome(t)
			h.draw(look, term.Options{
				Cmd: []string{program(t), "demo", "--theme", look}, Env: h.env("COLORTERM=truecolor", "BROWSER=/bin/true"), Cols: 100, Rows: 30, Dark: dark,
			}, walk)
		})
	}
}

func TestThePicturesOfTheGuidesShowTheirOwnHost(t *testing.T) {
	for _, g := range guides {
		for look, dark := range looks {
			t.Run(g.name+" "+look, func(t *testing.T) {
				h := newHome(t)
				h.write("config/hosts.yaml", h.named())
				args := append([]string{program(t), "install", "prod", "--provider", string(g.kind), "--method", "pat", "--theme", look}, g.args...)
				h.draw(look, term.Options{Cmd: args, Env: h.env("COLORTERM=truecolor"), Cols: 100, Rows: 36, Dark: dark}, g.shots())
			})
		}
	}
}

// draw walks through the program and keeps the pictures on the way.
func (h *home) draw(look string, o term.Options, shots []shot) {
	h.t.Helper()
	screen := term.Start(h.t, o)
	for _, s := range shots {
		if s.paste != "" {
			screen.Paste(s.paste)
			screen.WaitFor(" characters")
		}
		screen.Press(s.press...)
		screen.WaitUntil(func(text string) bool {
			return strings.Contains(text, s.shows) && !strings.Contains(text, "checking") && !strings.Contains(text, "Looking at")
		})
		if s.name != "" {
			keep(h.t, screen, s, look)
		}
	}
	screen.Press("ctrl+c")
	h.exits(screen, 130)
}

// keep draws a picture, holds it to what the screen shows, and writes it where
// it is wanted.
func keep(t testing.TB, screen *term.Terminal, s shot, look string) {
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
