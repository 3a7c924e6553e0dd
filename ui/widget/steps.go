package widget

import (
	"slices"
	"strings"

	"gitgrant/ui/theme"
)

// Rail is the way through the steps as one line of dots: done, here, ahead.
func Rail(t theme.Theme, steps, current int) string {
	var rail []string
	for i := range steps {
		switch {
		case i < current:
			rail = append(rail, t.Good.Render(t.Glyph.Done))
		case i == current:
			rail = append(rail, t.Accent.Render(t.Glyph.Here))
		default:
			rail = append(rail, t.Rule.Render(t.Glyph.Ahead))
		}
	}
	return strings.Join(rail, " ")
}

// Crumbs are the answers so far on one line. Where they do not fit, those in
// the middle give way: what it is about stands first, what came last, last.
func Crumbs(t theme.Theme, answers []string, width int) string {
	between := " " + t.Glyph.Crumb + " "
	line := strings.Join(answers, between)
	for keep := min(2, len(answers)); Width(line) > width && keep > 0; keep-- {
		for from := keep + 1; Width(line) > width && from < len(answers); from++ {
			line = strings.Join(slices.Concat(answers[:keep], []string{t.Glyph.Cut}, answers[from:]), between)
		}
	}
	for keep := 2; Width(line) > width && keep > 0; keep-- {
		line = strings.Join(answers[:min(keep, len(answers))], between)
	}
	return t.Quiet.Render(Fit(t, line, width))
}
