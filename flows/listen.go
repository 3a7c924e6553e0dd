package flows

import (
	"context"
	"errors"
)

// Listener is an Asker who can be told something while work is under way.
type Listener interface {
	// Listen waits for an answer beside everything else, until its context ends:
	// for the address that a browser ended on, or for a step back where there is
	// nothing to answer. An error says that none will come.
	Listen(ctx context.Context, q Question) (Answer, error)
}

// hearing is listening that is under way. Nil is none.
type hearing struct {
	to    Ask // what may be answered
	heard chan said
	stop  context.CancelFunc
	done  chan struct{}
}

type said struct {
	answer Answer
	err    error
}

// on goes on listening, or begins to where the question may be answered while
// one waits.
func (h *hearing) on(ctx context.Context, asker Asker, q Question) *hearing {
	l, ok := asker.(Listener)
	if !ok || q.Step != StepAuthorize || q.Ask != AskReturn && q.Ask != AskNothing {
		return h.end()
	}
	if h != nil && h.to == q.Ask {
		return h
	}
	_ = h.end()
	ctx, stop := context.WithCancel(ctx)
	h = &hearing{q.Ask, make(chan said, 1), stop, make(chan struct{})}
	go func() {
		defer close(h.done)
		answer, err := l.Listen(ctx, q)
		if err == nil || errors.Is(err, ErrBack) {
			h.heard <- said{answer, err}
		}
	}()
	return h
}

// words is where an answer arrives.
func (h *hearing) words() <-chan said {
	if h == nil {
		return nil
	}
	return h.heard
}

// end stops listening, and returns once nobody reads any more.
func (h *hearing) end() *hearing {
	if h != nil {
		h.stop()
		<-h.done
	}
	return nil
}
