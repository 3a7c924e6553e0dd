package command

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/words"
)

type keyringRepairOptions struct {
	*session
	yes bool
}

func newKeyringRepair(s *session) *cobra.Command {
	o := &keyringRepairOptions{session: s}
	cmd := &cobra.Command{
		Use:   "repair",
		Short: "Hold the list of runtimes against what rests in the stores",
		Long: `Brings what was interrupted to its end, and reports tokens of the list that their
store does not have, and items of a store that nothing in the list names. Of a
store that is locked it says nothing, and changes nothing in it.

It asks before it takes anything off the list or deletes an item.`,
		Example: `  gitgrant keyring repair
  gitgrant keyring repair --yes`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "mend what is found without asking")
	return cmd
}

func (o *keyringRepairOptions) run(ctx context.Context) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		return err
	}
	if err := o.unseal(ctx, grants); err != nil {
		return err
	}
	found, err := d.Ring.Inspect(ctx)
	if err != nil {
		return err
	}
	unasked := o.tell(found, grants)
	if n := len(lost(found)); n+len(found.Strays) > 0 {
		agreed, err := o.agreed(ctx, words.ToMend(n, len(found.Strays)), o.yes)
		if !agreed {
			return err
		}
		if err := o.mend(ctx, d, found); err != nil {
			return err
		}
	}
	if unasked {
		return endWith(exitUnchecked)
	}
	return nil
}

// lost are the grants without a token that can be used.
func lost(found keyring.Report) []keyring.Key { return slices.Concat(found.Missing, found.Corrupt) }

// tell reports what was found, and whether there are tokens in a store of which
// nothing can be said.
func (o *keyringRepairOptions) tell(found keyring.Report, grants []keyring.Grant) (unasked bool) {
	for _, k := range found.Missing {
		fmt.Fprintln(o.out, words.LostToken(k))
	}
	for _, k := range found.Corrupt {
		fmt.Fprintln(o.out, words.ChangedToken(k))
	}
	for _, s := range found.Strays {
		fmt.Fprintln(o.out, words.Stray(s))
	}
	for _, at := range found.Unasked {
		tokens := restingIn(grants, at.Store)
		if tokens > 0 || at.State == keyring.Locked || at.State == keyring.Unresponsive {
			o.warn(words.NotLookedAt(at))
		}
		unasked = unasked || tokens > 0
	}
	if len(lost(found))+len(found.Strays) == 0 && !unasked {
		fmt.Fprintln(o.out, words.InOrder)
	}
	return unasked
}

// mend takes what is lost off the list and deletes strays. It looks again
// first: what was saved since a person began to think is neither.
func (o *keyringRepairOptions) mend(ctx context.Context, d *flows.Desk, found keyring.Report) error {
	now, err := d.Ring.Inspect(ctx)
	if err != nil {
		return err
	}
	keys, strays := both(lost(found), lost(now)), both(found.Strays, now.Strays)
	if len(keys) > 0 {
		if err := d.Ring.Forget(ctx, keys...); err != nil {
			return err
		}
	}
	if err := d.Ring.Discard(ctx, strays...); err != nil {
		return err
	}
	fmt.Fprintln(o.out, words.Mended(len(keys), len(strays)))
	return nil
}

func both[T comparable](one, other []T) []T {
	return slices.DeleteFunc(slices.Clone(one), func(v T) bool { return !slices.Contains(other, v) })
}
