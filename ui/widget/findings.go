package widget

import (
	"strings"

	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/words"
)

// Finding is a requirement as it was found, and why it is one.
type Finding struct {
	providers.Finding
	Why string
}

// besides is the width from which the words of the states have a column.
const besides = 60

// Brief is a finding without its explanations. What nothing proves is not told
// without saying why.
func (f Finding) Brief() Finding {
	f.Why = ""
	if f.State != providers.Unverifiable {
		f.Evidence = ""
	}
	return f
}

// Findings are requirements with their state in a sign and a word, why they are
// needed and how the state is known. A state that is not known yet is told as
// being checked.
func Findings(t theme.Theme, findings []Finding, width int) []string {
	column := 0
	if width >= besides {
		for _, f := range findings {
			column = max(column, Width(stateWord(f.State)))
		}
		column += 3
	}
	var lines []string
	for _, f := range findings {
		mark := t.Requirement(f.State)
		word := mark.Style.Render(stateWord(f.State))
		if column > 0 {
			at := column + 2
			about := strings.TrimSpace(f.Why + " " + words.Evidence(f.Finding))
			text := append(Text(t.Strong, f.Label, width-at), Text(t.Accent, words.Takes(f.Finding), width-at)...)
			text = append(text, Text(t.Quiet, about, width-at)...)
			lines = append(lines, Beside(t, []string{mark.String() + " " + word}, at, text)...)
			continue
		}
		lines = append(lines, Hang(mark.String(), t.Strong, f.Label, width)...)
		lines = append(lines, Indent(2, append([]string{word}, Text(t.Accent, words.Takes(f.Finding), width-2)...))...)
		lines = append(lines, Indent(2, Text(t.Quiet, words.Evidence(f.Finding), width-2))...)
	}
	return lines
}

func stateWord(s providers.State) string {
	if s == "" {
		return words.StillChecking
	}
	return words.State(s)
}
