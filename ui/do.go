package ui

import (
	"cmp"
	"errors"
	"io/fs"
	"os"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/browser"
	"gitgrant/ui/screen"
	"gitgrant/ui/words"
)

// do does what a screen wants. Whatever takes time becomes a command that has
// all it needs before it starts.
func (m *root) do(action screen.Action) tea.Cmd {
	switch a := action.(type) {
	case screen.Work:
		m.work.runner.Start(a.Turn, a.Effects)
		if a.Open != "" {
			return tea.Batch(m.say(words.Opening), m.browse(a.Open))
		}
	case screen.Copy:
		return m.copy(a)
	case screen.Write:
		return m.write(a)
	case screen.Open:
		return tea.Batch(m.say(cmp.Or(a.Say, words.Opening)), m.browse(a.Address))
	case screen.Approve:
		return m.approve(a.Code)
	case screen.Say:
		return m.say(a.Text)
	case screen.Install:
		return m.begin(install(a.Answers))
	case screen.Reauthorize:
		return m.begin(reauthorize(a.Grant, flows.Answers{}))
	case screen.Check:
		return m.check(a.Grants)
	case screen.Unlock:
		return m.unlock(a)
	case screen.Close:
		return m.closed()
	default:
		return m.deed(action)
	}
	return nil
}

func (m *root) closed() tea.Cmd {
	if m.walk == nil {
		return m.leave()
	}
	return m.finish()
}

// begin reads what a conversation has to know, and then begins it. What is
// typed until then is meant for the wizard.
func (m *root) begin(how func(flows.World) (*flows.Conversation, []flows.Effect, error)) tea.Cmd {
	m.opening = true
	desk := m.o.Desk
	return beside(func() tea.Msg {
		world, err := desk.World(true)
		return worldMsg{world, err, how}
	})
}

// beside is a command. A fault of the program in it comes back as a message, so
// that it ends the program where the terminal can be given back first.
func beside(work func() tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if fault := recover(); fault != nil {
				msg = faultMsg{fault}
			}
		}()
		return work()
	}
}

// copy asks the terminal and the desktop. Only the desktop says whether it
// worked.
func (m *root) copy(c screen.Copy) tea.Cmd {
	ctx, board, scene := m.ctx, m.out.clipboard, m.screen().Scene()
	native := beside(func() tea.Msg { return sayMsg{words.Copied(c.Name, board.Put(ctx, c.Text)), scene} })
	return tea.Batch(tea.SetClipboard(c.Text), native)
}

func (m *root) browse(address string) tea.Cmd {
	ctx, b, scene := m.ctx, m.out.browser, m.screen().Scene()
	return beside(func() tea.Msg {
		switch err := b.Open(ctx, address); {
		case err == nil:
			return nil
		case errors.Is(err, browser.ErrNoWay):
			return sayMsg{words.NoBrowserHere, scene}
		case errors.Is(err, browser.ErrAddress):
			return sayMsg{words.NoSuchAddress, scene}
		default:
			return sayMsg{words.NoBrowserOpened, scene}
		}
	})
}

func (m *root) approve(code string) tea.Cmd {
	approve := m.o.Approve
	return beside(func() tea.Msg {
		if err := approve(code); err != nil {
			return sayMsg{text: words.Problem(err).String()}
		}
		return sayMsg{text: words.Approved}
	})
}

// unlock opens a store. For a keychain the desktop asks, in a window of its own.
func (m *root) unlock(a screen.Unlock) tea.Cmd {
	ctx, ring := m.ctx, m.o.Desk.Ring
	open := beside(func() tea.Msg {
		for _, store := range ring.Stores() {
			if opener, ok := store.(keyring.Opener); ok && store.Kind() == a.Store {
				return unlockedMsg{opener.Open(ctx, a.Passphrase)}
			}
		}
		return unlockedMsg{keyring.Condition{Store: a.Store, State: keyring.Unsupported}}
	})
	if a.Store == keyring.System {
		return tea.Batch(m.say(words.DesktopAsks), open)
	}
	return open
}

// write makes a file, unless there is one of that name already.
func (m *root) write(a screen.Write) tea.Cmd {
	return m.begun(func() tea.Msg {
		file, err := os.OpenFile(a.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // it holds no secret, and others may be meant to read it
		switch {
		case errors.Is(err, fs.ErrExist):
			return sayMsg{text: words.ValuesThere(a.File)}
		case err != nil:
			return sayMsg{text: words.Problem(err).String()}
		}
		_, err = file.Write(a.Text)
		if err := errors.Join(err, file.Close()); err != nil {
			_ = os.Remove(a.File) // half a file is of no use, and in the way of the next try
			return sayMsg{text: words.Problem(err).String()}
		}
		return sayMsg{text: words.ValuesWritten(a.File)}
	})
}
