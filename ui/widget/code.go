package widget

import (
	"strings"

	"rsc.io/qr"

	"gitgrant/ui/theme"
)

// border is the light margin of a QR code, in modules. The standard asks for
// four; readers make do with two, and the screen is small.
const border = 2

// QR draws an address as a QR code, two modules a cell. It is nil where the
// terminal has no half blocks.
func QR(t theme.Theme, address string) []string {
	if !t.Glyph.Blocks {
		return nil
	}
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		return nil
	}
	// Without colours the blocks are as light as the text is: on a dark
	// background they draw the light modules.
	inverse := !t.Colours && t.Dark
	inked := func(x, y int) bool { return code.Black(x, y) != inverse }
	var lines []string
	for y := -border; y < code.Size+border; y += 2 {
		var line strings.Builder
		for x := -border; x < code.Size+border; x++ {
			line.WriteString(halves(inked(x, y), inked(x, y+1)))
		}
		lines = append(lines, t.Ink.Render(line.String()))
	}
	return lines
}

func halves(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	default:
		return " "
	}
}
