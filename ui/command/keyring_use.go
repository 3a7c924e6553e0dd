package command

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/words"
)

type keyringUseOptions struct {
	*session
	yes, stay bool
}

func newKeyringUse(s *session) *cobra.Command {
	o := &keyringUseOptions{session: s}
	kinds := texts(stores[:2])
	cmd := &cobra.Command{
		Use:   "use " + kinds[0] + "|" + kinds[1],
		Short: "Choose where tokens rest, and move those that are there",
		Long: `Remembers where new tokens rest, for all later commands. What rests in the other
store is moved: copied, read back, and only then deleted where it was. Interrupted
before that, the other store still counts.

On a terminal it asks before it moves anything.`,
		Example: `  gitgrant keyring use vault
  gitgrant keyring use system --yes`,
		Args:              one("the name of a store"),
		ValidArgsFunction: fixed(kinds),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "move what rests elsewhere without asking")
	cmd.Flags().BoolVar(&o.stay, "stay", false, "leave what is stored where it rests")
	return cmd
}

func (o *keyringUseOptions) run(ctx context.Context, named string) error {
	var kind keyring.Kind
	if err := choiceOf(&kind, "keyring use", stores[:2]...).Set(named); err != nil {
		return misused(err)
	}
	if o.yes && o.stay {
		return misused(words.Together("--yes", "--stay", "One moves what is stored, the other leaves it."))
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	before := d.Ring.Store().Kind()
	if before == keyring.Memory {
		return misused(words.NoChoiceInMemory())
	}
	if err := d.Ring.Use(kind); err != nil {
		return err
	}
	if err := o.ready(ctx, d.Ring.Store()); err != nil {
		return err
	}
	left, err := o.follow(ctx, d)
	if err != nil {
		return err
	}
	if err := d.Ring.Choose(ctx, kind); err != nil {
		return err
	}
	fmt.Fprintln(o.out, words.StoreChosen(kind))
	if by := o.named(); by != "" && before != kind {
		o.warn(words.ChoiceOverruled(by, before))
	}
	return left
}

// follow moves what rests elsewhere, if that is wanted. What could not be moved
// does not stand in the way of the choice.
func (o *keyringUseOptions) follow(ctx context.Context, d *flows.Desk) (left, err error) {
	kind := d.Ring.Store().Kind()
	elsewhere, err := d.Ring.Elsewhere(kind)
	if err != nil || len(elsewhere) == 0 {
		return nil, err
	}
	move := !o.stay
	if move && !o.yes && o.manner() != unasked {
		if move, err = o.person(table).Agrees(ctx, words.ToMove(len(elsewhere), kind)); err != nil {
			return nil, err
		}
	}
	if !move {
		fmt.Fprintln(o.out, words.Stayed(len(elsewhere)))
		return nil, nil
	}
	return o.migrate(ctx, d)
}

// named is the flag or variable that names a store for this and perhaps later
// commands.
func (s *session) named() string {
	switch {
	case s.store != "":
		return "--store"
	case os.Getenv("GITGRANT_STORE") != "":
		return "GITGRANT_STORE"
	default:
		return ""
	}
}

type keyringMigrateOptions struct{ *session }

func newKeyringMigrate(s *session) *cobra.Command {
	o := &keyringMigrateOptions{s}
	return &cobra.Command{
		Use:   "migrate",
		Short: "Move every token to the store that is in use",
		Long: `Copies what rests in the other store, reads it back, lets the copies count at
once, and only then deletes what they were made of. Interrupted before that, the
other store still counts, and the next command tidies up.`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
}

func (o *keyringMigrateOptions) run(ctx context.Context) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	if err := o.ready(ctx, d.Ring.Store()); err != nil {
		return err
	}
	left, err := o.migrate(ctx, d)
	if err != nil {
		return err
	}
	return left
}

// migrate moves everything to the store of the ring, which is open. left ends
// the command where something could not be moved.
func (s *session) migrate(ctx context.Context, d *flows.Desk) (left, err error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, err
	}
	for _, store := range d.Ring.Stores() {
		if restingIn(grants, store.Kind()) == 0 || store.Probe(ctx).State == keyring.Missing {
			continue
		}
		if err := s.ready(ctx, store); err != nil {
			return nil, err
		}
	}
	m, err := d.Ring.Migrate(ctx)
	if err != nil {
		return nil, err
	}
	if len(m.Moved) > 0 || len(m.Left) == 0 {
		fmt.Fprintln(s.out, words.Moved(len(m.Moved), d.Ring.Store().Kind()))
	}
	if len(m.Left) > 0 {
		s.warn(words.NotMoved(m.Left))
		left = endWith(exitBad)
	}
	return left, nil
}
