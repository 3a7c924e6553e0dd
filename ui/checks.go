package ui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/words"
)

// asked says from which check a verdict on a grant is waited for, and which of
// its tokens that is about.
type asked struct {
	check   int
	savedAt time.Time
	heard   bool
}

// check asks the hosts about stored grants. What it asks for anew, an earlier
// check is not heard on any more; one that nobody hears is ended.
func (m *root) check(grants []keyring.Grant) tea.Cmd {
	if len(grants) == 0 {
		return nil
	}
	ctx, stop := context.WithCancel(m.ctx)
	m.ask(grants, stop)
	hand, send, check := m.hand, m.out.send, m.checks
	return m.begun(func() tea.Msg {
		defer stop()
		_, err := hand.desk.Status(ctx, grants, func(i int, v flows.Verdict) {
			send(verdictMsg{check, grants[i].Key, v})
		})
		return checkedMsg{check, err, hand.read()}
	})
}

// ask notes that the verdicts on grants come from a new check.
func (m *root) ask(grants []keyring.Grant, stop context.CancelFunc) {
	m.checks++
	m.running[m.checks] = stop
	for _, g := range grants {
		m.asked[g.Key] = asked{check: m.checks, savedAt: g.SavedAt}
	}
	needed := map[int]bool{m.checks: true}
	for _, a := range m.asked {
		needed[a.check] = needed[a.check] || !a.heard
	}
	for check, stop := range m.running {
		if !needed[check] {
			stop()
			delete(m.running, check)
		}
	}
	m.list.Checking(grants)
}

// verdict takes what a check found, unless another one is to say it by now.
func (m *root) verdict(msg verdictMsg) {
	if a := m.asked[msg.key]; a.check == msg.check {
		a.heard = true
		m.asked[msg.key] = a
		m.list.Heard(msg.key, msg.verdict)
	}
}

// checked takes that a check is over.
func (m *root) checked(msg checkedMsg) tea.Cmd {
	if _, running := m.running[msg.check]; !running {
		return nil
	}
	delete(m.running, msg.check)
	for k, a := range m.asked {
		if a.check == msg.check {
			m.disown(k)
		}
	}
	m.show(msg.grants)
	if len(m.running) == 0 {
		m.list.Rested()
	}
	if msg.err != nil {
		return m.say(words.ProblemAt(msg.err, m.look.Now()).String())
	}
	return nil
}

// disown drops what a check under way may still say about a grant.
func (m *root) disown(k keyring.Key) {
	delete(m.asked, k)
	m.list.Unheard(k)
}

// relist shows the list after a change, and checks what changed. A check that is
// under way goes on with all others: only what it says about a token that is
// stored no more is dropped.
func (m *root) relist(msg grantsMsg) tea.Cmd {
	if msg.err != nil {
		return m.say(words.ProblemAt(msg.err, m.look.Now()).String())
	}
	going := msg.choose != "" && !m.elsewhere(msg.from)
	m.show(msg)
	if going {
		m.list.Choose(msg.choose)
	}
	return m.check(slices.DeleteFunc(m.list.Grants(), func(g keyring.Grant) bool {
		a, under := m.asked[g.Key]
		moved := under && !a.heard && !a.savedAt.Equal(g.SavedAt)
		return !moved && !slices.Contains(msg.changed, g.Key)
	}))
}

// show shows the list as it was read, unless one that was read later is shown
// already.
func (m *root) show(msg grantsMsg) {
	if msg.err == nil && msg.number > m.shown {
		m.shown = msg.number
		m.list.Show(msg.grants)
	}
}

// reload reads the list anew, after a conversation that may have saved a grant.
func (m *root) reload(saved *keyring.Grant) tea.Cmd {
	hand, from := m.hand, m.list.Place()
	if saved == nil {
		return beside(func() tea.Msg { return hand.read() })
	}
	m.disown(saved.Key)
	return beside(func() tea.Msg {
		read := hand.read(saved.Key)
		read.choose, read.from = saved.Runtime, from
		return read
	})
}
