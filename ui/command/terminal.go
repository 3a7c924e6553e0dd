package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui"
	"gitgrant/ui/plain"
	"gitgrant/ui/words"
)

// openList is gitgrant without a command: the list of runtimes, or the wizard
// where there is none yet.
func (s *session) openList(cmd *cobra.Command) error {
	if s.manner() == unasked {
		if err := cmd.Help(); err != nil {
			return err
		}
		return misused(words.NoCommand(s.noInput))
	}
	d, err := s.desk()
	if err != nil {
		return err
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		return err
	}
	if s.manner() == byLines { // the screens open the vault themselves
		if err := s.unseal(cmd.Context(), grants); err != nil {
			return err
		}
	}
	if len(grants) > 0 {
		return s.browse(cmd.Context(), ui.Options{Desk: d})
	}
	a := authorization{session: s, output: table}
	return a.talk(cmd.Context(), d, nil, flows.Answers{})
}

// browse shows the list of runtimes until the person leaves it.
func (s *session) browse(ctx context.Context, o ui.Options) error {
	if s.manner() == byLines {
		person := s.person(table)
		person.Demo = o.Demo
		_, err := person.Browse(ctx, o.Desk)
		return err
	}
	o.Start = ui.StartList
	outcomes, err := s.show(ctx, o)
	s.tellStored(o.Desk, outcomes)
	return err
}

// talk has a person answer what the flags left open, on screens or in lines, and
// reports what became of it.
func (a *authorization) talk(ctx context.Context, d *flows.Desk, old *keyring.Grant, answers flows.Answers) error {
	if a.manner() == byLines {
		outcomes, err := a.person(a.output).Authorize(ctx, d, old, answers)
		if err != nil {
			return err
		}
		return a.concludeAll(d, outcomes)
	}
	o := ui.Options{Desk: d, Start: ui.StartInstall, Answers: answers, Grant: old}
	if old != nil {
		o.Start = ui.StartReauthorize
	}
	outcomes, err := a.show(ctx, o)
	if a.output == table {
		a.tellStored(d, outcomes)
	}
	if err != nil {
		return err
	}
	return a.concludeAll(d, outcomes)
}

// show runs the terminal UI.
func (s *session) show(ctx context.Context, o ui.Options) ([]flows.Outcome, error) {
	o.Theme, o.NoColor, o.NoMotion = s.theme, s.colorless(), s.noMotion
	s.onScreen = true
	if isTerminal(s.errs) {
		s.told.hold()
	}
	result, err := ui.Run(ctx, o)
	s.onScreen = false
	s.told.letGo()
	for _, said := range result.Told {
		fmt.Fprintln(s.errs, "gitgrant: "+s.masks.mask(said))
	}
	if result.Lost != nil {
		s.warn(words.SuccessorUnsaved(*result.Lost))
	}
	if errors.Is(err, ui.ErrInterrupted) {
		err = endWith(exitInterrupted)
	}
	return result.Outcomes, err
}

// tellStored says what was stored on screens that are gone by now. What ended with
// them, or was forgotten or revoked on others, is nothing to hand over.
func (s *session) tellStored(d *flows.Desk, outcomes []flows.Outcome) {
	for _, o := range outcomes {
		if o.Saved != nil && o.Saved.Store != keyring.Memory && serves(d, o.Saved.Key) {
			fmt.Fprintln(s.out, words.Stored(*o.Saved))
		}
	}
}

// serves reports whether a grant is stored, and not known to be dead.
func serves(d *flows.Desk, k keyring.Key) bool {
	grants, err := d.Ring.Of(k.Runtime)
	return err == nil && slices.ContainsFunc(grants, func(g keyring.Grant) bool {
		return g.Key == k && !d.LastKnown(g).Status.Gone()
	})
}

// concludeAll ends with what a person has stored.
func (a *authorization) concludeAll(d *flows.Desk, outcomes []flows.Outcome) error {
	report := statusReport{Schema: schemaStatus, Grants: []grantReport{}}
	var codes []int
	for _, o := range outcomes {
		switch {
		case o.Saved != nil:
			report.Grants = append(report.Grants, reportOf(words.About(d, *o.Saved), *o.Verdict))
			codes = append(codes, codeOfSaved(*o.Verdict))
		case o.Verdict != nil:
			codes = append(codes, codeOfStatus(o.Verdict.Status))
		}
	}
	if a.output != table {
		if err := a.print(a.output, report); err != nil {
			return err
		}
	}
	if len(report.Grants) == 0 {
		a.warn(words.NothingStored())
		return endWith(max(exitFailed, worst(codes)))
	}
	return endWith(worst(codes))
}

// person is who reads and answers lines. They go to standard output, unless
// that is kept for a report.
func (s *session) person(output format) *plain.Person {
	var to io.Writer = s.out
	if output != table {
		to = s.errs
	}
	return &plain.Person{In: s.input, Out: to, Now: s.now}
}
