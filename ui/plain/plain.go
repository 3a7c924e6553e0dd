// Package plain is gitgrant in lines: for screen readers, for dumb terminals,
// and for scripts that answer through a pipe.
//
// Rules of this package:
//
//   - One event a line. Nothing is redrawn, boxed, coloured or timed.
//   - A question says how far along one is, what may be answered and what an
//     empty answer means, in this order.
//   - Every answer comes through one Input, so that none is swallowed. The end
//     of the input is never an answer: it ends the conversation.
//   - Secrets are typed unseen and never repeated.
package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// Person is somebody who reads lines and answers in lines.
type Person struct {
	In  *Input
	Out io.Writer
	Now func() time.Time
	// Demo says that nothing outlives this run, so no later command reaches it.
	Demo bool

	told   flows.Step      // the step that was last announced
	nested bool            // there is a list behind the conversation
	backed place           // where a step back was wanted last
	stored []keyring.Grant // what was stored, which the end of the input does not undo
}

// place is where in a conversation a question stands.
type place struct {
	step  flows.Step
	ask   flows.Ask
	topic flows.Topic
}

// errHome is how a person goes from a conversation to the list behind it.
var errHome = errors.New("home")

func (p *Person) say(lines ...string) {
	for _, line := range lines {
		if line != "" {
			fmt.Fprintln(p.Out, line)
		}
	}
}

// Ask implements flows.Asker.
func (p *Person) Ask(ctx context.Context, c *flows.Conversation, q flows.Question) (flows.Answer, error) {
	if saved := c.Outcome().Saved; saved != nil {
		p.keepTrack(*saved)
	}
	here := place{q.Step, q.Ask, q.Topic}
	switch {
	case p.backed != here:
		p.announce(c, q)
	case p.nested && q.Step != flows.StepHandOff:
		return flows.Answer{}, errHome
	default:
		p.say(words.NoStepBefore)
	}
	p.backed = place{}
	for {
		answer, again, err := p.once(ctx, c, q)
		if errors.Is(err, flows.ErrBack) {
			p.backed = here
		}
		if !again || err != nil {
			return answer, err
		}
	}
}

// keepTrack remembers what was stored, which is seen again at every question
// after the save.
func (p *Person) keepTrack(stored keyring.Grant) {
	if !slices.ContainsFunc(p.stored, func(g keyring.Grant) bool { return g.Key == stored.Key }) {
		p.stored = append(p.stored, stored)
	}
}

// announce says what stands in the way and what there is to know before the
// question.
func (p *Person) announce(c *flows.Conversation, q flows.Question) {
	p.arrive(c)
	if q.Problem != nil {
		p.say(words.ProblemAt(q.Problem, p.Now()).String())
	}
	switch {
	case q.Ask == flows.AskPassphrase:
		if q.Trouble.Wrong {
			p.say(words.StoreTrouble(*q.Trouble).String())
		}
		p.say(words.AboutPassphrase(q.Creates))
	case q.Trouble != nil:
		p.say(words.StoreTrouble(*q.Trouble).String())
	case q.Problem == nil:
		p.say(p.background(c, q)...)
	}
}

// arrive says which step it is, once.
func (p *Person) arrive(c *flows.Conversation) {
	if c.Step() == p.told {
		return
	}
	steps, current := c.Trail()
	p.say(words.StepInLines(current+1, len(steps), string(c.Step())))
	p.told = c.Step()
}

// once puts the question and reads one answer; again is true where it was a
// call for help or nothing to go by.
func (p *Person) once(ctx context.Context, c *flows.Conversation, q flows.Question) (answer flows.Answer, again bool, err error) {
	question := words.Question(c, q)
	p.say(question)
	p.options(c, q)
	if q.Ask == flows.AskPassphrase {
		if answer, err = p.passphrase(ctx, question, q.Creates); err == nil {
			p.say(words.OpeningStore + ".")
		}
		return answer, false, err
	}
	text, err := p.read(ctx, question, q)
	if err != nil {
		return flows.Answer{}, false, err
	}
	switch word := strings.ToLower(strings.TrimSpace(text)); {
	case word == "?":
		p.say(words.LinesHelp(q))
		return answer, true, nil
	case word == "b" || word == "back":
		return answer, false, flows.ErrBack
	case word == "" && q.Default == "" && !q.Kept:
		p.say(words.AnswerNeeded())
		return answer, true, nil
	case !hidden(q) && q.Ask != flows.AskReturn && c.LooksLikeToken(text):
		p.say(words.NoTokenInLines)
		return answer, true, nil
	}
	if hidden(q) && !listed(q, strings.TrimSpace(text)) {
		answer.Secret = secret.New(text)
	} else {
		answer.Text = chosen(c, q, strings.TrimSpace(text))
	}
	p.say(words.Under(q, c, answer))
	return answer, false, nil
}

// hidden reports whether what is typed at a question is not shown.
func hidden(q flows.Question) bool { return q.Ask == flows.AskToken || q.Ask == flows.AskSecret }

func listed(q flows.Question, id string) bool {
	return slices.ContainsFunc(q.Options, func(o flows.Option) bool { return o.ID == id })
}

// options lists what may be chosen. Beside a text, a choice is taken by its own
// word, since a number may be an answer there.
func (p *Person) options(c *flows.Conversation, q flows.Question) {
	for i, o := range q.Options {
		name, about := optionWords(c, q, o)
		if o.Closed != nil {
			about = words.ProblemAt(o.Closed, p.Now()).String()
		}
		if q.Ask == flows.AskText || q.Ask == flows.AskSecret {
			p.say(words.TypedChoice(name, o.ID))
			continue
		}
		p.say(words.NumberedChoice(i+1, name, about))
	}
}

func optionWords(c *flows.Conversation, q flows.Question, o flows.Option) (name, about string) {
	switch {
	case q.Trouble != nil && o.ID == flows.OpenStore:
		return words.OpenStoreName(*q.Trouble), words.AboutStoreChoice(o.ID, *q.Trouble)
	case q.Trouble != nil:
		return words.Choice(o.ID), words.AboutStoreChoice(o.ID, *q.Trouble)
	case q.Step == flows.StepProvider:
		kind := providers.Kind(o.ID)
		return words.Provider(kind), words.AboutProvider(kind)
	case q.Step == flows.StepMethod:
		return words.Method(providers.Method(o.ID)), words.AboutMethod(o, c.Host(), words.TypeFor(o))
	default:
		return words.Choice(o.ID), ""
	}
}

// read takes one line, or for a token one that is not shown.
func (p *Person) read(ctx context.Context, question string, q flows.Question) (string, error) {
	if hidden(q) {
		return p.secret(ctx, words.Prompt(q), question, words.Flag(q))
	}
	return p.line(ctx, words.Prompt(q), question, words.Flag(q))
}

// line prompts for one line; flag is what would have answered the question. What
// comes through a pipe is not repeated, since a token may have come out of turn.
func (p *Person) line(ctx context.Context, prompt, question, flag string) (string, error) {
	fmt.Fprint(p.Out, prompt+": ")
	text, err := p.In.Line(ctx)
	switch {
	case p.In.written:
		fmt.Fprintln(p.Out, text)
	case err != nil || !p.In.Terminal():
		fmt.Fprintln(p.Out) // no Enter of the person has
	}
	return text, p.ended(err, question, flag)
}

func (p *Person) secret(ctx context.Context, prompt, question, flag string) (string, error) {
	text, err := p.In.Secret(ctx, func() { fmt.Fprint(p.Out, words.PromptUnseen(prompt)+": ") })
	fmt.Fprintln(p.Out) // its Enter was not shown either
	return text, p.ended(err, question, flag)
}

// ended tells the end of the input as what it left open, and what it did not.
func (p *Person) ended(err error, question, flag string) error {
	if errors.Is(err, io.EOF) {
		return words.InputEnded(question, flag, p.stored...)
	}
	return err
}

// passphrase asks once, or twice where the answer seals something new. Nothing
// typed is a step back: a passphrase may be any word, "back" too.
func (p *Person) passphrase(ctx context.Context, question string, creates bool) (flows.Answer, error) {
	for {
		first, err := p.secret(ctx, words.PromptPassphrase, question, "")
		if err != nil {
			return flows.Answer{}, err
		}
		if first == "" {
			return flows.Answer{}, flows.ErrBack
		}
		if !creates {
			return flows.Answer{Secret: secret.New(first)}, nil
		}
		again, err := p.secret(ctx, words.PromptAgain, question, "")
		if err != nil {
			return flows.Answer{}, err
		}
		if first == again {
			return flows.Answer{Secret: secret.New(first)}, nil
		}
		p.say(words.PassphrasesDiffer().String())
	}
}

// chosen is the option that a number or a name stands for; any other text is
// passed on as it is.
func chosen(c *flows.Conversation, q flows.Question, text string) string {
	if q.Ask != flows.AskChoice {
		return text
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(q.Options) {
		return q.Options[n-1].ID
	}
	for _, o := range q.Options {
		if name, _ := optionWords(c, q, o); strings.EqualFold(text, name) {
			return o.ID
		}
	}
	return text
}
