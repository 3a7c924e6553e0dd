package plain

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"gitgrant/ui/words"
)

// maxInput bounds one answer, and a secret that is all of standard input: far
// above any token.
const maxInput = 64 << 10

// Input is standard input as one stream of answers: whoever asks reads through
// it, so that nothing is swallowed between two questions.
type Input struct {
	file  *os.File
	lines *bufio.Reader
	found *term.State // of the terminal; nil where there is none

	written bool // beforehand: its answers can be shown
}

// NewInput reads from a file. It notes how the terminal was found, where it is
// one.
func NewInput(file *os.File) *Input {
	in := &Input{file: file, lines: bufio.NewReaderSize(file, maxInput)}
	if term.IsTerminal(int(file.Fd())) {
		in.found, _ = term.GetState(int(file.Fd()))
	}
	return in
}

// Script is input that was written beforehand, one answer a line.
func Script(answers ...string) *Input {
	return &Input{lines: bufio.NewReader(strings.NewReader(strings.Join(answers, "\n") + "\n")), written: true}
}

// Terminal reports whether a person types.
func (in *Input) Terminal() bool { return in.found != nil }

// Restore gives the terminal the modes in which it was found.
func (in *Input) Restore() {
	if in.found != nil {
		_ = term.Restore(int(in.file.Fd()), in.found)
	}
}

// Line reads one line without its end. It is io.EOF where no line is left; a
// last line without an end is a line.
func (in *Input) Line(ctx context.Context) (string, error) {
	return await(ctx, func() (string, error) {
		line, err := in.lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return "", words.TooLong()
		case errors.Is(err, io.EOF) && len(line) > 0:
			err = nil
		}
		return strings.TrimRight(string(line), "\r\n"), err
	})
}

// Secret reads one line that is not shown while it is typed. The terminal is
// silent before the prompt appears: who pastes at once is not seen either.
func (in *Input) Secret(ctx context.Context, prompt func()) (string, error) {
	if !in.Terminal() {
		prompt()
		return in.Line(ctx)
	}
	if _, err := term.MakeRaw(int(in.file.Fd())); err != nil {
		return "", err
	}
	defer in.Restore()
	prompt()
	return await(ctx, in.unseen)
}

// Keys, as a terminal sends them while it does not look after them itself.
const (
	keyInterrupt = 0x03
	keyEnd       = 0x04
	keyBackspace = 0x08
	keyClear     = 0x15
	keyEscape    = 0x1b
	keyDelete    = 0x7f
)

// unseen reads a line key by key.
func (in *Input) unseen() (string, error) {
	var line []byte
	for {
		key, err := in.lines.ReadByte()
		switch {
		case err != nil:
			return "", err
		case key == '\r' || key == '\n':
			in.skip('\n')
			return string(line), nil
		case key == keyInterrupt:
			return "", context.Canceled
		case key == keyEnd && len(line) == 0:
			return "", io.EOF
		case key == keyBackspace || key == keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case key == keyClear:
			line = nil
		case key == keyEscape:
			in.skipSequence()
		case key < ' ':
		case len(line) == maxInput:
			return "", words.TooLong()
		default:
			line = append(line, key)
		}
	}
}

// skip passes over a byte that has come along.
func (in *Input) skip(b byte) bool {
	if in.lines.Buffered() == 0 {
		return false
	}
	next, err := in.lines.Peek(1)
	if err != nil || next[0] != b {
		return false
	}
	_, _ = in.lines.Discard(1) // it was just seen there
	return true
}

// skipSequence passes over what a key such as an arrow sends behind its Esc.
func (in *Input) skipSequence() {
	if !in.skip('[') && !in.skip('O') {
		return
	}
	for in.lines.Buffered() > 0 {
		if b, err := in.lines.ReadByte(); err != nil || b >= '@' && b <= '~' {
			return
		}
	}
}

// All reads everything that is there.
func (in *Input) All(ctx context.Context) (string, error) {
	return await(ctx, func() (string, error) {
		text, err := io.ReadAll(io.LimitReader(in.lines, maxInput+1))
		if err == nil && len(text) > maxInput {
			err = words.TooLong()
		}
		return string(text), err
	})
}

// await waits for a read, which nothing can interrupt, or for the context.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	results := make(chan result, 1)
	go func() {
		text, err := read()
		results <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-results:
		return r.text, r.err
	}
}
