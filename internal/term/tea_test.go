package term_test

import (
	"fmt"
	"strings"
	"testing"

	bubbletea "charm.land/bubbletea/v2"

	"gitgrant/internal/term"
)

// model is a Bubble Tea program that shows what reaches it.
type model struct {
	cols, rows int
	background string
	keys       []string
	paste      string
}

func tea() {
	if _, err := bubbletea.NewProgram(model{}).Run(); err != nil {
		panic(err)
	}
}

func (m model) Init() bubbletea.Cmd { return bubbletea.RequestBackgroundColor }

func (m model) Update(msg bubbletea.Msg) (bubbletea.Model, bubbletea.Cmd) {
	switch msg := msg.(type) {
	case bubbletea.WindowSizeMsg:
		m.cols, m.rows = msg.Width, msg.Height
	case bubbletea.BackgroundColorMsg:
		m.background = map[bool]string{true: "dark", false: "light"}[msg.IsDark()]
	case bubbletea.PasteMsg:
		m.paste = msg.Content
	case bubbletea.KeyPressMsg:
		if msg.String() == "ctrl+c" {
			return m, bubbletea.Quit
		}
		m.keys = append(m.keys, msg.String())
	}
	return m, nil
}

func (m model) View() bubbletea.View {
	title := " keys "
	if m.cols > len(title)+2 {
		title = "╭" + title + strings.Repeat("─", m.cols-len(title)-2) + "╮"
	}
	view := bubbletea.NewView(fmt.Sprintf("%s\nsize %dx%d\nbackground %s\nkeys %s\npaste %q",
		title, m.cols, m.rows, m.background, strings.Join(m.keys, " "), m.paste))
	view.AltScreen = true
	view.Cursor = bubbletea.NewCursor(5, 3)
	return view
}

func TestABubbleTeaProgramRunsAsInATerminal(t *testing.T) {
	screen := start(t, "tea", term.Options{Cols: 40, Rows: 12, Dark: true})
	screen.WaitFor("size 40x12")
	screen.WaitFor("background dark")
	screen.Press("down", "shift+tab", "f1", "enter")
	screen.WaitFor("keys down shift+tab f1 enter")
	screen.Press("esc")
	screen.WaitFor("enter esc")
	screen.Paste("ghp_pasted")
	screen.WaitFor(`paste "ghp_pasted"`)

	screen.Resize(60, 20)
	screen.WaitUntil(func(text string) bool {
		return strings.Contains(text, "size 60x20") && strings.HasPrefix(text, "╭ keys "+strings.Repeat("─", 52)+"╮\n")
	})
	if col, row, visible := screen.Cursor(); col != 5 || row != 3 || !visible {
		t.Errorf("the cursor is at %d,%d, visible: %t", col, row, visible)
	}

	screen.Press("ctrl+c")
	if code := screen.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if left := strings.TrimSpace(screen.Screen()); left != "" {
		t.Errorf("the program left behind %q", left)
	}
}

func TestALightTerminalSaysSo(t *testing.T) {
	screen := start(t, "tea", term.Options{})
	screen.WaitFor("background light")
	screen.Press("ctrl+c")
	screen.Exit()
}
