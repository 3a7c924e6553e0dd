package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/ui/browser"
	"gitgrant/ui/words"
)

// byFlags answers a conversation in place of a person: with what the flags
// said, which the conversation has taken already, else with its defaults. A
// problem ends it, since nobody is there to give a better answer.
type byFlags struct {
	*session
	ctx   context.Context // of the command, for what goes on beside it
	tries int             // of passphrases
	waits int             // for a store that has not answered
}

// Ask implements flows.Asker.
func (b *byFlags) Ask(ctx context.Context, _ *flows.Conversation, q flows.Question) (flows.Answer, error) {
	switch {
	case q.Trouble != nil:
		return b.unlock(ctx, q)
	case offers(q, flows.KeepWaiting) && b.waits < maxWaits:
		b.waits++
		b.warn(words.Problem(q.Problem))
		return flows.Answer{Text: flows.KeepWaiting}, nil
	case q.Problem != nil:
		return flows.Answer{}, q.Problem
	case q.Ask == flows.AskToken && !q.Kept:
		return b.token(ctx)
	case q.Topic == flows.Email && q.Default == "":
		return flows.Answer{}, misused(words.MissingAnswers([]string{words.Flag(q)}, b.noInput))
	case q.Step == flows.StepScopes && !offers(q, flows.GoOn):
		return flows.Answer{Text: flows.Leave}, nil
	case q.Step == flows.StepHandOff:
		return flows.Answer{Text: flows.Finish}, nil
	default:
		return flows.Answer{Text: q.Default}, nil
	}
}

func offers(q flows.Question, id string) bool {
	return slices.ContainsFunc(q.Options, func(o flows.Option) bool { return o.ID == id })
}

// Tell implements flows.Asker.
func (b *byFlags) Tell(c *flows.Conversation, ev flows.Event) {
	b.log.Debug("event", "step", c.Step(), "kind", fmt.Sprintf("%T", ev.What))
	switch what := ev.What.(type) {
	case flows.CodeIssued:
		fmt.Fprintln(b.errs, words.EnterCode(what.Code, b.now()))
		b.open(what.Code.Page)
	case flows.PageOpened:
		fmt.Fprintln(b.errs, words.OpenPage(what.Page, b.now()))
		if b.mayType() {
			fmt.Fprintln(b.errs, words.WaitForReturn(what.Page, c.Obstructed()))
		}
		b.open(what.Page.Address)
	case flows.NotReturned:
		b.warn(words.Problem(what.Err))
	}
}

// open shows an address where a person is there to see it. Whether it opens or
// not, the address has been told.
func (b *byFlags) open(address string) {
	if b.mayType() {
		go func() { _ = browser.New(os.Getenv).Open(b.ctx, address) }()
	}
}

// Listen implements flows.Listener: a person at a terminal may bring the address
// that the browser ended on. Other input is not for this.
func (b *byFlags) Listen(ctx context.Context, q flows.Question) (flows.Answer, error) {
	if q.Ask != flows.AskReturn || !b.mayType() {
		return flows.Answer{}, errNobody
	}
	text, err := b.input.Ready(ctx)
	return flows.Answer{Secret: secret.New(text)}, err
}

var errNobody = errors.New("nobody is there to answer")

func (b *byFlags) token(ctx context.Context) (flows.Answer, error) {
	if !b.mayType() {
		return flows.Answer{}, misused(words.MissingAnswers([]string{"--token-stdin"}, b.noInput))
	}
	token, err := b.readToken(ctx)
	return flows.Answer{Secret: token}, err
}

// mayType reports whether a person can be asked for a single secret.
func (s *session) mayType() bool { return !s.noInput && s.input.Terminal() && isTerminal(s.errs) }

// unlock opens a vault by its passphrase where somebody can type it. Every other
// trouble with a store ends the command.
func (b *byFlags) unlock(ctx context.Context, q flows.Question) (flows.Answer, error) {
	if !flows.TakesPassphrase(*q.Trouble) || !b.mayType() || b.tries == maxTries {
		return flows.Answer{}, *q.Trouble
	}
	if q.Ask != flows.AskPassphrase {
		return flows.Answer{Text: flows.OpenStore}, nil
	}
	b.tries++
	passphrase, err := b.passphrase(ctx, *q.Trouble)
	return flows.Answer{Secret: passphrase}, err
}

// maxTries is how often a passphrase may be mistyped.
const maxTries = 3

// maxWaits is how often a store that has not answered is waited for, where
// nobody is there to say what else to do with the token.
const maxWaits = 4

// passphrase asks for the passphrase of the vault, twice where it makes one.
func (s *session) passphrase(ctx context.Context, c keyring.Condition) (secret.Secret, error) {
	if c.Wrong {
		s.warn(words.Condition(c))
	}
	if c.State != keyring.Missing {
		text, err := s.ask(ctx, "Passphrase of the vault: ")
		return secret.New(text), err
	}
	first, err := s.ask(ctx, "Passphrase for the new vault: ")
	if err != nil {
		return secret.Secret{}, err
	}
	again, err := s.ask(ctx, "The same passphrase again: ")
	if err == nil && first != again {
		err = words.PassphrasesDiffer()
	}
	return secret.New(first), err
}

// unseal opens the vault by its passphrase for grants that rest in it, where
// somebody can type it. Where nobody can, they read as locked; and a vault that
// a file opens is opened when it is needed, which may be never.
func (s *session) unseal(ctx context.Context, grants []keyring.Grant) error {
	inVault := func(g keyring.Grant) bool { return g.Store == keyring.Vault }
	byFile := os.Getenv(passphraseFile) != "" || os.Getenv(identityFile) != ""
	if byFile || !s.mayType() || !slices.ContainsFunc(grants, inVault) {
		return nil
	}
	at := s.vault.Probe(ctx)
	if at.State != keyring.Locked || !flows.TakesPassphrase(at) {
		return nil
	}
	err := s.openVault(ctx, at)
	if errors.As(err, &at) {
		err = nil
	}
	return err
}
