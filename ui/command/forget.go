package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gitgrant/keyring"
	"gitgrant/ui/words"
)

type forgetOptions struct {
	*session
	which
	yes bool
}

func newForget(s *session) *cobra.Command {
	o := &forgetOptions{session: s}
	cmd := &cobra.Command{
		Use:   "forget RUNTIME",
		Short: "Remove a runtime from this machine alone",
		Long: `Deletes the tokens of a runtime from the keychain and from the list, all of them
or those that the flags name. At the Git host they stay valid: delete them there
too if nobody needs them any more.`,
		Example: `  gitgrant forget prod
  gitgrant forget prod --purpose user --account octocat --yes`,
		GroupID:           groupLookAfter,
		Args:              one("the name of a runtime"),
		ValidArgsFunction: s.runtimes(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	o.which.bind(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	return cmd
}

func (o *forgetOptions) run(ctx context.Context, runtime string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := o.of(d, runtime)
	if err != nil {
		return err
	}
	if agreed, err := o.agreed(ctx, words.ToForget(grants), o.yes); !agreed {
		return err
	}
	if err := o.unseal(ctx, grants); err != nil {
		return err
	}
	var keys []keyring.Key
	for _, g := range grants {
		keys = append(keys, g.Key)
	}
	if err := d.Ring.Forget(ctx, keys...); err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, words.Forgotten(len(grants), runtime))
	return err
}

// agreed has a person agree to something that cannot be undone.
func (s *session) agreed(ctx context.Context, question string, yes bool) (bool, error) {
	if err := s.mayAgree(yes); err != nil || yes {
		return err == nil, err
	}
	agreed, err := s.person(table).Agrees(ctx, question)
	if err == nil && !agreed {
		s.warn(words.NothingDone())
		err = endWith(exitFailed)
	}
	return agreed, err
}

// mayAgree is why nobody can agree to anything here.
func (s *session) mayAgree(yes bool) error {
	if !yes && s.manner() == unasked {
		return misused(words.NeedsYes(s.noInput))
	}
	return nil
}
