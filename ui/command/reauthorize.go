package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
)

type reauthorizeOptions struct {
	authorization
	account string
}

func newReauthorize(s *session) *cobra.Command {
	o := &reauthorizeOptions{authorization: authorization{session: s}}
	cmd := &cobra.Command{
		Use:   "reauthorize RUNTIME",
		Short: "Replace a stored token by a new one",
		Long: `Goes through the same steps as install, filled in from what is stored. The old
token stays until the new one is proven and stored.

The runtime and its host stay the same, and so does the account, unless you say
--replace-account.`,
		Example: `  gitgrant reauthorize prod
  gitgrant reauthorize prod --purpose runtime --token-stdin < token`,
		GroupID:           groupLookAfter,
		Args:              one("the name of a runtime"),
		ValidArgsFunction: s.runtimes(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.reauthorize(cmd, args[0]) },
	}
	o.bind(cmd)
	cmd.Flags().StringVar(&o.account, "account", "", "whose user token, where there are several")
	cmd.Flags().BoolVar(&o.replaceAccount, "replace-account", false, "let the new token belong to another account")
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *reauthorizeOptions) reauthorize(cmd *cobra.Command, runtime string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := which{purpose: o.purpose, account: o.account}.of(d, runtime)
	if err != nil {
		return err
	}
	old, err := o.pick(cmd.Context(), runtime, grants)
	if err != nil {
		return err
	}
	answers, err := o.answers(cmd.Context(), o.session)
	if err != nil {
		return err
	}
	if err := o.unseal(cmd.Context(), []keyring.Grant{old}); err != nil {
		return err
	}
	return o.run(cmd.Context(), &old, answers)
}

// pick is the grant that is meant: the only one that fits, or the one that the
// person chooses.
func (s *session) pick(ctx context.Context, runtime string, grants []keyring.Grant) (keyring.Grant, error) {
	g, err := only(runtime, grants)
	if err == nil || s.manner() == unasked {
		return g, err
	}
	g, err = s.person(table).Which(ctx, grants, "--purpose")
	if errors.Is(err, flows.ErrBack) {
		err = endWith(exitFailed) // nothing is what they want
	}
	return g, err
}
