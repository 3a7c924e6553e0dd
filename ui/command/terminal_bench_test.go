package command_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gitgrant/internal/term"
)

// What a person waits for, measured from outside: the stripped program in a
// terminal of 80 by 24 that answers like xterm.

// stripped is gitgrant as it is shipped.
func stripped(b *testing.B) string {
	b.Helper()
	path, err := filepath.Abs("../../bin/gitgrant")
	if err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("make", "-s", "-C", "../..", "build").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return path
}

// places are the screens that are measured: how they are started, and what
// shows that they are there.
var places = []struct {
	name, shows string
	args        []string
	typed       []string // keys that each change the screen
}{
	{"the first question", "What is the runtime called?", []string{"install"}, []string{"a", "backspace"}},
	{"the list", "✓ valid", nil, []string{"down", "down", "up", "down", "up", "up"}},
}

// furnished is a home with some runtimes in its list.
func furnished(b *testing.B) *home {
	b.Helper()
	h := newHome(b)
	for n := range 12 {
		h.install(fmt.Sprintf("cluster-%02d", n), "runtime")
	}
	return h
}

func (h *home) sized(program string, args ...string) *term.Terminal {
	return term.Start(h.t, term.Options{Cmd: append([]string{program}, args...), Env: h.env(), Cols: 80, Rows: 24, Dark: true})
}

// settled waits until a screen is there and nothing goes on behind it.
func settled(screen *term.Terminal, shows string) {
	screen.WaitUntil(func(text string) bool { return strings.Contains(text, shows) && !strings.Contains(text, "checking") })
}

// leave ends the program.
func leave(screen *term.Terminal) {
	screen.Press("ctrl+c")
	screen.Exit()
}

// quantiles reports the middle and the slowest twentieth of some times.
func quantiles(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	ms := func(at float64) float64 {
		return float64(times[min(len(times)-1, int(at*float64(len(times))))].Microseconds()) / 1000
	}
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.95), "p95-ms")
	b.ReportMetric(0, "ns/op") // of the whole round, which nobody waits for
}

// BenchmarkFirstFrame is the time from the start to the first screen that can be
// read.
func BenchmarkFirstFrame(b *testing.B) {
	program, h := stripped(b), furnished(b)
	for _, place := range places {
		b.Run(place.name, func(b *testing.B) {
			shows := place.shows
			if place.args == nil {
				shows = "cluster-00" // it is there before any check of it
			}
			var times []time.Duration
			written := 0
			for b.Loop() {
				for range 10 {
					start := time.Now()
					screen := h.sized(program, place.args...)
					screen.WaitFor(shows)
					times, written = append(times, time.Since(start)), screen.Written()
					leave(screen)
				}
			}
			quantiles(b, times)
			b.ReportMetric(float64(written), "bytes")
		})
	}
}

// BenchmarkKeystroke is the time from a key to the frame that it leads to, and
// what that frame takes on the way through a slow line.
func BenchmarkKeystroke(b *testing.B) {
	program, h := stripped(b), furnished(b)
	for _, place := range places {
		b.Run(place.name, func(b *testing.B) {
			screen := h.sized(program, place.args...)
			settled(screen, place.shows)
			rest(screen)
			var times []time.Duration
			begun := screen.Written()
			for b.Loop() {
				for i := range 60 {
					before, start := screen.Written(), time.Now()
					screen.Press(place.typed[i%len(place.typed)])
					screen.WaitUntil(func(string) bool { return screen.Written() > before })
					times = append(times, time.Since(start))
					rest(screen)
				}
			}
			quantiles(b, times)
			b.ReportMetric(float64(screen.Written()-begun)/float64(len(times)), "bytes/key")
			leave(screen)
		})
	}
}

// rest waits until the terminal has been silent for as long as a person takes
// between two keys.
func rest(screen *term.Terminal) {
	for before := -1; before != screen.Written(); time.Sleep(40 * time.Millisecond) {
		before = screen.Written()
	}
}

// idle is how long the program is left alone.
const idle = 10 * time.Second

// BenchmarkIdle is what the program costs while nothing happens.
func BenchmarkIdle(b *testing.B) {
	program, h := stripped(b), furnished(b)
	for _, place := range places {
		b.Run(place.name, func(b *testing.B) {
			var written int
			var used, seconds float64
			screen := h.sized(program, place.args...)
			settled(screen, place.shows)
			rest(screen)
			for b.Loop() {
				before, cpu := screen.Written(), processorOf(b, screen)
				time.Sleep(idle)
				written += screen.Written() - before
				used += processorOf(b, screen) - cpu
				seconds += idle.Seconds()
			}
			b.ReportMetric(float64(written), "bytes")
			b.ReportMetric(100*used/seconds, "processor-%")
			b.ReportMetric(memoryOf(b, screen, "VmRSS:"), "resident-MB")
			b.ReportMetric(memoryOf(b, screen, "VmHWM:"), "most-MB")
			b.ReportMetric(0, "ns/op")
			leave(screen)
		})
	}
}

// processorOf is how many seconds of a processor a program has used so far.
func processorOf(b *testing.B, screen *term.Terminal) float64 {
	b.Helper()
	_, fields, _ := bytes.Cut(proc(b, screen, "stat"), []byte(") "))
	words := strings.Fields(string(fields)) // from the third field of the file on
	ticks := 0
	for _, at := range []int{11, 12} { // in user mode, and in the kernel
		n, err := strconv.Atoi(words[at])
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return float64(ticks) / 100 // a tick of Linux, whatever its clock
}

// memoryOf is how many megabytes of memory a program takes.
func memoryOf(b *testing.B, screen *term.Terminal, what string) float64 {
	b.Helper()
	for line := range strings.Lines(string(proc(b, screen, "status"))) {
		if rest, found := strings.CutPrefix(line, what); found {
			kB, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				b.Fatal(err)
			}
			return float64(kB) / 1024
		}
	}
	b.Fatalf("Linux does not tell %s", what)
	return 0
}

// proc is what Linux tells of a program.
func proc(b *testing.B, screen *term.Terminal, file string) []byte {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", screen.Process(), file))
	if err != nil {
		b.Skipf("this is measured on Linux alone: %v", err)
	}
	return text
}
