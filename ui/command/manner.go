package command

import (
	"os"
	"strings"
)

// manner is how a person is spoken with.
type manner int

const (
	unasked  manner = iota // nobody may be asked
	byLines                // for screen readers and dumb terminals
	byScreen               // the terminal UI
)

// manner follows from the flags, the environment and what the streams are. Who
// asks for lines gets them through a pipe too. TERM=dumb asks for nothing: it
// tells what a terminal is, and jobs that have none are often started with it.
func (s *session) manner() manner {
	terminal := isTerminal(s.in) && isTerminal(s.out)
	switch {
	case s.noInput:
		return unasked
	case s.lines || wished("ACCESSIBLE"):
		return byLines
	case terminal && os.Getenv("TERM") == "dumb":
		return byLines
	case terminal:
		return byScreen
	default:
		return unasked
	}
}

// wished reports whether a variable is set to anything but a no.
func wished(variable string) bool {
	switch strings.ToLower(os.Getenv(variable)) {
	case "", "0", "false":
		return false
	default:
		return true
	}
}

// colored reports whether what goes to standard output may have colours.
func (s *session) colored() bool {
	return isTerminal(s.out) && !s.colorless() && s.manner() != byLines
}

// colorless is what NO_COLOR means: any value that is not empty.
func (s *session) colorless() bool {
	return s.noColor || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
}
