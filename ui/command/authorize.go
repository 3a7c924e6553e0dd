package command

import (
	"context"
	"fmt"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
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
	world, err := d.World(false)
	if err != nil {
		return err
	}
	c, effects, err := flows.Begin(world, old, answers)
	if err != nil {
		return err
	}
	if missing := a.unanswered(c); len(missing) > 0 {
		// Standard input that was a token has no answers left in it.
		if a.manner() == unasked || a.tokenStdin && !a.input.Terminal() {
			return misused(words.MissingAnswers(missing, a.noInput))
		}
		return a.talk(ctx, d, old, answers)
	}
	applicationSecret, err := a.applicationSecret(ctx)
	if err != nil {
		return err
	}
	if err := flows.Drive(ctx, d, c, effects, &byFlags{session: a.session, ctx: ctx}); err != nil {
		return err
	}
	if saved := c.Outcome().Saved; saved != nil && !applicationSecret.Empty() {
		if err := d.Ring.SaveHostSecret(ctx, saved.Host, applicationSecret); err != nil {
			return err
		}
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
		if flag := words.Flag(step); flag != "" && !answered {
			missing = append(missing, flag)
		}
	}
	return missing
}

// applicationSecret reads the secret of the OAuth application, which is
// remembered for its host.
func (a *authorization) applicationSecret(ctx context.Context) (secret.Secret, error) {
	if !a.clientSecretStdin {
		return secret.Secret{}, nil
	}
	return a.readApplicationSecret(ctx)
}

// conclude reports how a conversation by flags ended.
func (a *authorization) conclude(d *flows.Desk, c *flows.Conversation) error {
	o := c.Outcome()
	about := words.Subject{
		Runtime: c.Answers().Runtime, Purpose: c.Answers().Purpose, Method: c.Answers().Method,
		Provider: c.Provider(), Host: c.Host(), Now: a.now(),
	}
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
	if a.output == table {
		fmt.Fprintln(a.out, "\n"+words.Stored(*o.Saved))
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
