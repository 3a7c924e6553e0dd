package system

import (
	"context"
	"errors"
	"sync"
	"time"

	"gitgrant/keyring"
)

// queue lets calls through one at a time. A call keeps its turn until it is
// over, however long ago it passed its deadline.
type queue struct {
	turn chan struct{} // holds one token while a call is under way

	mu     sync.Mutex
	over   uint64        // calls that are over; names the one under way
	timer  *time.Timer   // of the call under way
	late   chan struct{} // closed once the call under way has passed its deadline
	passed bool          // late is closed
}

func newQueue() *queue {
	return &queue{turn: make(chan struct{}, 1), late: make(chan struct{})}
}

// begin waits for its turn for as long as the caller does: many before it are
// no sign of a keychain that hangs. One call that has passed its deadline is,
// and nobody waits for that. The deadline of the call that begins starts here.
func (q *queue) begin(ctx context.Context, deadline time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case q.turn <- struct{}{}:
		q.watch(deadline)
		return nil
	case <-q.overdue():
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
	}
	return condition(keyring.Unresponsive, "an earlier call has not been answered")
}

// end gives the turn back.
func (q *queue) end() {
	q.mu.Lock()
	q.timer.Stop()
	q.over++ // a timer that can no longer be stopped is of no call
	if q.passed {
		q.late, q.passed = make(chan struct{}), false
	}
	q.mu.Unlock()
	<-q.turn
}

func (q *queue) watch(deadline time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	call := q.over
	q.timer = time.AfterFunc(deadline, func() { q.pass(call) })
}

// pass tells all who wait that a call has passed its deadline, unless it is over.
func (q *queue) pass(call uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over == call {
		close(q.late)
		q.passed = true
	}
}

func (q *queue) overdue() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.late
}

// wait returns once no call is under way.
func (q *queue) wait(ctx context.Context) error {
	select {
	case q.turn <- struct{}{}:
		<-q.turn
		return nil
	default:
	}
	select {
	case q.turn <- struct{}{}:
		<-q.turn
		return nil
	case <-ctx.Done():
		return unknown(ctx)
	}
}
