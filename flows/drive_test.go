package flows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox"
)

// script answers questions in order of their steps and approves codes.
type script struct {
	t       *testing.T
	approve func(userCode string) error
	token   string
	backs   int
	seen    []flows.Question
	// ahead is done once, before the Save step is answered.
	ahead func()
}

func (s *script) Ask(_ context.Context, c *flows.Conversation, q flows.Question) (flows.Answer, error) {
	s.seen = append(s.seen, q)
	if len(s.seen) > 60 {
		return flows.Answer{}, errors.New("the conversation goes round in circles")
	}
	if s.backs > 0 && q.Step == flows.StepSave {
		s.backs--
		return flows.Answer{}, flows.ErrBack
	}
	if s.ahead != nil && q.Step == flows.StepSave {
		s.ahead()
		s.ahead = nil
	}
	switch {
	case q.Step == flows.StepSave && q.Problem != nil:
		return flows.Answer{Text: flows.Leave}, nil
	case q.Step == flows.StepRuntime:
		return flows.Answer{Text: "prod"}, nil
	case q.Step == flows.StepProvider:
		return flows.Answer{Text: "github"}, nil
	case q.Step == flows.StepAuthorize && q.Problem != nil:
		return flows.Answer{}, q.Problem
	case q.Step == flows.StepHandOff:
		return flows.Answer{Text: flows.Finish}, nil
	case q.Ask == flows.AskToken:
		return flows.Answer{Secret: secret.New(s.token)}, nil
	default:
		return flows.Answer{}, nil // the default
	}
}

func (s *script) Tell(_ *flows.Conversation, ev flows.Event) {
	if code, ok := ev.What.(flows.CodeIssued); ok && s.approve != nil {
		if err := s.approve(code.Code.User); err != nil {
			s.t.Errorf("approving: %v", err)
		}
	}
}

func drive(t *testing.T, d *flows.Desk, a flows.Answers, s *script) (*flows.Conversation, error) {
	t.Helper()
	grants, err := d.Ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	c, effects, err := flows.Install(flows.World{
		Providers: d.Providers, Hosts: d.Hosts, Grants: grants, Store: d.Ring.Store().Kind(), Ask: true,
	}, a)
	if err != nil {
		t.Fatal(err)
	}
	return c, flows.Drive(t.Context(), d, c, effects, s)
}

func TestAnInstallationByDeviceCodeEndsInTheRing(t *testing.T) {
	d, server := newDesk(t)
	c, err := drive(t, d, flows.Answers{Method: providers.Device}, &script{t: t, approve: server.Approve, backs: 1})
	if err != nil {
		t.Fatal(err)
	}
	o := c.Outcome()
	if o.Saved == nil || o.Saved.Runtime != "prod" || o.Saved.Kind != "oauth" || o.Verdict.Status != flows.Valid {
		t.Fatalf("outcome %+v", o)
	}
	cred, err := d.Ring.Credential(t.Context(), o.Saved.Key)
	if err != nil || cred.Access.Empty() {
		t.Fatalf("the ring has no token: %v", err)
	}
	grants, _ := d.Ring.Grants()
	verdicts, err := d.Status(t.Context(), grants, nil)
	if err != nil || verdicts[0].Status != flows.Valid {
		t.Errorf("status afterwards: %+v, %v", verdicts, err)
	}
}

func TestADenialEndsTheSignInWithItsCause(t *testing.T) {
	d, server := newDesk(t)
	_, err := drive(t, d, flows.Answers{Method: providers.Device}, &script{t: t, approve: server.Deny})
	if !cause.Is(err, cause.Denied) {
		t.Errorf("error is %v", err)
	}
}

func TestAnInstallationByTokenEndsInTheRing(t *testing.T) {
	d, _ := newDesk(t)
	token := sandbox.MustToken("github", "runtime").Text
	c, err := drive(t, d, flows.Answers{Method: providers.PAT}, &script{t: t, token: "  \"Bearer " + token + "\"\r\n"})
	if err != nil {
		t.Fatal(err)
	}
	cred, err := d.Ring.Credential(t.Context(), c.Outcome().Saved.Key)
	if err != nil || cred.Access.Reveal() != token {
		t.Errorf("the ring holds something else: %v", err)
	}
}

func TestTwoTerminalsCannotInstallTheSameGrant(t *testing.T) {
	d, _ := newDesk(t)
	token := sandbox.MustToken("github", "runtime").Text
	meanwhile := func() {
		if _, err := drive(t, d, flows.Answers{Method: providers.PAT}, &script{t: t, token: token}); err != nil {
			t.Error(err)
		}
	}
	c, err := drive(t, d, flows.Answers{Method: providers.PAT}, &script{t: t, token: token, ahead: meanwhile})
	var taken *flows.TakenError
	if err != nil || !errors.As(c.Outcome().Problem, &taken) || c.Outcome().Saved != nil {
		t.Errorf("outcome %+v, %v", c.Outcome(), err)
	}
}

func TestACancelledConversationLeavesNothingRunning(t *testing.T) {
	d, _ := newDesk(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c, effects, err := flows.Install(flows.World{
		Providers: d.Providers, Hosts: d.Hosts, Store: d.Ring.Store().Kind(),
	}, flows.Answers{Runtime: "prod", Provider: providers.GitHub, Method: providers.Device})
	if err != nil {
		t.Fatal(err)
	}
	leave := &script{t: t, approve: func(string) error { cancel(); return nil }}
	if err := flows.Drive(ctx, d, c, effects, leave); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if grants, _ := d.Ring.Grants(); len(grants) != 0 {
		t.Error("something was saved")
	}
}
