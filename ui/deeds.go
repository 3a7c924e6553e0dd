package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"gitgrant/keyring"
	"gitgrant/ui/dashboard"
	"gitgrant/ui/screen"
	"gitgrant/ui/words"
)

// deed does what a person wants done with runtimes in the list.
func (m *root) deed(action screen.Action) tea.Cmd {
	hand, ctx, from := m.hand, m.ctx, m.list.Place()
	switch a := action.(type) {
	case screen.Forget:
		return m.forget(a.Grants)
	case screen.Undo:
		return m.undo(from)
	case screen.Mute:
		return m.change(func() tea.Msg { return hand.mute(a) })
	case screen.Share:
		return beside(func() tea.Msg {
			sharing, err := hand.desk.Sharing(ctx, a.Grant)
			return sharedMsg{a, from, sharing, err}
		})
	case screen.Rotate:
		return m.change(func() tea.Msg { return hand.rotate(ctx, a) })
	case screen.SaveAgain:
		return m.saveAgain()
	case screen.GiveUp:
		lost := words.SuccessorUnsaved(m.unsaved.grant)
		m.unsaved = nil
		return m.say(lost.String())
	case screen.Revoke:
		return m.change(func() tea.Msg { return hand.revoke(ctx, a, from) })
	case screen.Reuse:
		return m.change(func() tea.Msg { return hand.reuse(ctx, a) })
	}
	return nil
}

// change begins what changes something at a host or in the store. It is seen to
// its end: whoever leaves meanwhile does so once it is over.
func (m *root) change(work func() tea.Msg) tea.Cmd {
	m.changing++
	return m.begun(func() tea.Msg { return changedMsg{work()} })
}

// begun begins work that nobody leaves behind, and brings what comes of it.
func (m *root) begun(work func() tea.Msg) tea.Cmd {
	came := make(chan tea.Msg, 1)
	m.under.Go(func() { came <- beside(work)() })
	return func() tea.Msg { return <-came }
}

// changed takes what came of a change. Whoever was waiting for it leaves now,
// unless a new token would be lost.
func (m *root) changed(msg changedMsg) tea.Cmd {
	m.changing--
	cmd := m.hearDeed(msg.what)
	if !m.leaving || m.changing > 0 {
		return cmd
	}
	if m.unsaved != nil && m.ctx.Err() == nil {
		m.leaving, m.interrupted = false, false
		m.resize()
		return cmd
	}
	return tea.Quit
}

// hearDeed takes what came of it.
func (m *root) hearDeed(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case doneMsg:
		return m.done(msg)
	case endlessMsg:
		m.list.Done()
		if m.elsewhere(msg.from) {
			return m.tell(words.CannotRevoke(words.HostName(msg.of.Grant.Host), msg.of.Sharing))
		}
		m.list.CannotRevoke(msg.of.Grant, msg.of.Sharing)
	case sharedMsg:
		return m.shared(msg)
	case unsavedMsg:
		m.unsaved = &msg
		m.list.Done()
		m.list.Unsaved(words.ProblemAt(msg.err, m.look.Now()).String())
	case reusedMsg:
		if msg.err != nil {
			why := words.ProblemAt(msg.err, m.look.Now()).String()
			m.list.NotReused(why)
			m.keep(why)
			return nil
		}
		for _, g := range msg.given {
			about := words.About(m.o.Desk, g.Grant)
			about.Now = m.look.Now()
			m.keep(words.GivenTo(g, about))
		}
		m.list.Reused(msg.given)
		return m.relist(msg.grants)
	}
	return nil
}

func (m *root) done(msg doneMsg) tea.Cmd {
	if !msg.aside {
		m.list.Done()
	}
	if msg.saved {
		m.unsaved = nil
	}
	if f := msg.forgotten; f != nil && len(f.Lost()) < len(f.Grants) {
		m.forgotten = append(m.forgotten, *f)
	}
	for _, k := range msg.going {
		delete(m.going, k)
	}
	m.list.Undoable(len(m.forgotten) > 0)
	m.keep(msg.said)
	return tea.Batch(m.relist(msg.grants), m.say(strings.TrimSpace(msg.said+" "+msg.hint)))
}

// tell says what came of a change, also to somebody who is leaving.
func (m *root) tell(said string) tea.Cmd {
	m.keep(said)
	return m.say(said)
}

// keep keeps what came of a change for somebody who does not see it any more.
func (m *root) keep(said string) {
	if m.leaving && said != "" {
		m.told = append(m.told, said)
	}
}

// elsewhere reports whether the person has left the place in the list from where
// something was begun, or has something else before their eyes.
func (m *root) elsewhere(from dashboard.Place) bool {
	return m.walk != nil || m.opening || m.keys || m.leaving || m.list.Place() != from
}

// shared asks what is to become of a token, now that it is known who holds it.
// Nothing is asked where the person has gone elsewhere meanwhile.
func (m *root) shared(msg sharedMsg) tea.Cmd {
	m.list.Done()
	switch {
	case msg.err != nil:
		return m.say(words.ProblemAt(msg.err, m.look.Now()).String())
	case !m.elsewhere(msg.from):
		m.list.Shared(msg.of, msg.sharing)
	}
	return nil
}

// forget forgets what is not being forgotten already: a key that is pressed once
// more while the store takes its time means the same.
func (m *root) forget(grants []keyring.Grant) tea.Cmd {
	grants = slices.DeleteFunc(slices.Clone(grants), func(g keyring.Grant) bool { return m.going[g.Key] })
	if len(grants) == 0 {
		return nil
	}
	for _, g := range grants {
		m.going[g.Key] = true
	}
	hand, ctx := m.hand, m.ctx
	return m.change(func() tea.Msg { return hand.forget(ctx, grants) })
}

// undo brings back what was forgotten last. A second one meanwhile is about what
// was forgotten before that.
func (m *root) undo(from dashboard.Place) tea.Cmd {
	if len(m.forgotten) == 0 {
		return nil
	}
	last := m.forgotten[len(m.forgotten)-1]
	m.forgotten = m.forgotten[:len(m.forgotten)-1]
	m.list.Undoable(len(m.forgotten) > 0)
	hand, ctx := m.hand, m.ctx
	return m.change(func() tea.Msg { return hand.restore(ctx, last, from) })
}

// saveAgain tries once more to save a new token, which stays in memory until
// that is done.
func (m *root) saveAgain() tea.Cmd {
	if m.unsaved == nil {
		return nil
	}
	kept, hand, ctx := *m.unsaved, m.hand, m.ctx
	return m.change(func() tea.Msg {
		s, err := kept.err.Again(ctx)
		if err != nil {
			still := *kept.err
			still.Err = err
			return unsavedMsg{kept.grant, kept.sharing, &still}
		}
		return hand.rotation(s, nil, kept.sharing)
	})
}
