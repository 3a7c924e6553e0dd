package flows_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/wire"
)

// renewer re-authorizes with a token and takes offers on the last step, in
// their order.
type renewer struct {
	token  string
	offers []string
	seen   [][]flows.Option // on the last step
}

func (r *renewer) Ask(_ context.Context, _ *flows.Conversation, q flows.Question) (flows.Answer, error) {
	switch {
	case q.Step == flows.StepHandOff:
		r.seen = append(r.seen, q.Options)
		if len(r.offers) == 0 {
			return flows.Answer{Text: q.Default}, nil
		}
		next := r.offers[0]
		r.offers = r.offers[1:]
		return flows.Answer{Text: next}, nil
	case q.Ask == flows.AskToken:
		return flows.Answer{Secret: labToken(r.token)}, nil
	case q.Problem != nil:
		return flows.Answer{}, q.Problem
	default:
		return flows.Answer{}, nil
	}
}

func (r *renewer) Tell(*flows.Conversation, flows.Event) {}

func renew(t *testing.T, d *flows.Desk, g keyring.Grant, person flows.Asker) *flows.Conversation {
	t.Helper()
	w, err := d.World(true)
	if err != nil {
		t.Fatal(err)
	}
	c, effects, err := flows.Reauthorize(w, g, flows.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if err := flows.Drive(t.Context(), d, c, effects, person); err != nil {
		t.Fatal(err)
	}
	return c
}

func offered(options []flows.Option) []string {
	var ids []string
	for _, o := range options {
		ids = append(ids, o.ID)
	}
	return ids
}

// works asks the host about a token that may be stored nowhere.
func works(t *testing.T, d *flows.Desk, token string) bool {
	t.Helper()
	s := subject(t, d, "gitlab", "runtime", token)
	v, err := d.Check(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Status == flows.Valid
}

func TestTheOldTokenIsEndedOnlyWhereThePersonSaysSo(t *testing.T) {
	for name, test := range map[string]struct {
		offers []string
		ended  bool
	}{
		"nothing said":        {nil, false},
		"the offer was taken": {[]string{flows.EndOld}, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := labDesk(t, gitlab.Cloud())
			g := storeLab(t, d, "runtime")
			r := &renewer{token: "api-only", offers: test.offers}
			c := renew(t, d, g, r)
			if diff := cmp.Diff([]string{flows.Finish, flows.EndOld}, offered(r.seen[0])); diff != "" {
				t.Error(diff)
			}
			holds(t, d, g.Key, "api-only")
			if c.HasEnded() != test.ended || works(t, d, "runtime") == test.ended {
				t.Errorf("ended %t, works %t", c.HasEnded(), works(t, d, "runtime"))
			}
		})
	}
}

func TestThoseWhoUseTheOldTokenAreOfferedTheNewOneFirst(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	twin := keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime")
	other := keepLab(t, d, keyOf("other", "runtime", "acme-bot"), "expires-in-90-days")
	r := &renewer{token: "api-only", offers: []string{flows.EndOld, flows.GiveOthers, flows.EndOld}}
	c := renew(t, d, g, r)
	closed := r.seen[0][slices.IndexFunc(r.seen[0], func(o flows.Option) bool { return o.ID == flows.EndOld })].Closed
	var used *flows.StillUsedError
	if !errors.As(closed, &used) || !slices.Equal(used.Runtimes, []string{"twin"}) {
		t.Errorf("the old token could be ended while twin uses it: %v", closed)
	}
	holds(t, d, twin.Key, "api-only")
	holds(t, d, other.Key, "expires-in-90-days")
	if !c.HasEnded() || works(t, d, "runtime") || len(c.Given()) != 1 || !c.Given()[0].Stored {
		t.Errorf("ended %t, given %+v", c.HasEnded(), c.Given())
	}
	if diff := cmp.Diff([]string{flows.Finish}, offered(r.seen[len(r.seen)-1])); diff != "" {
		t.Error(diff)
	}
}

func TestWhoKeepsTheOldTokenKeepsItFromBeingEnded(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	twin := keepLab(t, d, keyOf("twin", "user", "acme-bot"), "runtime")
	c := renew(t, d, g, &renewer{token: "api-only", offers: []string{flows.EndOld, flows.Finish}})
	holds(t, d, twin.Key, "runtime")
	if c.HasEnded() || !works(t, d, "runtime") {
		t.Error("it was ended")
	}
}

func TestNothingIsOfferedAboutATokenThatIsDead(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	storeLab(t, d, "revoked")
	statusOf(t, d)
	r := &renewer{token: "runtime"}
	renew(t, d, grantAt(t, d, keyOf("prod", "runtime", "acme-bot")), r)
	if diff := cmp.Diff([]string{flows.Finish}, offered(r.seen[0])); diff != "" {
		t.Error(diff)
	}
}

func TestAFailureAtTheHostLeavesTheNewTokenSaved(t *testing.T) {
	d, _ := labDesk(t, noEnd{gitlab.Cloud()})
	g := storeLab(t, d, "runtime")
	r := &renewer{token: "api-only", offers: []string{flows.EndOld}}
	c := renew(t, d, g, r)
	holds(t, d, g.Key, "api-only")
	if c.HasEnded() || c.Outcome().Saved == nil || len(r.seen) != 2 {
		t.Errorf("outcome %+v after %d questions", c.Outcome(), len(r.seen))
	}
	if diff := cmp.Diff([]string{flows.Finish, flows.EndOld}, offered(r.seen[1])); diff != "" {
		t.Errorf("the offer does not stand: %s", diff)
	}
}

// noEnd is a GitLab that is silent when a token is to be ended.
type noEnd struct{ *gitlab.Provider }

func (noEnd) Revoke(context.Context, *wire.Client, providers.Host, providers.Credential) error {
	return cause.Cause{Kind: cause.NoAnswer}
}

// tardy is a store that takes an item and does not say so.
type tardy struct {
	keyring.Store
	silent bool
}

func (s *tardy) Put(ctx context.Context, item string, value secret.Secret) error {
	err := s.Store.Put(ctx, item, value)
	if s.silent && err == nil {
		s.silent = false
		return keyring.ErrUnknownOutcome
	}
	return err
}

// patient goes on waiting for a store.
type patient struct{ *renewer }

func (p patient) Ask(ctx context.Context, c *flows.Conversation, q flows.Question) (flows.Answer, error) {
	if c.Late() && q.Step == flows.StepSave {
		return flows.Answer{Text: flows.KeepWaiting}, nil
	}
	return p.renewer.Ask(ctx, c, q)
}

func TestTheFormerTokenIsNotForgottenOverAStoreThatAnswersLate(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	store := &tardy{Store: memory.New()}
	ring, err := keyring.Open(keyring.Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	g := storeLab(t, d, "runtime")
	w, err := d.World(true)
	if err != nil {
		t.Fatal(err)
	}
	c, effects, err := flows.Reauthorize(w, g, flows.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	store.silent = true
	if err := flows.Drive(t.Context(), d, c, effects, patient{&renewer{token: "api-only"}}); err != nil {
		t.Fatal(err)
	}
	if store.silent || c.Outcome().Saved == nil {
		t.Fatal("nothing was saved late")
	}
	if f := c.Former(); f == nil || !f.Credential.Access.Equal(labToken("runtime")) {
		t.Errorf("the former token is %+v", f)
	}
}
