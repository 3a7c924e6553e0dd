package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/words"
)

type statusOptions struct {
	*session
	output  format
	offline bool
	failOn  []string
	within  string

	streamed bool // the rows are on the terminal already
}

func newStatus(s *session) *cobra.Command {
	o := &statusOptions{session: s}
	cmd := &cobra.Command{
		Use:   "status [RUNTIME...]",
		Short: "Check the stored tokens and report how they are doing",
		Long: `Asks all hosts at once about the stored tokens, and reports the state of each
with its reason and the next step. Nothing is changed at a host.

The exit code is the worst of all: 4 before 5 before 3. With --fail-on only the
named states count.`,
		Example: `  gitgrant status
  gitgrant status prod -o json
  gitgrant status --expiring-within 30d --fail-on expired,expiring
  gitgrant status -o prometheus > /var/lib/node_exporter/gitgrant.prom`,
		GroupID:           groupLookAfter,
		ValidArgsFunction: s.runtimes(0),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.offline, "offline", false, "ask neither hosts nor keychain; tell the last verdicts")
	flags.StringSliceVar(&o.failOn, "fail-on", nil, "states that count for the exit code")
	flags.StringVar(&o.within, "expiring-within", "14d", "how near its end a token is expiring: 36h, 14d or 4w")
	complete(cmd, "fail-on", fixed(texts(flows.Statuses)))
	bindOutput(cmd, &o.output, table, asJSON, asYAML, prometheus)
	return cmd
}

func (o *statusOptions) run(ctx context.Context, names []string) error {
	within, err := readSpan("--expiring-within", o.within)
	if err != nil {
		return err
	}
	o.session.within = within
	for _, status := range o.failOn {
		if !slices.Contains(flows.Statuses, flows.Status(status)) {
			return misused(words.BadValue(status, "--fail-on", texts(flows.Statuses)...))
		}
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := named(d, names)
	if err != nil {
		return err
	}
	verdicts, err := o.verdicts(ctx, d, grants)
	if err != nil {
		return err
	}
	if err := o.report(d, grants, verdicts); err != nil {
		return err
	}
	return endWith(o.code(verdicts))
}

// named are the grants of the runtimes that were named, or all.
func named(d *flows.Desk, names []string) ([]keyring.Grant, error) {
	grants, err := d.Ring.Grants()
	if err != nil || len(names) == 0 {
		return grants, err
	}
	var unknown []string
	for _, name := range names {
		if !slices.ContainsFunc(grants, func(g keyring.Grant) bool { return g.Runtime == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, misused(words.UnknownRuntimes(unknown))
	}
	return slices.DeleteFunc(grants, func(g keyring.Grant) bool { return !slices.Contains(names, g.Runtime) }), nil
}

func (o *statusOptions) verdicts(ctx context.Context, d *flows.Desk, grants []keyring.Grant) ([]flows.Verdict, error) {
	if o.offline {
		var verdicts []flows.Verdict
		for _, g := range grants {
			verdicts = append(verdicts, d.LastKnown(g))
		}
		return verdicts, nil
	}
	if err := o.unseal(ctx, grants); err != nil {
		return nil, err
	}
	// What another run left half done is brought to its end first; where the
	// store does not let us, the verdicts will say so.
	if err := d.Ring.Settle(ctx); err != nil {
		o.log.Debug("something is left in the journal", "error", err)
	}
	p := o.progress(d, grants)
	defer p.end() // also where it was interrupted
	verdicts, err := d.Status(ctx, grants, p.hear)
	p.end()
	var notKept *flows.NotKeptError
	if errors.As(err, &notKept) {
		o.warn(words.Problem(notKept.Err)) // the report is what was asked for
		return verdicts, nil
	}
	return verdicts, err
}

func (o *statusOptions) report(d *flows.Desk, grants []keyring.Grant, verdicts []flows.Verdict) error {
	switch o.output {
	case table:
		o.table(d, grants, verdicts)
		return nil
	case prometheus:
		return o.metrics(grants, verdicts)
	default:
		report := statusReport{Schema: schemaStatus, Grants: []grantReport{}}
		for i, g := range grants {
			report.Grants = append(report.Grants, reportOf(words.About(d, g), withAccount(verdicts[i], g)))
		}
		return o.print(o.output, report)
	}
}

// table is the report for people: one row a token, and below what there is to
// say about those that are not simply fine.
func (o *statusOptions) table(d *flows.Desk, grants []keyring.Grant, verdicts []flows.Verdict) {
	if len(grants) == 0 {
		fmt.Fprintln(o.out, words.NoRuntimes())
		return
	}
	if !o.streamed {
		var rows [][]string
		for i, g := range grants {
			rows = append(rows, o.row(g, verdicts[i]))
		}
		columns(o.out, statusHead, rows)
	}
	for _, r := range reasons(d, grants, verdicts) {
		fmt.Fprintf(o.out, "\n%s: %s\n  %s\n", words.TokensOf(r.grants), r.why, r.next)
	}
}

// reason is why tokens are not well, and what to do then.
type reason struct {
	why, next string
	grants    []keyring.Grant
}

// reasons tell each reason once, however many tokens share it: a host that is
// down has but one.
func reasons(d *flows.Desk, grants []keyring.Grant, verdicts []flows.Verdict) []*reason {
	type text struct{ why, next string }
	var all []*reason
	known := map[text]*reason{}
	for i, g := range grants {
		about := words.About(d, g)
		why := words.Reason(verdicts[i], about)
		if why == "" {
			continue
		}
		t := text{why, words.Next(verdicts[i], about).Do}
		if known[t] == nil {
			known[t] = &reason{why: t.why, next: t.next}
			all = append(all, known[t])
		}
		known[t].grants = append(known[t].grants, g)
	}
	return all
}

var statusHead = []string{"RUNTIME", "TOKEN", "HOST", "ACCOUNT", "STATUS", "ENDS"}

func (o *statusOptions) row(g keyring.Grant, v flows.Verdict) []string {
	return []string{g.Runtime, g.Purpose, words.HostName(g.Host), g.Account, o.statusWord(v.Status), words.Expiry(v, o.now())}
}

// code is the exit code of several verdicts.
func (o *statusOptions) code(verdicts []flows.Verdict) int {
	var codes []int
	for _, v := range verdicts {
		code := codeOfStatus(v.Status)
		if len(o.failOn) > 0 {
			switch wanted := slices.Contains(o.failOn, string(v.Status)); {
			case !wanted:
				code = exitFine
			case code == exitFine:
				code = exitBad // fine for us, not for who named it
			}
		}
		codes = append(codes, code)
	}
	return worst(codes)
}

// readSpan reads a length of time from a flag; beside what Go knows, days and weeks.
func readSpan(flag, text string) (time.Duration, error) {
	for _, unit := range []struct {
		suffix string
		hours  int
	}{{"d", 24}, {"w", 7 * 24}} {
		if number, ok := strings.CutSuffix(text, unit.suffix); ok {
			span, err := time.ParseDuration(number + "h")
			if err != nil || span < 0 || span > maxSpan/time.Duration(unit.hours) {
				return 0, misused(words.BadValue(text, flag, "a length of time such as 36h", "14d", "4w"))
			}
			return span * time.Duration(unit.hours), nil
		}
	}
	span, err := time.ParseDuration(text)
	if err != nil || span < 0 || span > maxSpan {
		return 0, misused(words.BadValue(text, flag, "a length of time such as 36h", "14d", "4w"))
	}
	return span, nil
}

// maxSpan is beyond the life of any token.
const maxSpan = 100 * 365 * 24 * time.Hour
