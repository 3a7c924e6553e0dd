// Package term runs a program in a terminal and lets a test see what a person
// would see.
//
// Rules of this package:
//
//   - A test waits for a state of the screen, never for bytes and never for
//     time: a renderer writes only the cells that changed, so what is on the
//     screen is seldom in the stream as one piece.
//   - Every wait shares one generous deadline. Passing it, or the end of the
//     program, fails the test and prints the screen.
//   - The terminal answers the questions that programs ask at their start, as
//     xterm does, so no program waits for an answer in vain.
//   - A frame that is drawn as one synchronized update appears as one.
//   - What was started is ended with the test, its goroutine too.
//
// It is for tests alone.
package term

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// patience is the one deadline. It is only ever reached by a failure, and long
// enough for a loaded machine with the race detector on.
const patience = 60 * time.Second

// Options say what runs, and in which terminal.
type Options struct {
	// Cmd is the program and its arguments.
	Cmd []string
	// Dir is the folder that it runs in; empty is that of the test.
	Dir string
	// Env is all of its environment besides TERM, which is xterm-256color
	// unless Env says otherwise. Nothing is inherited.
	Env []string
	// Cols and Rows are the size; 80 by 24 where zero.
	Cols, Rows int
	// Dark is what the terminal says of its background.
	Dark bool
}

// Terminal is a running program and the screen in front of it.
type Terminal struct {
	t       testing.TB
	dark    bool
	cmd     *exec.Cmd
	pty     *os.File
	done    chan struct{} // closed when the program has ended and all it wrote is on the screen
	changed chan struct{} // filled when the screen may have changed since it was last looked at

	mu     sync.Mutex // guards what follows
	screen vt10x.Terminal
	raw    bytes.Buffer
	stream stream
}

// Start runs the program and has it end with the test.
func Start(t testing.TB, o Options) *Terminal {
	t.Helper()
	if o.Cols == 0 || o.Rows == 0 {
		o.Cols, o.Rows = 80, 24
	}
	cmd := exec.Command(o.Cmd[0], o.Cmd[1:]...) //nolint:noctx // it ends with the test, by its cleanup
	cmd.Dir = o.Dir
	cmd.Env = append([]string{"TERM=xterm-256color"}, o.Env...)

	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(o.Cols), Rows: uint16(o.Rows)}) //nolint:gosec // sizes of a test
	if errors.Is(err, pty.ErrUnsupported) {
		t.Skip("this system has no pseudo-terminals for tests")
	}
	if err != nil {
		t.Fatalf("cannot start %s: %v", o.Cmd[0], err)
	}

	term := &Terminal{
		t: t, dark: o.Dark, cmd: cmd, pty: file,
		done:    make(chan struct{}),
		changed: make(chan struct{}, 1),
		screen:  vt10x.New(vt10x.WithSize(o.Cols, o.Rows)),
	}
	term.stream.parser = ansi.NewParser()
	term.stream.parser.SetHandler(ansi.Handler{HandleCsi: term.onCSI, HandleOsc: term.onOSC})
	go term.read()
	t.Cleanup(term.end)
	return term
}

// read takes in what the program writes until it has ended, and then how.
func (term *Terminal) read() {
	defer close(term.done)
	chunk := make([]byte, 32<<10)
	for {
		n, err := term.pty.Read(chunk)
		term.answer(term.take(chunk[:n], err != nil))
		if err != nil {
			// The end of the program reads as an error on Linux and as the end
			// of a file elsewhere; how it ended is for Exit to say.
			_ = term.cmd.Wait()
			return
		}
	}
}

// take brings a piece of output to the screen and returns what the terminal
// has to answer to it. With the last piece an update that was never ended shows
// as far as it came.
func (term *Terminal) take(chunk []byte, last bool) string {
	term.mu.Lock()
	defer term.mu.Unlock()
	term.raw.Write(chunk)
	for _, b := range chunk {
		term.stream.add(b, term.screen)
	}
	if last {
		term.stream.flush(term.screen)
	}
	select {
	case term.changed <- struct{}{}:
	default:
	}
	return term.stream.takeReplies()
}

func (term *Terminal) answer(replies string) {
	if replies != "" {
		// A program that has ended reads no answer, and that is no failure.
		_, _ = term.pty.WriteString(replies)
	}
}

// end is the cleanup: a program that still runs has its terminal taken away.
func (term *Terminal) end() {
	select {
	case <-term.done:
	default:
		_ = term.cmd.Process.Kill()
	}
	_ = term.pty.Close()
	<-term.done
}

// WaitFor waits until the text stands on the screen, on one line.
func (term *Terminal) WaitFor(text string) {
	term.t.Helper()
	term.wait(fmt.Sprintf("the screen to show %q", text), func(screen string) bool {
		return strings.Contains(screen, text)
	})
}

// WaitUntil waits until the screen is as the test wants it.
func (term *Terminal) WaitUntil(ready func(screen string) bool) {
	term.t.Helper()
	term.wait("the screen to become ready", ready)
}

func (term *Terminal) wait(what string, ready func(screen string) bool) {
	term.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !ready(term.Screen()) {
		select {
		case <-term.changed:
		case <-term.done:
			if !ready(term.Screen()) {
				term.fail("the program ended before %s", what)
			}
			return
		case <-deadline.C:
			term.fail("waited %v for %s", patience, what)
		}
	}
}

func (term *Terminal) fail(format string, args ...any) {
	term.t.Helper()
	cols, _ := term.size()
	rule := strings.Repeat("─", cols)
	term.t.Fatalf("%s\n%s\n%s\n%s", fmt.Sprintf(format, args...), rule, term.Screen(), rule)
}

func (term *Terminal) size() (cols, rows int) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.screen.Size()
}

// Screen is the text on the screen: its rows from top to bottom, each without
// the blanks at its end.
func (term *Terminal) Screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	text := strings.TrimSuffix(strings.ReplaceAll(term.screen.String(), "\x00", " "), "\n")
	rows := strings.Split(text, "\n")
	for i, row := range rows {
		rows[i] = strings.TrimRight(row, " ")
	}
	return strings.Join(rows, "\n")
}

// Cursor is where the cursor stands, counted from 0, and whether it is shown.
func (term *Terminal) Cursor() (col, row int, visible bool) {
	term.mu.Lock()
	defer term.mu.Unlock()
	at := term.screen.Cursor()
	return at.X, at.Y, term.screen.CursorVisible()
}

// Raw is every byte that the program has written so far.
func (term *Terminal) Raw() []byte {
	term.mu.Lock()
	defer term.mu.Unlock()
	return bytes.Clone(term.raw.Bytes())
}

// Process is the number of the program that runs.
func (term *Terminal) Process() int { return term.cmd.Process.Pid }

// Written is how many bytes the program has written so far.
func (term *Terminal) Written() int {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.raw.Len()
}

// Resize gives the terminal another size and tells the program.
func (term *Terminal) Resize(cols, rows int) {
	term.t.Helper()
	term.mu.Lock()
	term.screen.Resize(cols, rows)
	term.mu.Unlock()
	if err := pty.Setsize(term.pty, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil { //nolint:gosec // sizes of a test
		term.t.Fatalf("cannot resize the terminal: %v", err)
	}
}

// Exit waits for the program to end and returns its exit code, for one that a
// signal ended 128 and the signal's number, as a shell says it.
func (term *Terminal) Exit() int {
	term.t.Helper()
	select {
	case <-term.done:
	case <-time.After(patience):
		term.fail("waited %v for the program to end", patience)
	}
	if status, ok := term.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return term.cmd.ProcessState.ExitCode()
}
