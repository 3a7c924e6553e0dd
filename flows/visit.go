package flows

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
)

const (
	// perHost bounds the questions under way at one host. It is also how many
	// of them in a row may come to nothing before the host is given up on.
	perHost = 16
	// limitsHeard is how many tokens have to meet a limit before it is taken
	// for the host's: hosts count by account, and one that has used up its own
	// says nothing about the others.
	limitsHeard = 2
	// inspecting bounds the exchanges about one token.
	inspecting = 20 * time.Second
	// secondLook is the pause before a token that was fine is asked about again.
	secondLook = 300 * time.Millisecond
)

// visit is what one pass over the ring learns about one host. A token that
// several grants hold is asked about once; a host that does not answer, or says
// that it has been asked too much, is left alone for the rest of the pass.
type visit struct {
	ctx    context.Context
	giveUp context.CancelCauseFunc
	now    func() time.Time

	mu     sync.Mutex
	told   map[question]*told
	failed int // questions in a row that came to nothing
	limits int // tokens that met a limit
	limit  cause.Cause
}

// question is what the answer of a host depends on.
type question struct {
	provider providers.Kind
	token    [sha256.Size]byte
	method   providers.Method
	email    string
	username string
}

func questionAbout(s Subject) question {
	c := s.Credential
	return question{s.Host.Provider, sha256.Sum256([]byte(c.Token.Reveal())), c.Method, c.Email, c.Username}
}

// told is an answer; done is closed once it is there.
type told struct {
	done chan struct{}
	in   providers.Inspection
	err  error
}

func newVisit(ctx context.Context, now func() time.Time) *visit {
	v := &visit{told: map[question]*told{}, now: now}
	v.ctx, v.giveUp = context.WithCancelCause(ctx)
	return v
}

type inspect func(ctx context.Context, s Subject) (providers.Inspection, error)

// ask asks the host about a token, unless that has been done, or is no use.
func (v *visit) ask(ctx context.Context, s Subject, inspect inspect) (providers.Inspection, error) {
	q := questionAbout(s)
	v.mu.Lock()
	t, asked := v.told[q]
	if !asked {
		t = &told{done: make(chan struct{}), err: ErrFault}
		v.told[q] = t
	}
	v.mu.Unlock()
	if !asked {
		defer close(t.done)
		t.in, t.err = v.askAnew(s, inspect)
		return t.in, t.err
	}
	select {
	case <-t.done:
		return t.in, t.err
	case <-ctx.Done():
		return providers.Inspection{}, ctx.Err()
	}
}

// askAnew takes a refusal that nothing announced for one only when it is said
// twice: there are hosts that refuse a good token now and then.
func (v *visit) askAnew(s Subject, inspect inspect) (providers.Inspection, error) {
	in, err := v.askOnce(s, inspect)
	if !v.doubtful(s, err) {
		return in, err
	}
	select {
	case <-time.After(secondLook):
		return v.askOnce(s, inspect)
	case <-v.ctx.Done():
		return in, err
	}
}

func (v *visit) doubtful(s Subject, err error) bool {
	ended := !s.Known.At.IsZero() && !s.Known.At.After(v.now())
	return cause.Is(err, cause.Rejected) && s.Before.Status.Accepted() && !ended
}

func (v *visit) askOnce(s Subject, inspect inspect) (providers.Inspection, error) {
	if why, closed := v.closed(); closed {
		return providers.Inspection{}, why
	}
	ctx, cancel := context.WithTimeout(v.ctx, inspecting)
	defer cancel()
	in, err := inspect(ctx, s)
	if why, closed := v.closed(); closed && errors.Is(err, context.Canceled) {
		return in, why // it was under way when the host was given up on
	}
	v.heed(err)
	return in, err
}

// closed says why the host is not to be asked now, if it is not.
func (v *visit) closed() (cause.Cause, bool) {
	var why cause.Cause
	if errors.As(context.Cause(v.ctx), &why) {
		return why, true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.limits < limitsHeard {
		return cause.Cause{}, false
	}
	if until := v.limit.Until; !until.IsZero() && !until.After(v.now()) {
		v.limits = 0
		return cause.Cause{}, false
	}
	return v.limit, true
}

// heed draws from an answer what it means for the next question.
func (v *visit) heed(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var why cause.Cause
	known := errors.As(err, &why)
	switch {
	case err == nil, known && why.Dead():
		v.failed = 0
	case !known, why.Kind == cause.Profile: // nobody was asked
	case why.Kind == cause.RateLimited, why.Kind == cause.FailedLogins:
		v.failed, v.limit = 0, why
		v.limits++
	default:
		if v.failed++; v.failed >= perHost {
			v.giveUp(why)
		}
	}
}
