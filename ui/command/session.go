package command

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/system"
	"gitgrant/keyring/vault"
	"gitgrant/providers/all"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/ui/place"
	"gitgrant/ui/plain"
	"gitgrant/ui/words"
)

// session is one run of the program: its streams, the flags that every command
// takes, and the house behind them, which is opened when a command asks for it.
type session struct {
	in, errs *os.File
	out      *stream
	// unprofiled has the command know the hosts that are built in, and no other.
	unprofiled bool
	input      *plain.Input // what is typed or piped in
	now        func() time.Time
	log        *slog.Logger
	masks      masks
	told       told // what is said for --debug

	lines, noInput, noColor, noMotion, debug bool
	theme                                    string
	store                                    keyring.Kind
	configDir, dataDir                       string
	within                                   time.Duration

	opened   *flows.Desk
	vault    *vault.Store
	onScreen bool // the terminal UI has been opened

	coresAgain func() // lets children leave core files
}

func newSession() *session {
	s := &session{
		in: os.Stdin, out: &stream{File: os.Stdout}, errs: os.Stderr,
		now: time.Now, log: slog.New(slog.DiscardHandler), within: flows.DefaultWithin, coresAgain: func() {},
	}
	s.input = plain.NewInput(s.in)
	return s
}

// desk opens the profiles of hosts, the list of grants and the store that
// credentials go to. It asks neither network nor keychain.
func (s *session) desk() (*flows.Desk, error) {
	if s.opened != nil {
		return s.opened, nil
	}
	book, err := s.book()
	if err != nil {
		return nil, err
	}
	ring, err := s.ring()
	if err != nil {
		return nil, err
	}
	s.log.Debug("opened", "config", s.configFolder(), "data", s.dataFolder(), "store", ring.Store().Kind())
	s.opened = &flows.Desk{
		Providers: all.Providers(),
		Hosts:     book,
		Ring:      ring,
		UserAgent: userAgent(),
		Now:       s.now,
		Log:       s.log,
		Within:    s.within,
		Remote:    s.remote,
		Here:      place.Find(place.System{OS: runtime.GOOS, Env: os.Getenv, Files: os.DirFS("/")}),
		Pages:     returnPages(s.in),
	}
	if ring.Store().Kind() == keyring.System {
		s.opened.OpenVault = func() error { return ring.Use(keyring.Vault) }
	}
	return s.opened, nil
}

// returnPages name the terminal that a browser is to lead back to.
func returnPages(in *os.File) oauth.Pages {
	machine, err := os.Hostname()
	if err != nil {
		machine = ""
	}
	terminal := ""
	if isTerminal(in) {
		terminal = nameOf(in)
	}
	return words.ReturnPages(machine, terminal)
}

// nameOf is what the system calls a terminal; empty where it does not say.
func nameOf(terminal *os.File) string {
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", terminal.Fd()))
	if err != nil || !strings.HasPrefix(name, "/dev/") {
		return ""
	}
	return name
}

func (s *session) book() (*hosts.Book, error) {
	if s.unprofiled {
		return hosts.Parse("", nil, all.Providers())
	}
	return hosts.Open(s.configFolder(), all.Providers(), shared()...)
}

// ring opens the list of grants over both stores: what rests in either can be
// read, and one is written to. What is kept in memory has a list there as well.
func (s *session) ring() (*keyring.Ring, error) {
	s.vault = vault.New(vault.Options{
		Dir:            s.dataFolder(),
		PassphraseFile: os.Getenv(passphraseFile),
		IdentityFile:   os.Getenv(identityFile),
	})
	ring, err := keyring.Open(keyring.Options{
		Dir: s.dataFolder(), Store: system.New(system.Options{}), Others: []keyring.Store{s.vault}, Now: s.now,
	})
	if err != nil {
		return nil, err
	}
	kind, err := s.storeKind(ring)
	switch {
	case err != nil:
		return nil, err
	case kind == keyring.Memory:
		return keyring.Open(keyring.Options{Store: memory.New(), Now: s.now})
	default:
		return ring, ring.Use(kind)
	}
}

// storeKind is the store that was named, by flag before environment, else the
// one that was chosen once for all, else the one that the newest grant rests
// in, else the keychain.
func (s *session) storeKind(ring *keyring.Ring) (keyring.Kind, error) {
	if s.store != "" {
		return s.store, nil
	}
	if named := os.Getenv("GITGRANT_STORE"); named != "" {
		var kind keyring.Kind
		if err := choiceOf(&kind, "GITGRANT_STORE", stores...).Set(named); err != nil {
			return "", misused(err)
		}
		return kind, nil
	}
	if chosen, err := ring.Chosen(); err != nil || chosen != "" {
		return chosen, err
	}
	grants, err := ring.Grants()
	if err != nil {
		return "", err
	}
	kind, newest := keyring.System, time.Time{}
	for _, g := range grants {
		if g.SavedAt.After(newest) {
			kind, newest = g.Store, g.SavedAt
		}
	}
	return kind, nil
}

// The variables that name what opens a vault where nobody can type.
const (
	passphraseFile = "GITGRANT_VAULT_PASSPHRASE_FILE"
	identityFile   = "GITGRANT_VAULT_IDENTITY_FILE"
)

var stores = []keyring.Kind{keyring.System, keyring.Vault, keyring.Memory}

// shared are the folders in which whoever looks after this machine may have put
// profiles for everybody.
func shared() []string {
	var folders []string
	for _, dir := range xdg.ConfigDirs {
		folders = append(folders, filepath.Join(dir, "gitgrant"))
	}
	return folders
}

func (s *session) configFolder() string {
	return folder(s.configDir, "GITGRANT_CONFIG_DIR", xdg.ConfigHome)
}

func (s *session) dataFolder() string {
	return folder(s.dataDir, "GITGRANT_DATA_DIR", xdg.DataHome)
}

func folder(flag, variable, home string) string {
	for _, named := range []string{flag, os.Getenv(variable)} {
		if named == "" {
			continue
		}
		if absolute, err := filepath.Abs(named); err == nil {
			return absolute
		}
		return named
	}
	return filepath.Join(home, "gitgrant")
}

func userAgent() string {
	return fmt.Sprintf("gitgrant/%s (%s; %s)", version, runtime.GOOS, runtime.GOARCH)
}

// begin is what happens between the flags and the command. Of the command line no
// value is told, neither of a flag nor of an argument: addresses and what another
// program is run with may have passwords in them.
func (s *session) begin(cmd *cobra.Command) {
	if !s.debug {
		return
	}
	s.told.to = s.errs
	s.log = slog.New(slog.NewTextHandler(masked{&s.told, &s.masks}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var given []string
	cmd.Flags().Visit(func(f *pflag.Flag) { given = append(given, f.Name) })
	s.log.Debug("started", "version", version, "command", cmd.CommandPath(), "flags", strings.Join(given, " "))
}

// close lets go of everything, and tells what was mended on the way.
func (s *session) close() {
	if s.opened == nil {
		return
	}
	opened := s.opened
	s.opened = nil
	opened.Close()
	notices := opened.Ring.Notices()
	if s.vault != nil {
		notices = append(notices, s.vault.Notices()...)
	}
	for _, n := range notices {
		s.warn(words.Tightened(n))
	}
}

// broke tells of a fault of the program, in front of a terminal that is as it
// was found.
func (s *session) broke(fault any, stack []byte) {
	s.input.Restore()
	if s.onScreen {
		fmt.Fprint(s.out, "\x1b[?1049l\x1b[?2004l\x1b[?25h\x1b[0m") // main screen, plain pastes, cursor, colours
	}
	s.told.letGo()
	s.warn(words.Broken(fmt.Sprint(fault)))
	if s.debug {
		fmt.Fprintln(s.errs, s.masks.mask(string(stack)))
	}
}

func isTerminal(f interface{ Fd() uintptr }) bool { return term.IsTerminal(int(f.Fd())) }
