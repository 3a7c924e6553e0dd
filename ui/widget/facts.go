package widget

import (
	"gitgrant/ui/theme"
)

// Fact is a name and what it is.
type Fact struct {
	Name  string
	Value string
}

// Facts are names and values in two columns, or under each other where the
// names leave too little room.
func Facts(t theme.Theme, facts []Fact, width int) []string {
	column := 0
	for _, f := range facts {
		column = max(column, Width(f.Name))
	}
	column += 2
	var lines []string
	for _, f := range facts {
		if column > width/2 {
			lines = append(lines, t.Quiet.Render(Fit(t, f.Name, width)))
			lines = append(lines, Indent(2, Text(t.Plain, f.Value, width-2))...)
			continue
		}
		for i, line := range Text(t.Plain, f.Value, width-column) {
			name := ""
			if i == 0 {
				name = t.Quiet.Render(f.Name)
			}
			lines = append(lines, Pad(t, name, column)+line)
		}
	}
	return lines
}
