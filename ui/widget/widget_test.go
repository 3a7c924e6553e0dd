package widget_test

import (
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
)

var look = theme.New(theme.Options{Profile: colorprofile.TrueColor})

// anyText is text as people and hosts write it, wide and combining characters
// included.
func anyText(t *rapid.T, label string) string {
	return rapid.StringOf(rapid.SampledFrom([]rune("ab -/:·…平仮é\u0301👩🚀"))).Draw(t, label)
}

func TestWrappedTextIsNeverTooWideAndLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(t, "text")
		width := rapid.IntRange(2, 40).Draw(t, "width")
		lines := widget.Wrap(text, width)
		for _, line := range lines {
			if got := widget.Width(line); got > width {
				t.Fatalf("%q is %d wide, not %d", line, got, width)
			}
		}
		without := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got, want := without(strings.Join(lines, "")), without(text); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestLinesBreakAtBlanksAndNotAtHyphens(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  []string
	}{
		{"gitgrant token prod --purpose runtime", 16, []string{"gitgrant token", "prod --purpose", "runtime"}},
		{"a code WDJB-MJHT", 12, []string{"a code", "WDJB-MJHT"}},
		{"Wdjbmjhtwdjbmjht", 12, []string{"Wdjbmjhtwdjb", "mjht"}},
		{"https://github.com/settings", 12, []string{"https://", "github.com/", "settings"}},
		{"https://github.com/settings/tokens/new?scopes=repo%2Cuser", 38, []string{"https://github.com/settings/tokens/new", "?scopes=repo%2Cuser"}},
		{"at https://gitlab.com/-/user_settings/tokens?name=prod+user&scopes=api", 38, []string{"at", "https://gitlab.com/-/user_settings/", "tokens?name=prod+user&scopes=api"}},
		{"one\ntwo", 12, []string{"one", "two"}},
		{"", 12, []string{""}},
		{"平仮名 ab", 4, []string{"平仮", "名", "ab"}},
	} {
		if got := widget.Wrap(test.text, test.width); !slices.Equal(got, test.want) {
			t.Errorf("%q in %d cells became %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestWhatIsCutSaysSo(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"github.com", 10, "github.com"}, {"github.com", 9, "github.c…"}, {"平仮名", 5, "平仮…"}, {"平仮名", 4, "平…"}, {"abc", 0, ""}, {"abc", -1, ""},
	} {
		if got := widget.Fit(look, test.text, test.width); got != test.want {
			t.Errorf("%q in %d cells became %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestTheFootOfAPageIsInSightWhateverTheSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		block := func(label, of string) []string {
			return slices.Repeat([]string{of}, rapid.IntRange(0, 30).Draw(t, label))
		}
		p := widget.Page{
			Head: block("head", "head"), Body: block("body", "body 平仮"), Foot: block("foot", "  foot"),
			Scroll: rapid.IntRange(-5, 50).Draw(t, "scroll"), Urgent: rapid.Bool().Draw(t, "urgent"),
		}
		if len(p.Foot) > 0 {
			p.Focus = rapid.IntRange(0, len(p.Foot)-1).Draw(t, "focus")
			p.Foot[p.Focus] = "> here"
			p.Cursor = tea.NewCursor(2, p.Focus)
		}
		width, height := rapid.IntRange(0, 30).Draw(t, "width"), rapid.IntRange(0, 40).Draw(t, "height")
		laid := p.Lay(look, width, height)
		if len(laid.Lines) != height {
			t.Fatalf("%d lines, want %d", len(laid.Lines), height)
		}
		for _, line := range laid.Lines {
			if widget.Width(line) > width {
				t.Fatalf("%q is wider than %d", line, width)
			}
		}
		if p.Cursor == nil || height == 0 || width < 6 {
			return
		}
		if laid.Cursor == nil || !strings.HasPrefix(laid.Lines[laid.Cursor.Y], "> here") {
			t.Fatalf("the line that is answered on is out of sight:\n%s", strings.Join(laid.Lines, "\n"))
		}
	})
}

func TestABodyThatIsCutSaysHowMuchIsOutOfSight(t *testing.T) {
	var body []string
	for _, r := range "abcdefghij" {
		body = append(body, string(r))
	}
	for scroll, want := range map[int][]string{
		0:  {"a", "b", "c", "↓ 7 more (PgDn)"},
		3:  {"d", "e", "f", "↑ 3  ↓ 4 more (PgUp, PgDn)"},
		99: {"h", "i", "j", "↑ 7 more (PgUp)"},
	} {
		laid := widget.Page{Body: body, Scroll: scroll}.Lay(look, 40, 4)
		if got := strings.Split(ansi.Strip(strings.Join(laid.Lines, "\n")), "\n"); !slices.Equal(got, want) || laid.Hidden != 7 {
			t.Errorf("scrolled by %d: %q, %d hidden", scroll, got, laid.Hidden)
		}
	}
}

func TestTheHelpLineDropsFromTheMiddleAndListsNothingDisabled(t *testing.T) {
	bind := func(k, what string) key.Binding { return key.NewBinding(key.WithKeys(k), key.WithHelp(k, what)) }
	off := bind("x", "disabled")
	off.SetEnabled(false)
	bindings := []key.Binding{bind("enter", "continue"), bind("esc", "back"), off, bind("ctrl+o", "open the page"), bind("f1", "keys")}
	for width, want := range map[int]string{
		80: "enter continue  esc back  ctrl+o open the page  f1 keys",
		40: "enter continue  esc back …  f1 keys",
		30: "enter continue …  f1 keys",
		20: "f1 keys",
		5:  "f1 k…",
	} {
		if got := ansi.Strip(widget.Help(look, bindings, width)); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}

func TestCrumbsKeepWhatItIsAboutAndWhatCameLast(t *testing.T) {
	answers := []string{"Runtime token", "prod", "GitHub", "github.com", "OAuth2"}
	for width, want := range map[int]string{
		80: "Runtime token › prod › GitHub › github.com › OAuth2",
		48: "Runtime token › prod › … › github.com › OAuth2",
		40: "Runtime token › prod › … › OAuth2",
		28: "Runtime token › … › OAuth2",
		22: "Runtime token › prod",
		14: "Runtime token",
		8:  "Runtime…",
	} {
		if got := ansi.Strip(widget.Crumbs(look, answers, width)); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}

func TestAFieldShowsTheEndThatIsTypedAt(t *testing.T) {
	f := widget.NewField(false)
	f.Set(strings.Repeat("a", 50) + "end")
	lines, x, y := f.Lines(look, "", 20, false)
	if got := ansi.Strip(lines[y]); got != "❯ …aaaaaaaaaaaaaend" || x != 19 {
		t.Errorf("%q, cursor in column %d", got, x)
	}
	f.Press(tea.KeyPressMsg{Code: tea.KeyHome})
	lines, x, _ = f.Lines(look, "", 20, false)
	if got := ansi.Strip(lines[0]); got != "❯ aaaaaaaaaaaaaaaaa…" || x != 2 {
		t.Errorf("%q, cursor in column %d", got, x)
	}
}

func TestAMaskedFieldShowsNothingButItsLength(t *testing.T) {
	f := widget.NewField(true)
	f.Paste("hunter2\n")
	lines, _, _ := f.Lines(look, "", 40, true)
	if drawn := ansi.Strip(strings.Join(lines, "\n")); strings.ContainsAny(drawn, "hunter2") || strings.Count(drawn, "•") != 7 {
		t.Errorf("drew\n%s", drawn)
	}
	if f.Text() != "hunter2" {
		t.Errorf("holds %q", f.Text())
	}
}

func TestControlCharactersDoNotReachAField(t *testing.T) {
	f := widget.NewField(false)
	f.Paste("pr\x1b[31mod\u202e\r\nsecond")
	if f.Text() != "pr[31mod  second" {
		t.Errorf("holds %q", f.Text())
	}
}

func TestAQRCodeHasALightBorderAndNoneWithoutBlocks(t *testing.T) {
	for name, o := range map[string]theme.Options{
		"in colour":               {Profile: colorprofile.TrueColor},
		"without colour on dark":  {Profile: colorprofile.ASCII},
		"without colour on light": {Profile: colorprofile.ASCII, Light: true},
	} {
		t.Run(name, func(t *testing.T) {
			lines := widget.QR(theme.New(o), "https://github.com/login/device")
			light := " "
			if o.Profile == colorprofile.ASCII && !o.Light {
				light = "█" // the ink is light there
			}
			if len(lines) != 15 {
				t.Fatalf("%d lines", len(lines))
			}
			first := ansi.Strip(lines[0])
			if first != strings.Repeat(light, 29) {
				t.Errorf("the first line is %q", first)
			}
			for _, line := range lines {
				if line = ansi.Strip(line); !strings.HasPrefix(line, light+light) || !strings.HasSuffix(line, light+light) {
					t.Errorf("no border: %q", line)
				}
			}
		})
	}
	if lines := widget.QR(theme.New(theme.Options{Plain: true}), "https://github.com"); lines != nil {
		t.Errorf("drew %q", lines)
	}
}

func TestALinkShowsItsWholeAddress(t *testing.T) {
	const address = "https://github.com/settings/tokens/new?scopes=repo"
	lines := widget.Link(look, address, 20)
	if got := ansi.Strip(strings.Join(lines, "")); got != address {
		t.Errorf("shows %q", got)
	}
	for _, line := range lines {
		if !strings.Contains(line, "\x1b]8;id="+address+";"+address) {
			t.Errorf("%q leads nowhere", line)
		}
	}
}

func TestHangingTextStandsUnderItsFirstWord(t *testing.T) {
	got := widget.Hang("✗", lipgloss.NewStyle(), "one two three", 10)
	if want := []string{"✗ one two", "  three"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
