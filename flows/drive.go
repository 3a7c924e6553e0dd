package flows

import (
	"context"
	"errors"
	"sync"
)

// Runner starts the work of a conversation and stops what it no longer needs.
type Runner struct {
	desk *Desk
	emit func(Event)

	mu     sync.Mutex
	turn   int
	ctx    context.Context
	cancel context.CancelFunc
	aside  context.Context
	wg     sync.WaitGroup
}

// NewRunner makes a runner whose work ends with ctx. emit is called from the
// goroutines of the work.
func NewRunner(ctx context.Context, d *Desk, emit func(Event)) *Runner {
	r := &Runner{desk: d, emit: emit, aside: ctx}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// Start begins effects. Work of earlier turns than this one is stopped.
func (r *Runner) Start(turn int, effects []Effect) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if turn > r.turn {
		r.cancel()
		r.ctx, r.cancel = context.WithCancel(r.aside)
		r.turn = turn
	}
	for _, e := range effects {
		ctx := r.ctx
		if e.Turn == 0 {
			ctx = r.aside
		}
		r.wg.Go(func() { r.desk.Perform(ctx, e, r.emit) })
	}
}

// Stop ends all work and waits for it; a save that has begun is finished.
func (r *Runner) Stop() {
	r.mu.Lock()
	r.cancel()
	r.mu.Unlock()
	r.wg.Wait()
}

// ErrBack is what an Asker returns to go a step back.
var ErrBack = errors.New("back")

// Asker is a person, or flags in place of one.
type Asker interface {
	// Ask answers a question, or ends the conversation with an error.
	Ask(ctx context.Context, c *Conversation, q Question) (Answer, error)
	// Tell hears of everything that happens between the questions.
	Tell(c *Conversation, ev Event)
}

// Drive walks a conversation to its end, for everybody who asks one question
// at a time. It returns the context's error or the Asker's. A save that is under
// way when the context ends is heard to its end before.
func Drive(ctx context.Context, d *Desk, c *Conversation, effects []Effect, asker Asker) error {
	ctx, cancel := context.WithCancel(ctx)
	events, left := make(chan Event), make(chan struct{})
	runner := NewRunner(ctx, d, func(ev Event) {
		select {
		case events <- ev:
		case <-left:
		}
	})
	defer runner.Stop()
	defer cancel()
	defer close(left)
	var ear *hearing // of the person, while one waits
	defer func() { ear.end() }()
	for {
		runner.Start(c.Turn(), effects)
		if c.Outcome().Ended {
			return nil
		}
		if c.Waiting() {
			ear = ear.on(ctx, asker, c.Question())
			select {
			case <-ctx.Done():
				hearOut(runner, c, events, asker)
				return ctx.Err()
			case ev := <-events:
				effects = c.Take(ev)
				asker.Tell(c, ev)
			case said := <-ear.words():
				ear = ear.end()
				if errors.Is(said.err, ErrBack) {
					effects, _ = c.Back()
				} else {
					effects = c.Answer(said.answer)
				}
			}
			continue
		}
		ear = ear.end()
		answer, err := asker.Ask(ctx, c, c.Question())
		switch {
		case errors.Is(err, ErrBack):
			effects, _ = c.Back()
		case err != nil:
			return err
		default:
			effects = c.Answer(answer)
		}
	}
}

// hearOut hears what becomes of a save that nobody may interrupt.
func hearOut(r *Runner, c *Conversation, events <-chan Event, asker Asker) {
	if !c.Saving() {
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.wg.Wait()
	}()
	for c.Saving() {
		select {
		case <-ended:
			return
		case ev := <-events:
			_ = c.Take(ev) // what would come next is not begun any more
			asker.Tell(c, ev)
		}
	}
}
