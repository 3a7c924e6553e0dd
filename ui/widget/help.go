package widget

import (
	"charm.land/bubbles/v2/key"

	"gitgrant/ui/theme"
)

// Help is the help line: what can be pressed now, the most useful first. Those
// that do not fit give way, but for the last, which leads to all of them.
func Help(t theme.Theme, bindings []key.Binding, width int) string {
	var shown []key.Binding
	for _, b := range bindings {
		if b.Enabled() && b.Help().Desc != "" {
			shown = append(shown, b)
		}
	}
	if len(shown) == 0 {
		return ""
	}
	last := hint(t, shown[len(shown)-1])
	line := ""
	for i, b := range shown {
		next := hint(t, b)
		if line != "" {
			next = "  " + next
		}
		room := width - Width(line)
		if i < len(shown)-1 {
			room -= Width(last) + 2
		}
		if i < len(shown)-1 && Width(next) > room {
			if cut := t.Quiet.Render(t.Glyph.Cut) + "  "; line != "" && Width(cut) <= room+2 {
				line += " " + cut
			}
			return Fit(t, line+last, width)
		}
		line += next
	}
	return Fit(t, line, width)
}

func hint(t theme.Theme, b key.Binding) string {
	return t.Key.Render(b.Help().Key) + " " + t.Quiet.Render(b.Help().Desc)
}
