package ui

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/ui/browser"
	"gitgrant/ui/clipboard"
)

// patience is only ever reached by a failure.
const patience = 60 * time.Second

// stage drives the root model as Bubble Tea would, one message at a time.
// Ticks are left out, so that a frame is the same at every run.
type stage struct {
	t    *testing.T
	m    *root
	hub  *hub
	desk *flows.Desk

	mu    sync.Mutex
	clock time.Time

	queue  chan tea.Msg
	done   chan struct{}
	quit   bool
	copied []string
	opened string   // the page of consent, before a scene gave it a steady address
	seen   []string // every frame, as it was sent to the terminal
}

// set says what a stage is set up with.
type set struct {
	start   Start
	answers flows.Answers
	renew   *keyring.Key         // the grant to re-authorize
	store   func() keyring.Store // memory where it is nil
	grants  []stored
	noColor bool
	light   bool
	still   bool
	demo    bool
	env     map[string]string
	others  bool // hosts of other kinds than GitHub's are there too
	vault   bool // the vault may be chosen in place of the store
	here    flows.Place
	plain   bool
	locked  bool // the store, which is a moody one, is locked after the grants were put into it
}

func open(t *testing.T, c set) *stage {
	t.Helper()
	s := &stage{t: t, hub: newHub(t), clock: noon, queue: make(chan tea.Msg), done: make(chan struct{})}
	store := keyring.Store(memory.New())
	if c.store != nil {
		store = c.store()
	}
	s.desk = newDesk(t, s.hub, store, s.now)
	if c.others {
		withOthers(t, s.desk, s.now)
	}
	s.desk.Here = c.here
	ringOf(t, s.desk, c.grants...)
	if c.locked {
		store.(*moody).lock()
	}
	if c.vault {
		s.desk.OpenVault = func() error { return s.desk.Ring.Use(keyring.Vault) }
	}
	o := Options{
		Desk: s.desk, Start: c.start, Answers: c.answers, Theme: "dark", NoColor: c.noColor, NoMotion: c.still,
		Demo: c.demo, Approve: s.hub.approve,
	}
	if c.light {
		o.Theme = "light"
	}
	if c.renew != nil {
		o.Grant = s.grant(*c.renew)
	}
	env := func(name string) string { return c.env[name] }
	m, err := newRoot(context.Background(), o, outside{send: s.send, browser: browser.New(env), clipboard: clipboard.New(env), plain: c.plain})
	if err != nil {
		t.Fatal(err)
	}
	s.m = m
	t.Cleanup(func() {
		close(s.done)
		if slow, ok := store.(*moody); ok {
			slow.goOn()
		}
		m.close()
	})
	s.run(m.Init())
	s.resize(80, 24)
	return s
}

func (s *stage) grant(k keyring.Key) *keyring.Grant {
	s.t.Helper()
	grants, err := s.desk.Ring.Grants()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, g := range grants {
		if g.Key == k {
			return &g
		}
	}
	return nil
}

func (s *stage) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// later lets time pass.
func (s *stage) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func (s *stage) send(msg tea.Msg) {
	select {
	case s.queue <- msg:
	case <-s.done:
	}
}

func (s *stage) run(cmd tea.Cmd) {
	if cmd != nil {
		go func() { s.send(cmd()) }()
	}
}

// close ends the program, which hears nothing any more: what is still said to it
// is lost, and keeps nobody waiting.
func (s *stage) close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.m.close()
	}()
	for {
		select {
		case <-s.queue:
		case <-closed:
			return
		}
	}
}

// take gives the model one message.
func (s *stage) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil, beatMsg, silenceMsg:
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.run(cmd)
		}
		return
	case tea.QuitMsg:
		s.quit = true
		return
	}
	// The message that asks for the clipboard is Bubble Tea's own.
	if strings.HasSuffix(fmt.Sprintf("%T", msg), ".setClipboardMsg") {
		s.copied = append(s.copied, fmt.Sprint(msg))
		return
	}
	_, cmd := s.m.Update(msg)
	s.run(cmd)
	s.seen = append(s.seen, s.m.View().Content, s.m.View().WindowTitle)
}

// until takes messages until the frame shows a text.
func (s *stage) until(text string) {
	s.t.Helper()
	s.wait(func() bool { return strings.Contains(s.frame(), text) }, "the text "+text)
}

// asked waits for a question that comes up by itself, and then until keys count.
func (s *stage) asked(text string) {
	s.t.Helper()
	s.until(text)
	s.later(time.Second)
}

// gone takes messages until the frame does not show a text any more.
func (s *stage) gone(text string) {
	s.t.Helper()
	s.wait(func() bool { return !strings.Contains(s.frame(), text) }, "the end of "+text)
}

func (s *stage) wait(there func() bool, what string) {
	s.t.Helper()
	deadline := time.After(patience)
	for !there() {
		select {
		case msg := <-s.queue:
			s.take(msg)
		case <-deadline:
			s.t.Fatalf("waited in vain for %s; the frame is\n%s", what, s.frame())
		}
	}
}

// styled is the frame as it is sent, frame what a person reads.
func (s *stage) styled() string { return s.m.View().Content }
func (s *stage) frame() string  { return ansi.Strip(s.styled()) }

// expect fails where the frame lacks one of the texts.
func (s *stage) expect(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.frame(), text) {
			s.t.Errorf("the frame lacks %q:\n%s", text, s.frame())
		}
	}
}

// never fails where the frame has one of the texts.
func (s *stage) never(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if strings.Contains(s.frame(), text) {
			s.t.Errorf("the frame has %q:\n%s", text, s.frame())
		}
	}
}

func (s *stage) resize(width, height int) { s.take(tea.WindowSizeMsg{Width: width, Height: height}) }

func (s *stage) paste(text string) { s.take(tea.PasteMsg{Content: text}) }

// write types a text, character by character.
func (s *stage) write(text string) {
	for _, r := range text {
		s.take(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

var named = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"space": {Code: tea.KeySpace, Text: " "},
	"f1":    {Code: tea.KeyF1}, "backspace": {Code: tea.KeyBackspace}, "left": {Code: tea.KeyLeft},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
	"ctrl+y": {Code: 'y', Mod: tea.ModCtrl},
	"ctrl+o": {Code: 'o', Mod: tea.ModCtrl}, "ctrl+t": {Code: 't', Mod: tea.ModCtrl},
}

// press presses keys: names, or single characters.
func (s *stage) press(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		msg, ok := named[k]
		if !ok {
			r := []rune(k)
			if len(r) != 1 {
				s.t.Fatalf("there is no key %q", k)
			}
			msg = tea.KeyPressMsg{Code: r[0], Text: k}
		}
		s.take(msg)
	}
}
