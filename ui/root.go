package ui

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/browser"
	"gitgrant/ui/clipboard"
	"gitgrant/ui/dashboard"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/wizard"
	"gitgrant/ui/words"
)

// outside is what the root reaches beyond itself.
type outside struct {
	send      func(tea.Msg)
	browser   *browser.Browser
	clipboard *clipboard.Clipboard
	plain     bool // glyphs of ASCII alone
}

// root is the model.
type root struct {
	ctx  context.Context
	o    Options
	out  outside
	look *screen.Look

	list  *dashboard.Dashboard
	walk  *wizard.Wizard // nil while the list is open
	work  *work          // of walk
	all   []*work
	first screen.Work // what the first conversation begins with

	opening bool      // a conversation is about to begin
	held    []tea.Msg // what was typed since

	width, height int
	light         bool
	profile       colorprofile.Profile

	keys    bool // the list of keys is open
	scroll  int  // of it
	said    string
	saying  int // generation of what is said
	rhythm  screen.Rhythm
	ticking int // generation of the ticks

	hand    *hand
	shown   int64                      // number of the list that is shown
	checks  int                        // number of the latest check
	running map[int]context.CancelFunc // the checks under way
	asked   map[keyring.Key]asked      // what they are about

	forgotten []flows.Forgotten    // what can be undone, the last one last
	going     map[keyring.Key]bool // what is being forgotten
	unsaved   *unsavedMsg          // a new token that is nowhere but here

	under    sync.WaitGroup // what nobody leaves behind
	changing int            // how much of that changes something, and is waited for on the screen
	leaving  bool           // as soon as that is over
	told     []string       // what came of it since

	outcomes    []flows.Outcome
	interrupted bool
}

// work is the runner of one conversation.
type work struct {
	runner *flows.Runner
	cancel context.CancelFunc
}

// Messages of the root to itself.
type (
	eventMsg struct {
		of *work
		ev flows.Event
	}
	worldMsg struct {
		world flows.World
		err   error
		begin func(flows.World) (*flows.Conversation, []flows.Effect, error)
	}
	grantsMsg struct {
		number  int64 // a list with a higher one was read later
		grants  []keyring.Grant
		changed []keyring.Key // what is to be checked anew
		err     error
		choose  string          // the runtime to go to; empty stays
		from    dashboard.Place // from where; whoever is elsewhere by now stays there
	}
	verdictMsg struct {
		check   int
		key     keyring.Key
		verdict flows.Verdict
	}
	checkedMsg struct {
		check  int
		err    error
		grants grantsMsg // with what the check wrote down
	}
	unlockedMsg struct{ err error }
	changedMsg  struct{ what tea.Msg } // of what changed something
	doneMsg     struct {
		said      string
		hint      string // for somebody who stays: the key that changes it back
		grants    grantsMsg
		aside     bool             // it went on beside what is being done at a host
		forgotten *flows.Forgotten // what can be undone from now on
		going     []keyring.Key    // what was to be forgotten
		saved     bool             // a new token that was in memory alone is stored
	}
	sharedMsg struct {
		of      screen.Share
		from    dashboard.Place
		sharing []keyring.Grant
		err     error
	}
	endlessMsg struct { // no program can end its token
		of   screen.Revoke
		from dashboard.Place
	}
	unsavedMsg struct {
		grant   keyring.Grant
		sharing []keyring.Grant
		err     *flows.UnsavedError
	}
	reusedMsg struct {
		given  []flows.Given
		err    error
		grants grantsMsg
	}
	sayMsg struct {
		text string
		of   string // the scene that it is about; empty is all of them
	}
	silenceMsg   struct{ saying int }
	beatMsg      struct{ ticking int }
	interruptMsg struct{}
	faultMsg     struct{ fault any }
)

// newRoot prepares the first screen from what the index knows. The effects of a
// conversation start with the program.
func newRoot(ctx context.Context, o Options, out outside) (*root, error) {
	m := &root{
		ctx: ctx, o: o, out: out, light: o.Theme == "light", profile: colorprofile.TrueColor,
		hand: &hand{desk: o.Desk}, running: map[int]context.CancelFunc{}, asked: map[keyring.Key]asked{}, going: map[keyring.Key]bool{},
		look: &screen.Look{Now: o.Desk.Now, Still: o.NoMotion, Demo: o.Demo && o.Approve != nil},
	}
	m.dress()
	m.list = dashboard.New(m.look, o.Desk)
	world, err := o.Desk.World(true)
	if err != nil {
		return nil, err
	}
	m.list.Show(world.Grants)
	switch o.Start {
	case StartInstall:
		m.first, err = m.open(worldMsg{world: world, begin: install(o.Answers)})
	case StartReauthorize:
		m.first, err = m.open(worldMsg{world: world, begin: reauthorize(*o.Grant, o.Answers)})
	}
	return m, err
}

func install(a flows.Answers) func(flows.World) (*flows.Conversation, []flows.Effect, error) {
	return func(w flows.World) (*flows.Conversation, []flows.Effect, error) { return flows.Install(w, a) }
}

func reauthorize(g keyring.Grant, a flows.Answers) func(flows.World) (*flows.Conversation, []flows.Effect, error) {
	return func(w flows.World) (*flows.Conversation, []flows.Effect, error) { return flows.Reauthorize(w, g, a) }
}

// open begins a conversation and shows it. Its work is started by whoever
// calls.
func (m *root) open(msg worldMsg) (screen.Work, error) {
	if msg.err != nil {
		return screen.Work{}, msg.err
	}
	talk, effects, err := msg.begin(msg.world)
	if err != nil {
		return screen.Work{}, err
	}
	ctx, cancel := context.WithCancel(m.ctx)
	w := &work{cancel: cancel}
	send := m.out.send
	w.runner = flows.NewRunner(ctx, m.o.Desk, func(ev flows.Event) { send(eventMsg{w, ev}) })
	m.all = append(m.all, w)
	m.walk, m.work = wizard.New(m.look, talk), w
	switch {
	case m.o.Start == StartList:
		m.walk.Out = words.KeyBack
	case len(m.outcomes) > 0:
		m.walk.Out = words.KeyLeave
	}
	m.resize()
	return screen.Work{Turn: talk.Turn(), Effects: effects}, nil
}

// close stops all work, and waits for what may not be left behind: a save, a
// change at a host, a token that a check is renewing.
func (m *root) close() {
	for _, stop := range m.running {
		stop()
	}
	for _, w := range m.all {
		w.cancel()
		w.runner.Stop()
	}
	m.under.Wait()
}

// dress makes the theme anew from what is known of the terminal.
func (m *root) dress() {
	profile := m.profile
	if m.o.NoColor {
		profile = colorprofile.ASCII
	}
	m.look.Theme = theme.New(theme.Options{Light: m.light, Profile: profile, Plain: m.out.plain})
	m.look.Keys = theme.NewKeys(m.look.Theme.Glyph)
}

// screen is the one that is open.
func (m *root) screen() screen.Screen {
	if m.walk != nil {
		return m.walk
	}
	return m.list
}
