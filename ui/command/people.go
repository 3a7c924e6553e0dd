package command

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/words"
)

// columns writes rows under a head, aligned by what is seen, not by bytes.
func columns(w io.Writer, head []string, rows [][]string) {
	all := append([][]string{head}, rows...)
	widths := widthsOf(all)
	for _, row := range all {
		fmt.Fprintln(w, aligned(row, widths))
	}
}

func widthsOf(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	return widths
}

// aligned is a row as one line.
func aligned(row []string, widths []int) string {
	var line strings.Builder
	for i, cell := range row {
		line.WriteString(cell)
		if i < len(row)-1 {
			line.WriteString(strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2))
		}
	}
	return strings.TrimRight(line.String(), " ")
}

// look is the theme of what goes to standard output: sixteen colours on a
// terminal that takes them, and none in a pipe.
func (s *session) look() theme.Theme {
	o := theme.Options{Profile: colorprofile.ASCII, Plain: theme.PlainGlyphs(os.Getenv)}
	if s.colored() {
		o.Profile = colorprofile.ANSI
	}
	return theme.New(o)
}

// marked is a word behind the glyph of its mark, in its tone where there are
// any: a style without a colour would still leave its codes in a pipe.
func (s *session) marked(m theme.Mark, word string) string {
	if !s.colored() {
		return m.Glyph + " " + word
	}
	return m.Style.Render(m.Glyph + " " + word)
}

func (s *session) statusWord(status flows.Status) string {
	return s.marked(s.look().Status(status), string(status))
}

// describe tells a person what was found out about one token.
func (s *session) describe(about words.Subject, v flows.Verdict) {
	fmt.Fprintf(s.out, "%s  %s\n", s.statusWord(v.Status), title(about, v))
	var rows [][]string
	for _, f := range v.Findings {
		state := s.marked(s.look().Requirement(f.State), words.State(f.State))
		rows = append(rows, []string{"  " + state, words.Scope(f), evidence(f)})
	}
	if len(rows) > 0 {
		fmt.Fprintln(s.out)
		columns(s.out, []string{"  STATE", "REQUIREMENT", "EVIDENCE"}, rows)
	}
	s.proofs(v.Proofs)
	for _, line := range s.remarks(about, v) {
		fmt.Fprintln(s.out, line)
	}
}

// proofs tells what the repositories showed.
func (s *session) proofs(proofs []providers.Proof) {
	if len(proofs) == 0 {
		return
	}
	var rows [][]string
	for _, p := range proofs {
		state := s.marked(s.look().Requirement(p.State), words.State(p.State))
		rows = append(rows, []string{"  " + state, p.Repository, string(p.Right), p.Evidence})
	}
	fmt.Fprintln(s.out)
	columns(s.out, []string{"  STATE", "REPOSITORY", "RIGHT", "EVIDENCE"}, rows)
}

// title says what token it is.
func title(about words.Subject, v flows.Verdict) string {
	parts := []string{words.Purpose(about.Purpose)}
	if about.Runtime != "" {
		parts = append(parts, "of "+about.Runtime)
	}
	if v.Account.Login != "" {
		parts = append(parts, "as "+v.Account.Login)
	}
	parts = append(parts, "at "+strings.TrimPrefix(about.Host.URL, "https://"))
	if v.Kind != "" && v.Kind != providers.UnknownKind {
		parts = append(parts, "("+string(v.Kind)+")")
	}
	return strings.Join(parts, " ")
}

// remarks are the facts and sentences that follow.
func (s *session) remarks(about words.Subject, v flows.Verdict) []string {
	var lines []string
	add := func(label, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-8s %s", label, text))
		}
	}
	if len(v.Findings) > 0 || !v.ExpiresAt.IsZero() {
		add("Ends:", words.EndsOn(v, about.Now))
	}
	if !v.LastUsed.IsZero() {
		add("Used:", words.Ago(about.Now, v.LastUsed))
	}
	if len(v.Excess) > 0 {
		add("Note:", words.Excess(v.Excess))
	}
	add("Note:", words.Concern(flows.ConcernOf(about.Host.Provider, about.Purpose, v), v.Account.Login))
	if about.Store != "" {
		add("Store:", string(about.Store))
	}
	add("Why:", words.Reason(v, about))
	add("Next:", words.Next(v, about).Do)
	if len(lines) > 0 {
		lines = append([]string{""}, lines...)
	}
	return lines
}

func evidence(f providers.Finding) string {
	if f.By != "" && f.By != f.Name {
		return "by " + f.By + ", " + f.Evidence
	}
	return f.Evidence
}
