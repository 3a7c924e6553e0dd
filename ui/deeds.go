package ui

import (
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/words"
)

// deed does what a person wants done with runtimes in the list.
func (m *root) deed(action screen.Action) tea.Cmd {
	desk, ctx := m.o.Desk, m.ctx
	switch a := action.(type) {
	case screen.Forget:
		return beside(func() tea.Msg { return forget(ctx, desk, a.Grants) })
	case screen.Undo:
		return m.undo()
	case screen.Mute:
		return beside(func() tea.Msg {
			said := words.Mutes(a.Runtime, a.Muted)
			if err := desk.Mute(a.Runtime, a.Muted); err != nil {
				said = words.Problem(err).String()
			}
			return doneMsg{said: said, grants: read(desk), aside: true}
		})
	case screen.Share:
		return beside(func() tea.Msg {
			sharing, err := desk.Sharing(ctx, a.Grant)
			return sharedMsg{a, sharing, err}
		})
	case screen.Rotate:
		return beside(func() tea.Msg { return rotate(ctx, desk, a) })
	case screen.SaveAgain:
		return m.saveAgain()
	case screen.GiveUp:
		lost := words.SuccessorUnsaved(m.unsaved.grant)
		m.unsaved = nil
		return m.say(lost.String())
	case screen.Revoke:
		return beside(func() tea.Msg { return revoke(ctx, desk, a) })
	case screen.Reuse:
		return beside(func() tea.Msg { return reuse(ctx, desk, a) })
	}
	return nil
}

// hearDeed takes what came of it.
func (m *root) hearDeed(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case doneMsg:
		if !msg.aside {
			m.list.Done()
		}
		if msg.forgotten != nil && len(msg.forgotten.Lost()) < len(msg.forgotten.Grants) {
			m.forgotten = append(m.forgotten, *msg.forgotten)
		}
		if msg.undone != nil {
			m.forgotten = m.forgotten[:len(m.forgotten)-1]
		}
		m.list.Undoable(len(m.forgotten) > 0)
		relist := m.relist(msg.grants)
		if msg.choose != "" {
			m.list.Choose(msg.choose)
		}
		return tea.Batch(relist, m.say(msg.said))
	case endlessMsg:
		m.list.CannotRevoke(msg.of.Grant, msg.of.Sharing)
	case sharedMsg:
		return m.shared(msg)
	case unsavedMsg:
		m.unsaved = &msg
		m.list.Unsaved(words.ProblemAt(msg.err, m.look.Now()).String())
	case reusedMsg:
		if msg.err != nil {
			m.list.NotReused(words.ProblemAt(msg.err, m.look.Now()).String())
			return nil
		}
		m.list.Reused(msg.given)
		return m.relist(msg.grants)
	}
	return nil
}

// shared asks what is to become of a token, now that it is known who holds it.
// Nothing is asked where the person has gone elsewhere meanwhile.
func (m *root) shared(msg sharedMsg) tea.Cmd {
	m.list.Done()
	switch {
	case msg.err != nil:
		return m.say(words.ProblemAt(msg.err, m.look.Now()).String())
	case m.walk != nil || m.opening:
	case msg.of.End:
		m.list.AskRevoke(msg.of.Grant, msg.sharing)
	default:
		m.list.AskRotate(msg.of.Grant, msg.sharing)
	}
	return nil
}

func forget(ctx context.Context, desk *flows.Desk, grants []keyring.Grant) tea.Msg {
	forgotten, err := desk.Forget(ctx, grants)
	if err != nil {
		return doneMsg{said: words.Problem(err).String(), grants: read(desk)}
	}
	done := doneMsg{said: words.Forgotten(len(grants), grants[0].Runtime), grants: read(desk), forgotten: &forgotten}
	if len(forgotten.Lost()) < len(grants) {
		done.said += " " + words.CanUndo
	}
	return done
}

// undo brings back what was forgotten last.
func (m *root) undo() tea.Cmd {
	if len(m.forgotten) == 0 {
		return nil
	}
	last := m.forgotten[len(m.forgotten)-1]
	desk, ctx := m.o.Desk, m.ctx
	return beside(func() tea.Msg {
		runtime := last.Grants[0].Runtime
		restored, err := desk.Restore(ctx, last)
		var taken *flows.TakenError
		switch {
		case errors.As(err, &taken): // set up anew since: there is nothing to go back to
			return doneMsg{said: words.Problem(err).String(), grants: read(desk, keys(restored)...), aside: true, undone: &last}
		case err != nil:
			return doneMsg{said: words.Problem(err).String(), grants: read(desk, keys(restored)...), aside: true}
		case len(restored) == 0:
			return doneMsg{said: words.NotRestored(runtime), grants: read(desk), aside: true, undone: &last}
		default:
			return doneMsg{said: words.Restored(len(restored), runtime), grants: read(desk, keys(restored)...), aside: true, choose: runtime, undone: &last}
		}
	})
}

func rotate(ctx context.Context, desk *flows.Desk, a screen.Rotate) tea.Msg {
	rotated, err := desk.Rotate(ctx, a.Grant, a.Until)
	return rotation(desk, rotated, err, a.Sharing)
}

// rotation is what came of a rotation, or of another try to save its token.
func rotation(desk *flows.Desk, s flows.Successor, err error, sharing []keyring.Grant) tea.Msg {
	changed := append(keys(sharing), s.Grant.Key)
	var unsaved *flows.UnsavedError
	switch {
	case errors.As(err, &unsaved):
		return unsavedMsg{s.Grant, sharing, unsaved}
	case err != nil:
		return doneMsg{said: words.Problem(err).String(), grants: read(desk, changed...)}
	default:
		return doneMsg{said: words.RotatedGrant(s, desk.Now()), grants: read(desk, changed...)}
	}
}

func (m *root) saveAgain() tea.Cmd {
	if m.unsaved == nil {
		return nil
	}
	kept, desk, ctx := *m.unsaved, m.o.Desk, m.ctx
	m.unsaved = nil
	return beside(func() tea.Msg {
		s, err := kept.err.Again(ctx)
		if err != nil {
			kept.err.Err = err
			return kept
		}
		return rotation(desk, s, nil, kept.sharing)
	})
}

func revoke(ctx context.Context, desk *flows.Desk, a screen.Revoke) tea.Msg {
	err := desk.Revoke(ctx, a.Grant)
	if errors.Is(err, providers.ErrNoSuchAPI) {
		return endlessMsg{a}
	}
	if err == nil {
		err = desk.Ring.Forget(ctx, a.Grant.Key)
	}
	if err != nil {
		return doneMsg{said: words.Problem(err).String(), grants: read(desk, append(keys(a.Sharing), a.Grant.Key)...)}
	}
	return doneMsg{said: words.RevokedGrant(a.Grant, a.Sharing), grants: read(desk)}
}

func reuse(ctx context.Context, desk *flows.Desk, a screen.Reuse) tea.Msg {
	given, err := desk.Reuse(ctx, a.From, a.To)
	var notKept *flows.NotKeptError
	if errors.As(err, &notKept) {
		err = nil // the runtimes have their token all the same
	}
	var changed []keyring.Key
	for _, g := range given {
		if g.Stored {
			changed = append(changed, g.Grant.Key)
		}
	}
	return reusedMsg{given, err, read(desk, changed...)}
}

func keys(grants []keyring.Grant) []keyring.Key {
	var keys []keyring.Key
	for _, g := range grants {
		keys = append(keys, g.Key)
	}
	return keys
}

func (m *root) reload(changed ...keyring.Key) tea.Cmd {
	desk := m.o.Desk
	return beside(func() tea.Msg { return read(desk, changed...) })
}

func read(desk *flows.Desk, changed ...keyring.Key) grantsMsg {
	grants, err := desk.Ring.Grants()
	return grantsMsg{grants, slices.Clone(changed), err}
}
