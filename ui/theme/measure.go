package theme

// Measures that the screens share, in cells.
const (
	// TextWidth is how wide text gets; wider is hard to read.
	TextWidth = 80
	// TwoPanes is the width from which two panes stand side by side.
	TwoPanes = 112
)
