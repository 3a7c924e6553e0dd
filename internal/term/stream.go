package term

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/parser"
)

// The private modes that the terminal itself keeps.
const (
	modeSynchronized   = 2026
	modeBracketedPaste = 2004
)

// stream stands between the program and the emulator. It hands on whole
// characters and sequences, since the emulator loses a character that is cut in
// two; it keeps back those that the emulator takes for others (CSI > u would
// move its cursor, CSI > 4;2 m would reset its colours); and it answers
// questions, which the emulator mostly does not.
type stream struct {
	parser  *ansi.Parser
	piece   []byte // of the sequence or character that is not complete yet
	frame   []byte // of the synchronized update that has not ended yet
	hidden  bool   // the piece is nothing for the emulator
	replies strings.Builder
	modes   []int // private modes that are set
}

// add takes a byte and writes what is complete to the screen.
func (s *stream) add(b byte, screen io.Writer) {
	s.piece = append(s.piece, b)
	s.parser.Advance(b)
	if s.parser.State() != parser.GroundState {
		return
	}
	if !s.hidden {
		s.frame = append(s.frame, s.piece...)
	}
	s.piece, s.hidden = s.piece[:0], false
	if !slices.Contains(s.modes, modeSynchronized) {
		s.flush(screen)
	}
}

func (s *stream) flush(screen io.Writer) {
	// The emulator's Write fails only on a character cut in two.
	_, _ = screen.Write(s.frame)
	s.frame = s.frame[:0]
}

func (s *stream) takeReplies() string {
	defer s.replies.Reset()
	return s.replies.String()
}

func (s *stream) reply(format string, args ...any) {
	fmt.Fprintf(&s.replies, format, args...)
}

func (s *stream) setMode(mode int, set bool) {
	s.modes = slices.DeleteFunc(s.modes, func(m int) bool { return m == mode })
	if set {
		s.modes = append(s.modes, mode)
	}
}

// onCSI is called by the parser at the end of a control sequence.
func (term *Terminal) onCSI(cmd ansi.Cmd, params ansi.Params) {
	s := &term.stream
	first, _, _ := params.Param(0, 0)
	switch int(cmd) {
	case ansi.Command('?', 0, 'h'), ansi.Command('?', 0, 'l'):
		params.ForEach(0, func(_, mode int, _ bool) { s.setMode(mode, cmd.Final() == 'h') })
	case ansi.Command('?', '$', 'p'):
		s.reply("\x1b[?%d;%d$y", first, s.modeState(first))
	case ansi.Command('?', 0, 'u'): // the kitty keyboard protocol: known, nothing of it on
		s.reply("\x1b[?0u")
	case ansi.Command(0, 0, 'c'): // a VT220 with colours
		s.reply("\x1b[?62;22c")
	case ansi.Command('>', 0, 'c'):
		s.reply("\x1b[>1;10;0c")
	case ansi.Command(0, 0, 'n'):
		switch first {
		case 5:
			s.reply("\x1b[0n")
		case 6:
			s.flush(term.screen)
			at := term.screen.Cursor()
			s.reply("\x1b[%d;%dR", at.Y+1, at.X+1)
		}
	}
	// The emulator knows of prefixes the question mark alone, and that not
	// everywhere; it knows no intermediate byte.
	s.hidden = cmd.Intermediate() != 0 || cmd.Prefix() != 0 && (cmd.Prefix() != '?' || cmd.Final() != 'h' && cmd.Final() != 'l')
}

// modeState is 1 for a mode that is set, 2 for one that is not and 0 for one
// that the terminal does not know, as DECRPM numbers them.
func (s *stream) modeState(mode int) int {
	switch {
	case mode != modeSynchronized && mode != modeBracketedPaste:
		return 0
	case slices.Contains(s.modes, mode):
		return 1
	default:
		return 2
	}
}

// onOSC is called by the parser at the end of an operating system command; the
// data begins with its number.
func (term *Terminal) onOSC(_ int, data []byte) {
	ink, paper := "0000/0000/0000", "ffff/ffff/ffff"
	if term.dark {
		ink, paper = "eeee/eeee/eeee", "1111/1111/1111"
	}
	switch string(data) {
	case "10;?":
		term.stream.reply("\x1b]10;rgb:%s\x1b\\", ink)
	case "11;?":
		term.stream.reply("\x1b]11;rgb:%s\x1b\\", paper)
	}
}
