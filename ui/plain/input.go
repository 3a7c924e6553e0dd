package plain

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

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
	return &Input{lines: bufio.NewReader(strings.NewReader(strings.Join(answers, "\n") + "\n"))}
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

// Secret reads one line that is not shown while it is typed.
func (in *Input) Secret(ctx context.Context) (string, error) {
	if !in.Terminal() {
		return in.Line(ctx)
	}
	text, err := await(ctx, func() (string, error) {
		text, err := term.ReadPassword(int(in.file.Fd()))
		return string(text), err
	})
	if ctx.Err() != nil {
		in.Restore() // the read that was left behind would have done so
	}
	return text, err
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
