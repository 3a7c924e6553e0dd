package ui

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/dashboard"
	"gitgrant/ui/screen"
	"gitgrant/ui/words"
)

// hand does beside the screens what takes time. It knows nothing of the model,
// and brings the list as it stands afterwards.
type hand struct {
	desk  *flows.Desk
	reads atomic.Int64
}

// read reads the list. It is numbered before it is read: of two, the one with
// the higher number knows everything that was done before the other.
func (h *hand) read(changed ...keyring.Key) grantsMsg {
	number := h.reads.Add(1)
	grants, err := h.desk.Ring.Grants()
	return grantsMsg{number: number, grants: grants, changed: slices.Clone(changed), err: err}
}

func (h *hand) forget(ctx context.Context, grants []keyring.Grant) tea.Msg {
	forgotten, err := h.desk.Forget(ctx, grants)
	if err != nil {
		return doneMsg{said: words.Problem(err).String(), grants: h.read(), aside: true, going: keys(grants)}
	}
	done := doneMsg{
		said: words.Forgotten(len(grants), grants[0].Runtime), grants: h.read(), aside: true,
		forgotten: &forgotten, going: keys(grants),
	}
	if len(forgotten.Lost()) < len(grants) {
		done.hint = words.CanUndo
	}
	return done
}

// restore brings back what was forgotten. What does not come back now can be
// brought back later.
func (h *hand) restore(ctx context.Context, f flows.Forgotten, from dashboard.Place) tea.Msg {
	runtime := f.Grants[0].Runtime
	restored, err := h.desk.Restore(ctx, f)
	done := doneMsg{grants: h.read(keys(restored)...), aside: true}
	var taken *flows.TakenError
	switch {
	case errors.As(err, &taken): // set up anew since: there is nothing to go back to
		done.said = words.Problem(err).String()
	case err != nil:
		left := f.Without(restored)
		done.said, done.forgotten = words.Problem(err).String(), &left
	case len(restored) == 0:
		done.said = words.NotRestored(runtime)
	default:
		done.said = words.Restored(len(restored), runtime)
		if from.InList() {
			done.grants.choose, done.grants.from = runtime, from
		}
	}
	return done
}

func (h *hand) mute(a screen.Mute) tea.Msg {
	done := doneMsg{hint: words.Mutes(a.Runtime, a.Muted), aside: true}
	if err := h.desk.Mute(a.Runtime, a.Muted); err != nil {
		done.said, done.hint = words.Problem(err).String(), ""
	}
	done.grants = h.read()
	return done
}

func (h *hand) rotate(ctx context.Context, a screen.Rotate) tea.Msg {
	rotated, err := h.desk.Rotate(ctx, a.Grant, a.Until)
	return h.rotation(rotated, err, a.Sharing)
}

// rotation is what came of a rotation, or of another try to save its token.
func (h *hand) rotation(s flows.Successor, err error, sharing []keyring.Grant) tea.Msg {
	changed := append(keys(sharing), s.Grant.Key)
	var unsaved *flows.UnsavedError
	switch {
	case errors.As(err, &unsaved):
		return unsavedMsg{s.Grant, sharing, unsaved}
	case err != nil:
		return doneMsg{said: words.Problem(err).String(), grants: h.read(changed...)}
	default:
		return doneMsg{said: words.RotatedGrant(s, h.desk.Now()), grants: h.read(changed...), saved: true}
	}
}

func (h *hand) revoke(ctx context.Context, a screen.Revoke, from dashboard.Place) tea.Msg {
	err := h.desk.End(ctx, a.Grant)
	if errors.Is(err, providers.ErrNoSuchAPI) {
		return endlessMsg{a, from}
	}
	if err != nil {
		return doneMsg{said: words.Problem(err).String(), grants: h.read(append(keys(a.Sharing), a.Grant.Key)...)}
	}
	return doneMsg{said: words.RevokedGrant(a.Grant, a.Sharing), grants: h.read()}
}

func (h *hand) reuse(ctx context.Context, a screen.Reuse) tea.Msg {
	given, err := h.desk.Reuse(ctx, a.From, a.To)
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
	return reusedMsg{given, err, h.read(changed...)}
}

func keys(grants []keyring.Grant) []keyring.Key {
	var keys []keyring.Key
	for _, g := range grants {
		keys = append(keys, g.Key)
	}
	return keys
}
