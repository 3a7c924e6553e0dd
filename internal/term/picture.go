package term

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hinshun/vt10x"
)

// Measures of a picture, in its own units.
const (
	cellWidth  = 8.4
	cellHeight = 18
	fontSize   = 14
	margin     = 16
)

// palette is what a picture is painted with where the program names no colour
// of its own: paper, ink, and the sixteen of the terminal.
type palette struct {
	paper, ink string
	sixteen    [16]string
}

var (
	darkPalette = palette{paper: "#14161b", ink: "#e4e6eb", sixteen: [16]string{
		"#14161b", "#f48fa0", "#8bd49c", "#efc97a", "#86c9f4", "#b4a7f5", "#7fd6d6", "#c8ccd4",
		"#6b7280", "#f7a8b5", "#a5e0b3", "#f4d899", "#a3d6f8", "#c7bdf8", "#9ee3e3", "#ffffff",
	}}
	lightPalette = palette{paper: "#ffffff", ink: "#1f2328", sixteen: [16]string{
		"#1f2328", "#c4203a", "#1a7f37", "#8a5a00", "#0b62a8", "#5b3fd6", "#0f7a7a", "#5c626e",
		"#6e7781", "#a40e26", "#116329", "#633c01", "#0a3069", "#4c2fb5", "#0a5c5c", "#1f2328",
	}}
)

func (p palette) name(c vt10x.Color) string {
	switch {
	case c == vt10x.DefaultFG:
		return p.ink
	case c == vt10x.DefaultBG:
		return p.paper
	case c < 16:
		return p.sixteen[c]
	default:
		return fmt.Sprintf("#%06x", uint32(c)&0xffffff)
	}
}

// run is a piece of a row that is drawn in one go.
type run struct {
	col  int
	text []rune
	cell vt10x.Glyph // how it is drawn; its character does not matter
}

// The attributes of the emulator's cells, which it numbers and does not name.
const (
	underlined = 1 << 1
	bold       = 1 << 2
	italic     = 1 << 4
)

// SVG is a picture of the screen as it stands: what a person sees, with the
// colours that the program chose. Colours of the 256 are not told from those
// of all: the program is to be run with COLORTERM=truecolor.
func (term *Terminal) SVG(title string) string {
	term.mu.Lock()
	defer term.mu.Unlock()
	colours := lightPalette
	if term.dark {
		colours = darkPalette
	}
	cols, rows := term.screen.Size()
	width, height := float64(cols)*cellWidth+2*margin, rows*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" role="img" aria-label="%s">`+"\n", width, height, width, height, html.EscapeString(title))
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="10" fill="%s"/>`+"\n", colours.paper)
	fmt.Fprintf(&b, `<g font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="%d">`+"\n", fontSize)
	for row := range rows {
		for _, r := range runs(term.screen, row, cols) {
			r.draw(&b, row, colours)
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// runs are the pieces of a row, without the blanks that show nothing.
func runs(screen vt10x.Terminal, row, cols int) []run {
	var all []run
	for col := range cols {
		cell := screen.Cell(col, row)
		char := cell.Char
		if char == 0 {
			char = ' '
		}
		cell.Char = 0
		if last := len(all) - 1; last >= 0 && all[last].cell == cell {
			all[last].text = append(all[last].text, char)
			continue
		}
		all = append(all, run{col: col, text: []rune{char}, cell: cell})
	}
	return all
}

func (r run) draw(b *strings.Builder, row int, colours palette) {
	x, y := margin+float64(r.col)*cellWidth, margin+row*cellHeight
	width := float64(len(r.text)) * cellWidth
	if r.cell.BG != vt10x.DefaultBG {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, y, width, cellHeight, colours.name(r.cell.BG))
	}
	text := string(r.text)
	if strings.ContainsAny(text, upper+lower+full) {
		r.drawBlocks(b, x, y, colours.name(r.cell.FG))
		text = strings.NewReplacer(upper, " ", lower, " ", full, " ").Replace(text)
	}
	style := ""
	for _, s := range []struct {
		mode int16
		says string
	}{{bold, ` font-weight="bold"`}, {italic, ` font-style="italic"`}, {underlined, ` text-decoration="underline"`}} {
		if r.cell.Mode&s.mode != 0 {
			style += s.says
		}
	}
	for _, at := range phrase.FindAllStringIndex(text, -1) {
		piece := text[at[0]:at[1]]
		left := x + float64(utf8.RuneCountInString(text[:at[0]]))*cellWidth
		// The length is given, so that every font keeps the columns.
		fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
			left, y+fontSize, float64(utf8.RuneCountInString(piece))*cellWidth, colours.name(r.cell.FG), style, html.EscapeString(piece))
	}
}

// phrase is what can be drawn as one text: several blanks in a row become one.
var phrase = regexp.MustCompile(`\S+(?: \S+)*`)

// The block elements, of which a QR code is made.
const (
	upper = "▀"
	lower = "▄"
	full  = "█"
)

// drawBlocks paints block elements as what they are: those of a font leave gaps
// between the rows, and a camera reads no such code.
func (r run) drawBlocks(b *strings.Builder, x float64, y int, fill string) {
	for i, char := range r.text {
		top, height := y, cellHeight
		switch string(char) {
		case upper:
			height = cellHeight / 2
		case lower:
			top, height = y+cellHeight/2, cellHeight/2
		case full:
		default:
			continue
		}
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.2f" height="%d" fill="%s"/>`+"\n", x+float64(i)*cellWidth, top, cellWidth+0.05, height, fill)
	}
}
