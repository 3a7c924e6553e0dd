package command

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers/address"
	"gitgrant/ui/notify"
	"gitgrant/ui/words"
)

type watchOptions struct {
	*session
	once, install, yes bool
	interval, within   string
}

// How often hosts are asked at most. What runs on this machine belongs to the
// person who asks.
const (
	leastInterval      = time.Minute
	leastIntervalLocal = time.Second
)

// mostNotices is how many notifications come up at once; beyond them, one stands
// for all.
const mostNotices = 3

// newsMoment is how a line tells when it was written, in UTC as all moments.
const newsMoment = time.DateTime + "Z"

func newWatch(s *session) *cobra.Command {
	o := &watchOptions{session: s}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Notify when the state of a token changes, and before one ends",
		Long: `Checks the stored tokens again and again. It tells when the state of one changes,
and 30, 14, 7, 3 and 1 days before one ends, once each, on the desktop and on
standard output. Runtimes that are muted are checked and not told of.

It never asks anything, opens no browser and unlocks no keychain; where that of
macOS is locked, macOS itself may ask for its password. With --once it checks once
and ends with the exit code of status, for cron, systemd or launchd; --install
writes what the latter two need.`,
		Example: `  gitgrant watch
  gitgrant watch --once
  gitgrant watch --interval 6h --expiring-within 30d
  gitgrant watch --install`,
		GroupID: groupLookAfter,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.once, "once", false, "check once, then end with the exit code of status")
	flags.StringVar(&o.interval, "interval", "1h", "how often to check, give or take a tenth")
	flags.StringVar(&o.within, "expiring-within", "14d", "how near its end a token is expiring: 36h, 14d or 4w")
	flags.BoolVar(&o.install, "install", false, "write a systemd timer or a launchd agent that does it")
	flags.BoolVar(&o.yes, "yes", false, "write it without asking")
	return cmd
}

func (o *watchOptions) run(ctx context.Context) error {
	within, err := readSpan("--expiring-within", o.within)
	if err != nil {
		return err
	}
	every, err := readSpan("--interval", o.interval)
	if err != nil {
		return err
	}
	if o.once && o.install {
		return misused(words.Together("--once", "--install", "What is installed runs it with --once."))
	}
	o.session.within = within
	d, err := o.desk()
	if err != nil {
		return err
	}
	if least := leastFor(d); every < least && !o.once {
		return misused(words.TooOften(least))
	}
	switch {
	case o.install:
		return o.schedule(ctx, every)
	case o.once:
		grants, verdicts, err := o.look(ctx, d)
		if err != nil {
			return err
		}
		if names := unchecked(grants, verdicts); len(names) > 0 {
			o.warn(words.NotChecked(names))
		}
		return endWith((&statusOptions{session: o.session}).code(verdicts))
	default:
		return o.repeat(ctx, d, every)
	}
}

// leastFor is the shortest interval that the hosts of the grants put up with.
func leastFor(d *flows.Desk) time.Duration {
	grants, err := d.Ring.Grants()
	if err != nil || len(grants) == 0 {
		return leastInterval
	}
	for _, g := range grants {
		if _, h, err := d.HostOf(g); err != nil || !isLoopback(h.APIURL) {
			return leastInterval
		}
	}
	return leastIntervalLocal
}

func isLoopback(base string) bool {
	u, err := address.Parse(base)
	return err == nil && address.Loopback(u.Hostname())
}

// repeat looks again and again until it is interrupted. What goes wrong with one
// look is told, and the next one is tried all the same.
func (o *watchOptions) repeat(ctx context.Context, d *flows.Desk, every time.Duration) error {
	grants, err := d.Ring.Grants()
	if err != nil {
		return err
	}
	fmt.Fprintln(o.errs, words.Watching(len(grants), every))
	said := ""
	for {
		switch _, _, err := o.look(ctx, d); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			said = ""
		case err.Error() != said:
			o.warn(words.Problem(err))
			said = err.Error()
		}
		select {
		case <-time.After(jittered(every)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// jittered keeps many machines from asking a host in the same second.
func jittered(every time.Duration) time.Duration {
	return every - every/10 + rand.N(every/5+1) //nolint:gosec // nobody has to guess it
}

// unchecked are the runtimes of which nothing could be learned, though the person
// wants to hear of them.
func unchecked(grants []keyring.Grant, verdicts []flows.Verdict) []string {
	var names []string
	for i, g := range grants {
		if verdicts[i].Status.Class() == flows.NotAsked && !g.Muted {
			names = append(names, g.Runtime)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// look checks everything once, and tells what is new.
func (o *watchOptions) look(ctx context.Context, d *flows.Desk) ([]keyring.Grant, []flows.Verdict, error) {
	if err := d.Ring.Settle(ctx); err != nil {
		o.log.Debug("something is left in the journal", "error", err)
	}
	var news []flows.Notice
	grants, verdicts, err := d.Watch(ctx, func(n flows.Notice) error {
		_, err := fmt.Fprintln(o.out, o.now().UTC().Format(newsMoment), words.News(n, words.About(d, n.Grant)))
		if err == nil {
			news = append(news, n)
		}
		return err
	})
	var notKept *flows.NotKeptError
	if errors.As(err, &notKept) {
		o.warn(words.Problem(notKept.Err))
		err = nil
	}
	o.notify(ctx, d, news)
	return grants, verdicts, err
}

// notify shows news on the desktop, where there is one.
func (o *watchOptions) notify(ctx context.Context, d *flows.Desk, news []flows.Notice) {
	type popup struct{ title, text string }
	var popups []popup
	for _, n := range news {
		about := words.About(d, n.Grant)
		popups = append(popups, popup{words.NewsTitle(n, about), words.NewsReason(n, about) + " " + words.NewsStep(n, about)})
	}
	if len(popups) > mostNotices {
		title, text := words.SeveralNews(runtimesOf(news))
		popups = []popup{{title, text}}
	}
	for _, p := range popups {
		if err := notify.Show(ctx, p.title, p.text); err != nil {
			o.log.Debug("no notification", "error", err)
			return
		}
	}
}

func runtimesOf(news []flows.Notice) []string {
	var names []string
	for _, n := range news {
		names = append(names, n.Grant.Runtime)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
