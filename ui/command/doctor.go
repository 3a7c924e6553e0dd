package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/durable"
	"gitgrant/providers"
	"gitgrant/providers/hosts"
	"gitgrant/ui/browser"
	"gitgrant/ui/clipboard"
	"gitgrant/ui/notify"
	"gitgrant/ui/words"
)

const schemaDoctor = "gitgrant.doctor/v1"

// checkHost is what findings about hosts are called.
const checkHost = "host"

type doctorOptions struct {
	*session
	output format
	hosts  veil // over what is said of hosts, where others read along
	names  int  // hosts that are hidden
}

// condition is how a part of the machine is.
type condition string

const (
	works    condition = "fine"
	limited  condition = "note"    // something does without it
	troubled condition = "trouble" // something cannot be done
)

// diagnosis is one finding and its remedy.
type diagnosis struct {
	Check  string    `json:"check"`
	State  condition `json:"state"`
	Found  string    `json:"found"`
	Remedy string    `json:"remedy,omitempty"`
}

type doctorReport struct {
	Schema   string      `json:"schema"`
	Findings []diagnosis `json:"findings"`
}

func newDoctor(s *session) *cobra.Command {
	o := &doctorOptions{session: s}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what works on this machine, and what to do about the rest",
		Long: `Looks at the stores, the browser, the clipboard, the terminal, git and every host
that is known, and says of each what works and what to do about the rest. It
asks nobody, sends no token and changes nothing.

It names no account and no host of your own, so that it can be shown to others.
The exit code is 1 where no token could be stored.`,
		Example: `  gitgrant doctor
  gitgrant doctor -o json`,
		GroupID: groupMore,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *doctorOptions) run(ctx context.Context) error {
	folders := o.folders()
	findings := []diagnosis{
		{"program", works, fmt.Sprintf("gitgrant %s, %s, %s/%s.", version, runtime.Version(), runtime.GOOS, runtime.GOARCH), ""}, folders,
	}
	d, err := o.desk()
	var inFile *hosts.FileError
	if errors.As(err, &inFile) { // the rest is worth looking at all the same
		m := words.HostsFile(inFile)
		findings = append(findings, diagnosis{"profiles", troubled, words.Message{What: m.What, Why: m.Why}.String(), m.Next})
		o.unprofiled = true
		d, err = o.desk()
	}
	if err != nil {
		return o.unlisted(ctx, findings, err)
	}
	stores, canStore := o.stores(ctx, d.Ring, folders.State == works)
	findings = append(findings, stores...)
	findings = append(findings, o.surroundings(ctx)...)
	known, err := o.hostsFrom(ctx, d)
	if err != nil {
		return err
	}
	if err := o.tell(append(findings, known...)); err != nil {
		return err
	}
	if !canStore {
		return endWith(exitFailed)
	}
	return nil
}

// unlisted is the end where the list of runtimes cannot be read, which also says
// where tokens rest and which hosts are known: the rest is told all the same.
func (o *doctorOptions) unlisted(ctx context.Context, findings []diagnosis, err error) error {
	why, storing := words.Problem(err), words.Storable(true, false)
	findings = append(findings,
		diagnosis{"runtimes", troubled, words.Message{What: why.What, Why: why.Why}.String(), why.Next},
		diagnosis{"storing", troubled, words.Message{What: storing.What, Why: storing.Why}.String(), storing.Next})
	if err := o.tell(append(findings, o.surroundings(ctx)...)); err != nil {
		return err
	}
	return endWith(exitFailed)
}

// folders tries the data folder, which is what every change writes to.
func (o *doctorOptions) folders() diagnosis {
	if err := durable.In(o.dataFolder()).Probe(); err != nil {
		m := words.Problem(err)
		return diagnosis{"folders", troubled, words.Message{What: m.What, Why: m.Why}.String(), m.Next}
	}
	return diagnosis{"folders", works, words.FoldersHere, ""}
}

// stores tells of each store, and whether a token could be stored at all.
func (o *doctorOptions) stores(ctx context.Context, ring *keyring.Ring, folder bool) (findings []diagnosis, can bool) {
	for _, store := range ring.Stores() {
		at := o.probe(ctx, store)
		m := words.Condition(at)
		f := diagnosis{string(store.Kind()), limited, words.Message{What: m.What, Why: m.Why}.String(), m.Next}
		if at.Usable() {
			f.State = works
		}
		findings = append(findings, f)
		can = can || o.takes(at)
		folder = folder || store.Kind() == keyring.Memory // nothing is written then
	}
	m := words.Storable(can, folder)
	f := diagnosis{"storing", works, words.Message{What: m.What, Why: m.Why}.String(), m.Next}
	if can = can && folder; !can {
		f.State = troubled
	}
	return append(findings, f), can
}

// takes reports whether a store takes a token, if somebody opens it where there
// is somebody who can.
func (o *doctorOptions) takes(at keyring.Condition) bool {
	switch at.State {
	case keyring.Ready, keyring.Activatable:
		return true
	case keyring.Missing, keyring.Locked:
		return o.mayType() && (at.Store == keyring.System || flows.TakesPassphrase(at))
	default:
		return false
	}
}

func (o *doctorOptions) surroundings(ctx context.Context) []diagnosis {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	memory := diagnosis{"memory", limited, words.UnshieldedMemory, ""}
	if isShielded() {
		memory.State, memory.Found = works, words.ShieldedMemory
	}
	page := diagnosis{"browser", limited, words.NoBrowserHere, ""}
	if browser.New(os.Getenv).Here() {
		page.State, page.Found = works, words.BrowserHere
	}
	board := diagnosis{"clipboard", limited, words.ClipboardNone, ""}
	if tool := clipboard.New(os.Getenv).Tool(); tool != "" {
		board.State, board.Found = works, words.ClipboardHere+tool+"."
	}
	popup := diagnosis{"notifications", limited, words.NotifyNone, ""}
	if notify.Here(ctx) {
		popup.State, popup.Found = works, words.NotifyHere
	}
	git := diagnosis{"git", limited, words.GitNone, ""}
	if out, err := exec.CommandContext(ctx, "git", "--version").Output(); err == nil {
		git.State, git.Found = works, words.GitHere(strings.TrimPrefix(strings.TrimSpace(string(out)), "git version "))
	}
	return []diagnosis{memory, o.screen(), page, board, popup, git}
}

func (o *doctorOptions) screen() diagnosis {
	switch {
	case !isTerminal(o.in) || !isTerminal(o.out):
		return diagnosis{"terminal", limited, words.ScreenNone, ""}
	case os.Getenv("TERM") == "dumb":
		return diagnosis{"terminal", limited, words.ScreenDumb, ""}
	default:
		return diagnosis{"terminal", works, words.ScreenHere + " (" + os.Getenv("TERM") + ").", ""}
	}
}

// hostsFrom looks at every host that is known. Those of a person's own get names
// that tell nothing.
func (o *doctorOptions) hostsFrom(ctx context.Context, d *flows.Desk) ([]diagnosis, error) {
	book, err := o.book()
	if err != nil {
		return nil, err
	}
	looks, err := d.LookAt(ctx, book.All())
	if err != nil {
		return nil, err
	}
	var findings []diagnosis
	for i, l := range looks {
		o.hide(d, l, i+1)
		m, fine := words.LookedAt(l, o.now())
		f := diagnosis{checkHost, troubled, words.Message{What: m.What, Why: m.Why}.String(), m.Next}
		if fine {
			f.State = works
		}
		findings = append(findings, f)
	}
	switch {
	case len(looks) == 0:
		findings = append(findings, diagnosis{checkHost, limited, words.NoHosts, ""})
	case o.names > 0:
		findings = append(findings, diagnosis{checkHost, works, words.HiddenHosts(o.names), ""})
	}
	return findings, nil
}

// hide remembers what stands for the names of a host of somebody's own, and for
// those of a proxy. The addresses of the cloud hosts are everybody's.
func (o *doctorOptions) hide(d *flows.Desk, l flows.Look, n int) {
	var public providers.Host
	if p, ok := d.Provider(l.Host.Provider); ok {
		public, _ = p.Locate("") // where there is none, nothing is public
	}
	label := fmt.Sprintf("%s-%d", l.Host.Provider, n)
	for _, pair := range [][2]string{{l.Host.URL, public.URL}, {l.Host.WebURL, public.WebURL}, {l.Host.APIURL, public.APIURL}} {
		if pair[0] == pair[1] {
			continue
		}
		_, whole, _ := strings.Cut(pair[0], "://")
		site, _, _ := strings.Cut(whole, "/")
		o.hosts.hide(whole, label)
		o.hosts.hide(site, label)
		if name, _, err := net.SplitHostPort(site); err == nil {
			o.hosts.hide(name, label)
		}
	}
	o.hosts.hide(l.Proxy, "a proxy")
	if l.Host.URL != public.URL {
		o.names++
	}
}

// tell reports the findings, a line each.
func (o *doctorOptions) tell(findings []diagnosis) error {
	for i := range findings {
		o.veil(&findings[i])
	}
	if o.output != table {
		return o.print(o.output, doctorReport{schemaDoctor, findings})
	}
	var rows [][]string
	for _, f := range findings {
		mark := o.look().Requirement(map[condition]providers.State{
			works: providers.Granted, limited: providers.Unverifiable, troubled: providers.Missing,
		}[f.State])
		rows = append(rows, []string{o.marked(mark, f.Check), strings.TrimSpace(f.Found + " " + f.Remedy)})
	}
	widths := widthsOf(rows)
	for _, row := range rows {
		if _, err := fmt.Fprintln(o.out, aligned(row, widths)); err != nil {
			return err
		}
	}
	return nil
}

// veil takes from a finding the names of hosts, where it is about one, that of
// the person, and whatever looks like a token.
func (o *doctorOptions) veil(f *diagnosis) {
	var over veil
	if f.Check == checkHost {
		over = slices.Clone(o.hosts)
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		over.hide(home, "~")
	}
	f.Found, f.Remedy = o.masks.mask(over.over(f.Found)), o.masks.mask(over.over(f.Remedy))
}
