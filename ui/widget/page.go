package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"gitgrant/ui/theme"
	"gitgrant/ui/words"
)

// Page is a screen before it is laid out. The head stands, the body scrolls
// and the foot, where a person answers, is always in sight.
type Page struct {
	Head   []string
	Body   []string
	Brief  []string // the body without its explanations, for where the whole does not fit; may be nil
	Foot   []string
	Focus  int         // the line of the foot that is answered on
	Cursor *tea.Cursor // in the foot; nil hides it
	Scroll int         // lines of the body that are above the window
	Urgent bool        // the foot says why something failed: it is seen as a whole if it can be
}

// Laid is a page in its place.
type Laid struct {
	Lines  []string
	Cursor *tea.Cursor
	Hidden int // lines of the body that do not fit; it can be scrolled by so many
}

// airy is the height from which there is room for blank lines.
const airy = 10

// Lay fits a page into a size. Whatever the size, it returns height lines of at
// most width cells.
func (p Page) Lay(t theme.Theme, width, height int) Laid {
	width, height = max(0, width), max(0, height)
	head := p.Head[:min(len(p.Head), max(0, height-min(3, height)))]
	room := height - len(head)
	if p.Brief != nil && len(p.Body)+len(p.Foot) > room {
		p.Body = p.Brief
	}
	gap := 0
	if len(p.Body) > 0 && len(p.Foot) > 0 && (room > airy || len(p.Body)+len(p.Foot) < room) {
		gap = 1
	}
	var laid Laid
	footRoom := max(room-gap-len(p.Body), min(room, max(3, room/2)))
	if p.Urgent {
		footRoom = room
	}
	foot, above := window(t, p.Foot, p.Focus, footRoom)
	body, hidden := scrolled(t, p.Body, p.Scroll, room-gap-len(foot))
	laid.Hidden = hidden
	laid.Lines = append(append(laid.Lines, head...), body...)
	if gap == 1 && len(body) > 0 {
		laid.Lines = append(laid.Lines, "")
	}
	if p.Cursor != nil {
		at := *p.Cursor
		at.Y += len(laid.Lines) - above
		laid.Cursor = &at
	}
	laid.Lines = append(laid.Lines, foot...)
	for i, line := range laid.Lines {
		laid.Lines[i] = Fit(t, line, width)
	}
	for len(laid.Lines) < height {
		laid.Lines = append(laid.Lines, "")
	}
	laid.Lines = laid.Lines[:height]
	if c := laid.Cursor; c != nil && (c.X < 0 || c.X >= width || c.Y < 0 || c.Y >= height) {
		laid.Cursor = nil
	}
	return laid
}

// window keeps the lines around the focus; arrows in the margin say that there
// are more. above is how many were left out before the first.
func window(t theme.Theme, lines []string, focus, room int) (seen []string, above int) {
	if len(lines) <= room {
		return lines, 0
	}
	if room <= 0 {
		return nil, 0
	}
	above = min(max(0, focus-room/2), len(lines)-room)
	seen = append(seen, lines[above:above+room]...)
	if above > 0 {
		seen[0] = inMargin(t, t.Glyph.Up, seen[0])
	}
	if last := room - 1; above+room < len(lines) && focus != above+last {
		seen[last] = inMargin(t, t.Glyph.Down, seen[last])
	}
	return seen, above
}

func inMargin(t theme.Theme, sign, line string) string {
	rest, indented := strings.CutPrefix(line, " ")
	if !indented && line != "" {
		return line
	}
	return t.Quiet.Render(sign) + rest
}

// scrolled is the window on a body; its last line says how much is out of
// sight.
func scrolled(t theme.Theme, lines []string, offset, room int) (seen []string, hidden int) {
	if len(lines) <= room {
		return lines, 0
	}
	if room <= 1 {
		return nil, 0
	}
	hidden = len(lines) - (room - 1)
	offset = min(max(0, offset), hidden)
	seen = append(seen, lines[offset:offset+room-1]...)
	return append(seen, t.Quiet.Render(words.MoreLines(t.Glyph.Up, offset, t.Glyph.Down, hidden-offset))), hidden
}
