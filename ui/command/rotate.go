package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/browser"
	"gitgrant/ui/words"
)

type rotateOptions struct {
	*session
	which
	expires string
	yes     bool
}

func newRotate(s *session) *cobra.Command {
	o := &rotateOptions{session: s}
	cmd := &cobra.Command{
		Use:   "rotate RUNTIME",
		Short: "Replace a token in place, or open the page that does",
		Long: `Has the Git host replace a token by a new one with the same rights, and stores it.
GitLab has an API for it: the old token is dead at once, everywhere, also where a
cluster still uses it. For the other hosts it opens the page where you do it; with
--yes or --no-input it says so and ends with exit code 1, for nothing was replaced.`,
		Example: `  gitgrant rotate prod --purpose runtime
  gitgrant rotate prod --purpose user --expires 2027-01-31 --yes`,
		GroupID:           groupLookAfter,
		Args:              one("the name of a runtime"),
		ValidArgsFunction: s.runtimes(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	o.which.bind(cmd)
	cmd.Flags().StringVar(&o.expires, "expires", "", "last day of the new token, YYYY-MM-DD; where it is not given 90 days from now, or that of the old one if it is later")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	return cmd
}

func (o *rotateOptions) run(ctx context.Context, runtime string) error {
	d, g, err := o.oneGrant(ctx, o.which, runtime)
	if err != nil {
		return err
	}
	until := d.NewEnd(g)
	if o.expires != "" {
		if until, err = readEnd(o.expires); err != nil {
			return err
		}
		if !until.After(d.Now()) {
			return misused(words.BadValue(o.expires, "--expires", "a day that is yet to come"))
		}
	}
	p, h, err := d.HostOf(g)
	if err != nil {
		return err
	}
	if !d.CanRotate(g) {
		return o.byHand(ctx, g, p.ManagePage(h))
	}
	sharing, err := o.sharing(ctx, d, g, o.yes)
	if err != nil {
		return err
	}
	if agreed, err := o.agreed(ctx, words.ToRotate(g, until, sharing), o.yes); !agreed {
		return err
	}
	rotated, err := d.Rotate(ctx, g, until)
	if errors.Is(err, providers.ErrNoSuchAPI) {
		return o.byHand(ctx, g, p.ManagePage(h))
	}
	if rotated, err = o.insist(ctx, rotated, err); err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, words.RotatedGrant(rotated, o.now()))
	return err
}

// byHand leads to the page where a person replaces the token. Where nobody is
// asked, a program would take a quiet end for a new token.
func (o *rotateOptions) byHand(ctx context.Context, g keyring.Grant, page string) error {
	err := o.onPage(ctx, words.RotateOnPage(g, page), page)
	if err == nil && (o.yes || o.manner() == unasked) {
		return endWith(exitFailed)
	}
	return err
}

// insist has a person say how often a new token that was not saved is tried once
// more.
func (o *rotateOptions) insist(ctx context.Context, s flows.Successor, err error) (flows.Successor, error) {
	var unsaved *flows.UnsavedError
	if errors.As(err, &unsaved) && o.manner() == unasked {
		return s, errors.Join(words.SuccessorUnsaved(s.Grant), err)
	}
	return o.person(table).Insist(ctx, s, err)
}

// sharing is who else holds a token, before anybody is asked about it: those
// are to be named. The stores that it takes to see that are opened first.
func (s *session) sharing(ctx context.Context, d *flows.Desk, g keyring.Grant, yes bool) ([]keyring.Grant, error) {
	if err := s.mayAgree(yes); err != nil {
		return nil, err
	}
	others, err := d.MayShare(g)
	if err != nil {
		return nil, err
	}
	if err := s.unseal(ctx, append(others, g)); err != nil {
		return nil, err
	}
	return d.Sharing(ctx, g)
}

// oneGrant is the grant of a runtime that the flags name, or that the person
// chooses.
func (s *session) oneGrant(ctx context.Context, w which, runtime string) (*flows.Desk, keyring.Grant, error) {
	d, err := s.desk()
	if err != nil {
		return nil, keyring.Grant{}, err
	}
	grants, err := w.of(d, runtime)
	if err != nil {
		return nil, keyring.Grant{}, err
	}
	g, err := s.pick(ctx, runtime, grants)
	return d, g, err
}

// onPage says what a person has to do on a page, and opens it where somebody is
// there to see it.
func (s *session) onPage(ctx context.Context, said words.Message, page string) error {
	s.warn(said)
	if s.manner() != unasked {
		_ = browser.New(os.Getenv).Open(ctx, page) // its address stands on the screen
	}
	return nil
}
