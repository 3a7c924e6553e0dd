package command

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/words"
)

// progress shows a check of many tokens while it is under way: the rows of the
// table on a terminal, each as soon as those before it are there, and below them
// one line that says how far it is and whose answer is awaited.
type progress struct {
	o      *statusOptions
	grants []keyring.Grant
	rows   bool // onto standard output
	line   bool // onto standard error
	widths []int

	mu       sync.Mutex
	verdicts []*flows.Verdict
	done     int
	printed  int            // rows
	waiting  map[string]int // tokens that are not checked yet, by host
	drawn    time.Time      // the line, the last time
	later    bool           // it will be drawn in a moment
	ended    bool
}

// redraw is how often the line is drawn at most.
const redraw = 100 * time.Millisecond

func (o *statusOptions) progress(d *flows.Desk, grants []keyring.Grant) *progress {
	p := &progress{o: o, grants: grants, verdicts: make([]*flows.Verdict, len(grants)), waiting: map[string]int{}}
	p.rows = o.output == table && isTerminal(o.out) && len(grants) > 0
	p.line = isTerminal(o.errs) && !o.noMotion && !o.colorless() && o.manner() != byLines && len(grants) > 1
	for _, g := range grants {
		p.waiting[words.HostName(g.Host)]++
	}
	if p.rows {
		o.streamed = true
		rows := [][]string{statusHead}
		for _, g := range grants {
			rows = append(rows, o.row(g, d.LastKnown(g)))
		}
		for _, status := range flows.Statuses {
			rows = append(rows, []string{"", "", "", "", o.statusWord(status), ""})
		}
		p.widths = widthsOf(rows)
		fmt.Fprintln(o.out, aligned(statusHead, p.widths))
	}
	p.draw()
	return p
}

// hear takes one verdict. It may be called by several at once.
func (p *progress) hear(i int, v flows.Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.verdicts[i] = &v
	p.done++
	host := words.HostName(p.grants[i].Host)
	if p.waiting[host]--; p.waiting[host] == 0 {
		delete(p.waiting, host)
	}
	if p.rows && p.verdicts[p.printed] != nil {
		p.clear()
		for p.printed < len(p.grants) && p.verdicts[p.printed] != nil {
			fmt.Fprintln(p.o.out, aligned(p.o.row(p.grants[p.printed], *p.verdicts[p.printed]), p.widths))
			p.printed++
		}
		p.draw()
		return
	}
	if since := time.Since(p.drawn); since >= redraw {
		p.draw()
	} else if !p.later {
		p.later = true
		time.AfterFunc(redraw-since, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.later = false
			p.draw()
		})
	}
}

// end takes the line away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.ended = true
}

func (p *progress) clear() {
	if p.line && !p.drawn.IsZero() && !p.ended {
		fmt.Fprint(p.o.errs, "\r\x1b[K")
	}
}

func (p *progress) draw() {
	if !p.line || p.ended {
		return
	}
	width, _, err := term.GetSize(int(p.o.errs.Fd()))
	if err != nil {
		return
	}
	var hosts []string
	for host := range p.waiting {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	p.clear()
	p.drawn = time.Now()
	fmt.Fprint(p.o.errs, ansi.Truncate(words.Checked(p.done, len(p.grants), hosts), width-1, "…"))
}
