package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gitgrant/ui/words"
)

type revokeOptions struct {
	*session
	which
	yes bool
}

func newRevoke(s *session) *cobra.Command {
	o := &revokeOptions{session: s}
	cmd := &cobra.Command{
		Use:   "revoke RUNTIME",
		Short: "End a token at its Git host, then forget it",
		Long: `Ends a token at its Git host, where the host has an API for it, and then deletes it
from this machine. Where it has none, it deletes the token here and says on which
page you end it there. It always says which of the two happened. Other runtimes that
use the very same token are named before, and listed as revoked afterwards.`,
		Example: `  gitgrant revoke prod --purpose user
  gitgrant revoke prod --purpose runtime --yes`,
		GroupID:           groupLookAfter,
		Args:              one("the name of a runtime"),
		ValidArgsFunction: s.runtimes(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	o.which.bind(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	return cmd
}

func (o *revokeOptions) run(ctx context.Context, runtime string) error {
	d, g, err := o.oneGrant(ctx, o.which, runtime)
	if err != nil {
		return err
	}
	p, h, err := d.HostOf(g)
	if err != nil {
		return err
	}
	sharing, err := o.sharing(ctx, d, g, o.yes)
	if err != nil {
		return err
	}
	page := ""
	if !d.CanRevoke(g) {
		page = p.ManagePage(h)
	}
	if agreed, err := o.agreed(ctx, words.ToRevoke(g, page, sharing), o.yes); !agreed {
		return err
	}
	if o.yes && page == "" && len(sharing) > 0 {
		o.warn(words.EndsForOthers(sharing))
	}
	ended, err := d.Dismiss(ctx, g)
	if err != nil {
		return err
	}
	if !ended {
		return o.onPage(ctx, words.OnlyForgotten(g, p.ManagePage(h), sharing), p.ManagePage(h))
	}
	_, err = fmt.Fprintln(o.out, words.RevokedGrant(g, sharing))
	return err
}
