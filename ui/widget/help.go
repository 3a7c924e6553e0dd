package widget

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"gitgrant/ui/theme"
)

// Help is the help line: what can be pressed now, the most useful first. Those
// that do not fit give way, but for the last, which leads to all of them.
func Help(t theme.Theme, bindings []key.Binding, width int) string {
	var hints []string
	for _, b := range bindings {
		if b.Enabled() && b.Help().Desc != "" {
			hints = append(hints, hint(t, b))
		}
	}
	if len(hints) == 0 {
		return ""
	}
	const between = "  "
	line, last := strings.Join(hints, between), hints[len(hints)-1]
	for kept := len(hints) - 2; Width(line) > width && kept >= 0; kept-- {
		line = last
		if kept > 0 {
			line = strings.Join(hints[:kept], between) + " " + t.Quiet.Render(t.Glyph.Cut) + between + last
		}
	}
	return Fit(t, line, width)
}

func hint(t theme.Theme, b key.Binding) string {
	return t.Key.Render(b.Help().Key) + " " + t.Quiet.Render(b.Help().Desc)
}
