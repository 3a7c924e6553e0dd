package command

import (
	"context"
	"fmt"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// authorization is one conversation that ends in a stored grant: what install
// and reauthorize share.
type authorization struct {
	*session
	answerFlags
	output format
}

// run authorizes by flags alone where they answer everything, else by talking
// to the person. old is the grant that is re-authorized; nil in an installation.
func (a *authorization) run(ctx context.Context, old *keyring.Grant, answers flows.Answers) error {
	d, err := a.desk()
	if err != nil {
		return err
	}
	if answers, err = a.whereabouts(ctx, d, old, answers); err != nil {
		return err
	}
	world, err := d.World(false)
	if err != nil {
		return err
	}
	c, effects, err := flows.Begin(world, old, answers)
	if err != nil {
		return err
	}
	missing := a.unanswered(c)
	// Standard input that was a secret has no answers left in it.
	spent := (a.tokenStdin || a.clientSecretStdin) && !a.input.Terminal()
	if len(missing) > 0 && (spent || a.manner() == unasked) {
		return misused(words.MissingAnswers(missing, a.noInput))
	}
	byHand := len(missing) == 0 && c.Answers().Method == providers.Browser && c.EndsElsewhere()
	if byHand && (spent || a.manner() == unasked) {
		return misused(words.BroughtByHand(c.Host().URL))
	}
	if len(missing) > 0 || byHand {
		return a.talk(ctx, d, old, answers)
	}
	if warning := words.TooMany(c.Crowd()); warning != "" && a.method.OAuth() {
		a.warn(words.Message{What: warning})
	}
	if err := flows.Drive(ctx, d, c, effects, &byFlags{session: a.session, ctx: ctx}); err != nil {
		if saved := c.Outcome().Saved; saved != nil {
			a.warn(words.Message{What: words.Stored(*saved)})
		}
		return unreached(err)
	}
	return a.conclude(d, c)
}

// unanswered are the flags that would answer what the conversation still has to
// ask.
func (f *answerFlags) unanswered(c *flows.Conversation) []string {
	steps, _ := c.Trail()
	var missing []string
	for _, step := range steps {
		answered := false
		switch step {
		case flows.StepHost:
			answered = f.yes && c.Answers().Host != ""
		case flows.StepMethod:
			answered = f.method != "" || f.yes
		case flows.StepAuthorize:
			answered = f.method != providers.PAT || f.tokenStdin
		}
		q := flows.Question{Step: step}
		if step == flows.StepApplication && c.Host().ClientID != "" {
			q.Ask = flows.AskSecret
		}
		if flag := words.Flag(q); flag != "" && !answered {
			missing = append(missing, flag)
		}
	}
	// What was said of an earlier token is offered to a person, and taken for a
	// new token of the same grant.
	if c.Lacks(flows.Email, f.yes || c.Old() != nil) {
		missing = append(missing, words.Flag(flows.Question{Topic: flows.Email}))
	}
	return missing
}

// conclude reports how a conversation by flags ended.
func (a *authorization) conclude(d *flows.Desk, c *flows.Conversation) error {
	o := c.Outcome()
	about := words.Present(c, a.now())
	if o.Saved != nil {
		about = words.About(d, *o.Saved)
	}
	if a.output == table {
		a.describe(about, *o.Verdict)
	} else if err := a.print(a.output, statusReport{schemaStatus, []grantReport{reportOf(about, *o.Verdict)}}); err != nil {
		return err
	}
	if o.Saved == nil {
		a.warn(words.NotStored(*o.Verdict, about, a.output != table))
		return endWith(codeOfStatus(o.Verdict.Status))
	}
	for _, concern := range c.Concerns() {
		if concern == flows.OwnAccount || concern == flows.BothPurposes { // the others were described
			a.warn(words.Message{What: words.Concern(concern, o.Saved.Account)})
		}
	}
	if a.output == table {
		fmt.Fprintln(a.out, "\n"+words.Stored(*o.Saved))
	}
	if o.Saved.Store == keyring.Memory {
		a.warn(words.EndsWithThis())
	}
	return endWith(codeOfSaved(*o.Verdict))
}

// codeOfSaved is the exit code for a token that was stored. Scopes that are
// missing were known and wanted then.
func codeOfSaved(v flows.Verdict) int {
	if v.Status == flows.MissingScopes {
		return exitFine
	}
	return codeOfStatus(v.Status)
}
