package ui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/words"
)

// Init implements tea.Model. What it starts runs beside the first frame.
func (m *root) Init() tea.Cmd {
	var cmds []tea.Cmd
	if m.o.Theme != "dark" && m.o.Theme != "light" {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	if m.walk != nil {
		cmds = append(cmds, m.do(m.first))
	} else {
		cmds = append(cmds, m.do(screen.Check{Grants: m.list.Grants()}))
	}
	return tea.Batch(append(cmds, m.beat())...)
}

// Update implements tea.Model.
func (m *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	scene, sight, saying := m.screen().Scene(), m.sight(), m.saying
	cmd := m.take(msg)
	if m.sight() != sight {
		m.list.InSight()
	}
	if m.saying == saying && m.screen().Scene() != scene {
		m.hush() // it was said of what is not on the screen any more
	}
	return m, tea.Batch(cmd, m.beat())
}

// sight names what is before a person's eyes.
func (m *root) sight() string {
	if m.keys {
		return "keys"
	}
	return m.screen().Scene()
}

func (m *root) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = plausible(msg.Width, msg.Height)
		m.resize()
	case tea.BackgroundColorMsg:
		if m.o.Theme != "dark" && m.o.Theme != "light" {
			m.light = !msg.IsDark()
			m.dress()
		}
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.dress()
	case tea.KeyPressMsg:
		if m.opening && !key.Matches(msg, m.look.Keys.Interrupt) {
			m.held = append(m.held, msg)
			return nil
		}
		return m.press(msg)
	case tea.PasteMsg:
		if m.opening {
			m.held = append(m.held, msg)
			return nil
		}
		if !m.keys && !m.leaving && !m.tooSmall() {
			return m.do(m.screen().Paste(msg.Content))
		}
	case interruptMsg:
		return m.interrupt()
	case faultMsg:
		panic(msg.fault)
	case beatMsg:
		if msg.ticking == m.ticking {
			m.look.Beat++
			return m.tick()
		}
	case sayMsg:
		if msg.of == "" || msg.of == m.screen().Scene() {
			return m.say(msg.text)
		}
	case silenceMsg:
		if msg.saying == m.saying {
			m.hush()
		}
	default:
		return m.hear(msg)
	}
	return nil
}

// hear takes what came of work. What belongs to something that is over is
// dropped.
func (m *root) hear(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case eventMsg:
		if msg.of == m.work && m.walk != nil {
			return m.do(m.walk.Take(msg.ev))
		}
	case worldMsg:
		return m.opened(msg)
	case grantsMsg:
		return m.relist(msg)
	case verdictMsg:
		m.verdict(msg)
	case checkedMsg:
		return m.checked(msg)
	case changedMsg:
		return m.changed(msg)
	case unlockedMsg:
		return m.unlocked(msg)
	default:
		return m.hearDeed(msg)
	}
	return nil
}

// opened shows the wizard, and gives it what was typed on the way.
func (m *root) opened(msg worldMsg) tea.Cmd {
	held := m.held
	m.opening, m.held = false, nil
	if m.leaving {
		return nil
	}
	begun, err := m.open(msg)
	if err != nil {
		return m.say(words.ProblemAt(err, m.look.Now()).String())
	}
	cmds := []tea.Cmd{m.do(begun)}
	for _, typed := range held {
		cmds = append(cmds, m.take(typed))
	}
	return tea.Batch(cmds...)
}

// unlocked checks what rests in a store that is open now.
func (m *root) unlocked(msg unlockedMsg) tea.Cmd {
	if msg.err == nil {
		m.list.Unlocked()
		return m.check(m.list.Grants())
	}
	why := words.NotOpened(msg.err, m.look.Now())
	if m.list.Refused(why) {
		return nil
	}
	return m.say(why)
}

// press takes a key: those of the whole program first, then the screen's.
func (m *root) press(k tea.KeyPressMsg) tea.Cmd {
	keys := m.look.Keys
	switch {
	case key.Matches(k, keys.Interrupt):
		return m.interrupt()
	case key.Matches(k, keys.Suspend):
		return tea.Suspend
	case m.leaving:
		return nil // nothing new is begun
	case m.tooSmall():
		return nil // nobody answers what cannot be seen
	case m.keys:
		m.pressKeys(k)
		return nil
	case key.Matches(k, keys.Help) && (k.Text == "" || !m.screen().Typing()):
		m.keys, m.scroll = true, 0
		return nil
	}
	return m.do(m.screen().Press(k))
}

func (m *root) pressKeys(k tea.KeyPressMsg) {
	keys := m.look.Keys
	hidden := m.layKeys().Hidden
	switch {
	case key.Matches(k, keys.Help, keys.Back, keys.Enter, keys.Quit):
		m.keys = false
	case key.Matches(k, keys.Down):
		m.scroll = min(m.scroll+1, hidden)
	case key.Matches(k, keys.Up):
		m.scroll = max(0, m.scroll-1)
	case key.Matches(k, keys.PageDown):
		m.scroll = min(m.scroll+m.height/2, hidden)
	case key.Matches(k, keys.PageUp):
		m.scroll = max(0, m.scroll-m.height/2)
	}
}

// interrupt leaves at once, or as soon as what may not be left behind has ended.
func (m *root) interrupt() tea.Cmd {
	m.interrupted = true
	if m.walk != nil && !m.walk.Leave() {
		return nil
	}
	return m.finish()
}

// leave ends the program, as soon as nothing is being changed any more.
func (m *root) leave() tea.Cmd {
	if m.changing == 0 {
		return tea.Quit
	}
	m.leaving, m.keys = true, false
	m.resize()
	return nil
}

// finish ends the wizard and goes where one goes from there.
func (m *root) finish() tea.Cmd {
	var ended flows.Outcome
	if m.walk != nil {
		ended = m.walk.Outcome()
		m.outcomes = append(m.outcomes, ended)
		m.work.cancel()
		m.walk, m.work = nil, nil
		m.keys = false
	}
	switch {
	case m.interrupted:
		return m.leave()
	case ended.GoOn && ended.Saved != nil:
		return m.begin(install(flows.Answers{Runtime: ended.Saved.Runtime, Purpose: providers.User}))
	case m.o.Start != StartList:
		return tea.Quit
	}
	return m.reload(ended.Saved)
}

// plausible guards against sizes that no terminal has: some report none at
// all, or nonsense, over a serial line or while they start.
func plausible(width, height int) (int, int) {
	if width <= 0 || height <= 0 {
		return 80, 24
	}
	return min(width, 1000), min(height, 500)
}

// beat keeps one chain of ticks going at the rhythm of the screen, and none
// where nothing moves.
func (m *root) beat() tea.Cmd {
	rhythm := m.screen().Rhythm()
	if rhythm == m.rhythm {
		return nil
	}
	m.rhythm = rhythm
	m.ticking++
	if rhythm == screen.Calm {
		return nil
	}
	return m.tick()
}

func (m *root) tick() tea.Cmd {
	ticking := m.ticking
	return tea.Tick(time.Duration(m.rhythm), func(time.Time) tea.Msg { return beatMsg{ticking} })
}

// shown is how long a message stays.
const shown = 6 * time.Second

func (m *root) hush() {
	m.said = ""
	m.resize()
}

func (m *root) say(text string) tea.Cmd {
	m.said = text
	m.resize()
	m.saying++
	saying := m.saying
	return tea.Tick(shown, func(time.Time) tea.Msg { return silenceMsg{saying} })
}
