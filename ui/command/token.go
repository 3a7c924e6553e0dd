package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gitgrant/ui/words"
)

type tokenOptions struct {
	*session
	which
	show bool
}

func newToken(s *session) *cobra.Command {
	o := &tokenOptions{session: s}
	cmd := &cobra.Command{
		Use:   "token RUNTIME",
		Short: "Hand a stored token to a pipe",
		Long: `Prints the token for the program behind the pipe: your user token when there is
one, else the runtime token. On a terminal, where it would stay in sight, only
with --show.

It is handed over whatever its state; a warning says where that is not good.`,
		Example: `  gitgrant token prod --purpose runtime | tr -d '\n' | kubectl create secret generic git --from-file=token=/dev/stdin
  gitgrant token prod --purpose user | glab auth login --stdin`,
		GroupID:           groupHandOver,
		Args:              one("the name of a runtime"),
		ValidArgsFunction: s.runtimes(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	o.which.bind(cmd)
	cmd.Flags().BoolVar(&o.show, "show", false, "print it to a terminal too")
	return cmd
}

func (o *tokenOptions) run(ctx context.Context, runtime string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := o.of(d, runtime)
	if err != nil {
		return err
	}
	g, err := only(runtime, preferUser(grants))
	if err != nil {
		return err
	}
	if isTerminal(o.out) && !o.show {
		return misused(words.TokenOnScreen(runtime))
	}
	_, token, err := o.take(ctx, d, g)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, token.Reveal())
	return err
}
