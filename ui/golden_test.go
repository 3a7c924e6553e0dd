package ui

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
)

// mainScenes are those that are drawn on a light background and in a very wide
// window too: what most people come through.
var mainScenes = []string{
	"runtime", "provider", "host", "method", "application", "device", "browser", "token", "token pasted",
	"scopes being checked", "scopes granted", "scopes missing", "scopes unverifiable", "save", "hand off",
	"list", "list empty", "list by host", "page", "forget", "reuse", "keys of the list", "passphrase", "keychain locked", "said",
}

// tooSmall is the scene of a window that nothing fits into.
const tooSmall = "too small"

var port = regexp.MustCompile(`127\.0\.0\.1:\d{2,5}`)

// sizesOf are the windows that a scene is drawn in.
func sizesOf(scene string) [][2]int {
	sizes := [][2]int{{40, 12}, {80, 24}, {120, 40}}
	switch {
	case scene == tooSmall:
		return [][2]int{{39, 12}, {40, 11}, {20, 6}, {8, 2}}
	case slices.Contains(mainScenes, scene):
		return append(sizes, [2]int{200, 60})
	default:
		return sizes
	}
}

// look is how a terminal shows colours.
type look struct {
	name           string
	noColor, light bool
}

func looksOf(scene string) []look {
	looks := []look{{name: "dark"}, {name: "without colour", noColor: true}}
	if slices.Contains(mainScenes, scene) {
		looks = append(looks, look{name: "light", light: true})
	}
	return looks
}

// The frames of every screen: at three sizes, in colour and without; of the main
// ones on a light background and in a very wide window too. A screen that none
// of them shows is a failure.
func TestEveryScreenLooksAsItDid(t *testing.T) {
	var drawn sync.Map
	t.Cleanup(func() { // once they are all drawn
		shown, scenesDrawn := map[string]bool{}, 0
		drawn.Range(func(_, screen any) bool {
			shown[screen.(string)] = true
			scenesDrawn++
			return true
		})
		for _, screen := range screens(t) {
			if !shown[screen] && scenesDrawn == len(scenes) { // else some were asked for by name
				t.Errorf("no frame shows the screen %q", screen)
			}
		}
	})
	for _, scene := range scenes {
		for _, look := range looksOf(scene.name) {
			t.Run(scene.name+"/"+look.name, func(t *testing.T) {
				t.Parallel()
				shown := scene.set // of this frame alone: they are drawn side by side
				shown.noColor, shown.light = look.noColor, look.light
				s := open(t, shown)
				scene.walk(s)
				var text strings.Builder
				for _, size := range sizesOf(scene.name) {
					s.resize(size[0], size[1])
					fmt.Fprintf(&text, "%dx%d %s\n%s\n\n", size[0], size[1], s.m.View().WindowTitle, trimmed(s.styled()))
				}
				drawn.Store(scene.name, s.showing())
				golden.RequireEqual(t, port.ReplaceAllString(text.String(), "127.0.0.1:00000"))
			})
		}
	}
}

func TestTheMainScreensAreScreens(t *testing.T) {
	for _, name := range mainScenes {
		if !slices.ContainsFunc(scenes, func(s scene) bool { return s.name == name }) {
			t.Errorf("there is no scene %q", name)
		}
	}
}

// showing names the screen that is in sight.
func (s *stage) showing() string {
	switch {
	case s.m.tooSmall():
		return tooSmall
	case s.m.keys:
		return "keys"
	default:
		return s.m.screen().Scene()
	}
}

// screens are all that there are, as the source names them: those of the wizard
// and of the list, and those of the root itself.
func screens(t *testing.T) []string {
	t.Helper()
	names := []string{tooSmall, "keys"}
	for _, folder := range []string{"wizard", "dashboard"} {
		before := len(names)
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				names = append(names, namesIn(n)...)
				return true
			})
		}
		if len(names) == before {
			t.Errorf("%s has no screens", folder)
		}
	}
	return names
}

// namesIn are the names of screens that a piece of source gives: the name of a
// scene, or what a method Scene returns.
func namesIn(n ast.Node) []string {
	var names []string
	text := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if name, err := strconv.Unquote(lit.Value); err == nil {
				names = append(names, name)
			}
		}
	}
	switch n := n.(type) {
	case *ast.CompositeLit:
		if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "scene" {
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "name" {
					text(kv.Value)
				}
			}
		}
	case *ast.FuncDecl:
		if n.Name.Name == "Scene" {
			ast.Inspect(n.Body, func(n ast.Node) bool {
				if r, ok := n.(*ast.ReturnStmt); ok {
					text(r.Results[0])
				}
				return true
			})
		}
	}
	return names
}

func trimmed(frame string) string {
	lines := strings.Split(frame, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}
