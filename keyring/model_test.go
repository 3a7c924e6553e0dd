package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/storetest"
)

// absent is the value of a grant that is not there.
const absent = ""

// model says what each grant may be: one value where a change was acknowledged,
// several after one whose end nobody was told.
type model struct {
	t         *rapid.T
	world     *world
	processes []*process
	may       map[keyring.Key][]string
	serial    int
}

var grants = []keyring.Grant{
	storetest.Grant("prod", "runtime", "acme-bot"),
	storetest.Grant("prod", "user", "ada"),
	storetest.Grant("stage", "user", "ada"),
}

// Whatever is done, by two processes at once, over stores that fail in all the
// ways that are known, killed at any step: no token that was acknowledged is
// lost, none that was deleted comes back, none is torn, and nothing is left.
func TestNoAcknowledgedChangeIsLost(t *testing.T) {
	folder := quick(t)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(folder, "model")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		m := &model{t: t, world: newWorld(dir), processes: make([]*process, 2), may: map[keyring.Key][]string{}}
		for _, g := range grants {
			m.may[g.Key] = []string{absent}
		}
		for i := range m.processes {
			m.restart(i, keyring.System)
		}
		t.Repeat(map[string]func(*rapid.T){
			"save":    m.save,
			"refresh": m.refresh,
			"forget":  m.forget,
			"replace": m.replace,
			"migrate": m.migrate,
			"read":    m.read,
			"lock":    m.lock,
			"restart": func(t *rapid.T) { m.restart(m.anyProcess(t), m.anyKind(t)) },
		})
		m.finish()
	})
}

// quick is a folder where a sync costs nothing, if there is one.
func quick(t *testing.T) string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		dir, err := os.MkdirTemp("/dev/shm", "ring")
		if err == nil {
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			return dir
		}
	}
	return t.TempDir()
}

func (m *model) anyProcess(t *rapid.T) int {
	return rapid.IntRange(0, len(m.processes)-1).Draw(t, "process")
}

func (m *model) anyKind(t *rapid.T) keyring.Kind {
	return rapid.SampledFrom([]keyring.Kind{keyring.System, keyring.Vault}).Draw(t, "store")
}

func (m *model) anyGrant(t *rapid.T) keyring.Grant { return rapid.SampledFrom(grants).Draw(t, "grant") }

// anyCredential is never the same twice.
func (m *model) anyCredential(t *rapid.T) keyring.Credential {
	m.serial++
	sized := func(size int) secret.Secret {
		if size == 0 {
			return secret.Secret{}
		}
		return secret.New(fmt.Sprintf("canary-%d-%s", m.serial, strings.Repeat("x", size)))
	}
	return keyring.Credential{
		Access:  sized(rapid.SampledFrom([]int{10, 1000, 3000}).Draw(t, "access")),
		Refresh: sized(rapid.SampledFrom([]int{0, 40, 2000}).Draw(t, "refresh")),
	}
}

func value(c keyring.Credential) string { return c.Access.Reveal() + " " + c.Refresh.Reveal() }

func (m *model) restart(i int, writesTo keyring.Kind) {
	p, err := m.world.start(writesTo)
	if err != nil {
		m.t.Fatal(err)
	}
	m.processes[i] = p
}

// attempt does something in a process that may be struck by a fault. The other
// process looks on while a call of the first one hangs.
func (m *model) attempt(t *rapid.T, do func(ctx context.Context, p *process)) {
	i := m.anyProcess(t)
	p := m.processes[i]
	f := rapid.SampledFrom(faults).Draw(t, "fault")
	due := rapid.IntRange(1, 12).Draw(t, "at call")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	survived := p.suffer(f, due, func() { do(ctx, p) })
	if kind, pending := p.hangs(); pending != nil {
		for _, g := range grants {
			m.look(m.processes[1-i], g.Key)
		}
		_ = m.processes[1-i].ring.Settle(ctx)
		if rapid.Bool().Draw(t, "goes on with the other store") {
			m.goOn(t, p, other(kind))
		}
		p.resume()
	}
	if !survived {
		m.restart(i, p.kind)
	}
}

// goOn saves into another store while a call to the first one hangs.
func (m *model) goOn(t *rapid.T, p *process, with keyring.Kind) {
	g, c := m.anyGrant(t), m.anyCredential(t)
	m.begun(g.Key, value(c))
	if err := p.ring.Use(with); err != nil {
		t.Fatal(err)
	}
	_, err := p.ring.Save(context.Background(), g, c)
	m.acknowledged(g.Key, value(c), err)
	if err := p.ring.Use(p.kind); err != nil {
		t.Fatal(err)
	}
}

// acknowledged narrows what a grant may be, or widens it after an error.
func (m *model) acknowledged(k keyring.Key, value string, err error) {
	if err == nil {
		m.may[k] = []string{value}
		return
	}
	if errors.Is(err, keyring.ErrCorrupt) {
		m.t.Fatalf("%v is torn", k)
	}
}

func (m *model) begun(k keyring.Key, value string) { m.may[k] = append(m.may[k], value) }

func (m *model) save(t *rapid.T) {
	g, c := m.anyGrant(t), m.anyCredential(t)
	m.attempt(t, func(ctx context.Context, p *process) {
		m.begun(g.Key, value(c))
		_, err := p.ring.Save(ctx, g, c)
		m.acknowledged(g.Key, value(c), err)
	})
}

func (m *model) replace(t *rapid.T) {
	old, g, c := m.anyGrant(t), m.anyGrant(t), m.anyCredential(t)
	m.attempt(t, func(ctx context.Context, p *process) {
		m.begun(old.Key, absent)
		m.begun(g.Key, value(c))
		_, err := p.ring.Replace(ctx, old.Key, g, c)
		m.acknowledged(old.Key, absent, err)
		m.acknowledged(g.Key, value(c), err)
	})
}

func (m *model) refresh(t *rapid.T) {
	k, c := m.anyGrant(t).Key, m.anyCredential(t)
	m.attempt(t, func(ctx context.Context, p *process) {
		renewed := false
		_, got, err := p.ring.Refresh(ctx, k, func(g keyring.Grant, old keyring.Credential) (keyring.Grant, keyring.Credential, error) {
			m.sees(k, value(old))
			m.begun(k, value(c))
			renewed = true
			return g, c, nil
		})
		if renewed && value(got) != value(c) {
			m.t.Fatalf("a renewed credential was dropped: %v", err)
		}
		if renewed {
			m.acknowledged(k, value(c), err)
		}
	})
}

func (m *model) forget(t *rapid.T) {
	keys := []keyring.Key{m.anyGrant(t).Key, m.anyGrant(t).Key}
	m.attempt(t, func(ctx context.Context, p *process) {
		for _, k := range keys {
			m.begun(k, absent)
		}
		err := p.ring.Forget(ctx, keys...)
		for _, k := range keys {
			m.acknowledged(k, absent, err)
		}
	})
}

func (m *model) migrate(t *rapid.T) {
	m.attempt(t, func(ctx context.Context, p *process) {
		if _, err := p.ring.Migrate(ctx); errors.Is(err, keyring.ErrCorrupt) {
			m.t.Fatal("a migration tore a credential")
		}
	})
}

func (m *model) read(t *rapid.T) {
	k := m.anyGrant(t).Key
	m.attempt(t, func(_ context.Context, p *process) { m.look(p, k) })
}

func (m *model) lock(t *rapid.T) {
	kind, locked := m.anyKind(t), rapid.Bool().Draw(t, "locked")
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	m.world.locked[kind] = locked
}

// look reads a grant and holds it against the model. What was seen once nothing
// is pending for the grant stays so.
func (m *model) look(p *process, k keyring.Key) {
	c, err := p.ring.Credential(context.Background(), k)
	switch {
	case errors.Is(err, keyring.ErrCorrupt):
		m.t.Fatalf("%v is torn", k)
	case err != nil && !errors.Is(err, keyring.ErrNotFound):
		return
	}
	seen := absent
	if err == nil {
		seen = value(c)
	}
	m.sees(k, seen)
	if pending, err := p.ring.Pending(); err != nil {
		m.t.Fatal(err)
	} else if !slices.Contains(pending, k) {
		m.may[k] = []string{seen}
	}
}

// sees holds what was read against what it may be.
func (m *model) sees(k keyring.Key, value string) {
	if !slices.Contains(m.may[k], value) {
		m.t.Fatalf("%v is %.20q, which it may not be: %.20q", k, value, m.may[k])
	}
}

// finish opens every store, settles, and finds nothing amiss.
func (m *model) finish() {
	clear(m.world.locked)
	ring := m.processes[0].ring
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if err := ring.Settle(ctx); err != nil && !errors.Is(err, keyring.ErrUnknownOutcome) {
			m.t.Fatal(err)
		}
		if ctx.Err() != nil {
			m.t.Fatal("something never settles")
		}
		pending, err := ring.Pending()
		if err != nil {
			m.t.Fatal(err)
		}
		if len(pending) == 0 {
			break
		}
	}
	for _, g := range grants {
		m.look(m.processes[0], g.Key)
	}
	report, err := ring.Inspect(ctx)
	if err != nil || report.Missing != nil || report.Corrupt != nil || report.Strays != nil {
		m.t.Fatalf("the ring is not whole: %+v, %v", report, err)
	}
	m.searchFolder()
}

func (m *model) searchFolder() {
	err := filepath.WalkDir(m.world.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("canary")) {
			m.t.Fatalf("a token stands in %s", path)
		}
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
}
