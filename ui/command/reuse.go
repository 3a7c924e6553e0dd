package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

type reuseOptions struct {
	*session
	which
	output format
}

func newReuse(s *session) *cobra.Command {
	o := &reuseOptions{session: s, which: which{purpose: providers.User}}
	cmd := &cobra.Command{
		Use:   "reuse FROM TO...",
		Short: "Use your user token for other runtimes too",
		Long: `Checks the user token of one runtime and stores it for others on the same host as
well. A runtime that is not known yet is added. It asks nothing: to name the
runtimes is the consent. The runtime that the token comes from stays as it is.`,
		Example: `  gitgrant reuse prod staging
  gitgrant reuse prod staging lab -o json`,
		GroupID:           groupLookAfter,
		Args:              several,
		ValidArgsFunction: s.runtimes(0),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0], args[1:]) },
	}
	o.bindAccount(cmd)
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

// several is for a command from one runtime to at least one other.
func several(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return misused(words.MissingArgument("the runtime that the token comes from", cmd.CommandPath()))
	case 1:
		return misused(words.MissingArgument("the runtimes that it is for", cmd.CommandPath()))
	default:
		return nil
	}
}

func (o *reuseOptions) run(ctx context.Context, from string, to []string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := o.of(d, from)
	if err != nil {
		return err
	}
	g, err := only(from, grants)
	if err != nil {
		return err
	}
	if err := d.CanReuse(g, to); err != nil {
		return err
	}
	if err := o.unseal(ctx, []keyring.Grant{g}); err != nil {
		return err
	}
	given, err := d.Reuse(ctx, g, to)
	var notKept *flows.NotKeptError
	if errors.As(err, &notKept) {
		o.warn(words.Problem(notKept.Err)) // the runtimes have their token all the same
	} else if err != nil {
		return err
	}
	return o.conclude(d, given)
}

// conclude reports what came of each runtime.
func (o *reuseOptions) conclude(d *flows.Desk, given []flows.Given) error {
	report := statusReport{Schema: schemaStatus, Grants: []grantReport{}}
	var codes []int
	for _, g := range given {
		about := words.About(d, g.Grant)
		report.Grants = append(report.Grants, reportOf(about, withAccount(g.Verdict, g.Grant)))
		codes = append(codes, codeOfStatus(g.Verdict.Status), codeOf(g.Err))
		switch line := words.GivenTo(g, about); {
		case o.output == table:
			fmt.Fprintln(o.out, line)
		case !g.Stored:
			o.warn(words.Message{What: line})
		}
	}
	if o.output != table {
		if err := o.print(o.output, report); err != nil {
			return err
		}
	}
	if slices.Contains(codes, exitFailed) {
		return endWith(exitFailed)
	}
	return endWith(worst(codes))
}
