package plain

import (
	"context"
	"errors"
	"sort"
	"strconv"
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// browser is the list of runtimes and what can be done with them.
type browser struct {
	*Person
	desk     *flows.Desk
	grants   []keyring.Grant
	checked  map[keyring.Key]flows.Verdict // since the list was opened
	order    flows.Order
	byHost   bool
	filter   string            // in small letters
	met      keyring.Kind      // a store that was locked when something was to be done
	same     bool              // what is listed was just told, and nothing has changed it
	gone     []flows.Forgotten // what can be undone, the last one last
	outcomes []flows.Outcome
}

// errLeft is how a person leaves the list from a page of it.
var errLeft = errors.New("left")

// Browse shows the list of runtimes until the person leaves it. The outcomes are
// those of the conversations on the way.
func (p *Person) Browse(ctx context.Context, d *flows.Desk) ([]flows.Outcome, error) {
	b := &browser{Person: p, desk: d, checked: map[keyring.Key]flows.Verdict{}}
	err := b.list(ctx)
	if errors.Is(err, errLeft) {
		err = nil
	}
	return b.outcomes, err
}

// list is the list: what is known, and one command after the other. It is told
// again where something may have changed, since nobody listens to it twice.
func (b *browser) list(ctx context.Context) error {
	for {
		runtimes, err := b.load()
		if err != nil {
			return err
		}
		all := len(runtimes)
		runtimes = b.sift(runtimes)
		if !b.same {
			b.say(words.ListHead(all))
			if b.filter != "" {
				b.say(words.FilteredBy(b.filter, len(runtimes)))
			}
			b.tellAll(runtimes)
		}
		b.same = false
		text, err := b.line(ctx, words.ListCommands(all, b.shut()), words.TitleList, "")
		if err != nil {
			return err
		}
		err = b.obey(ctx, strings.ToLower(strings.TrimSpace(text)), runtimes)
		if err != nil && !errors.Is(err, flows.ErrBack) {
			return err
		}
		b.same = b.same || err != nil
	}
}

func (b *browser) obey(ctx context.Context, command string, runtimes []string) error {
	n, err := strconv.Atoi(command)
	filter, filtered := strings.CutPrefix(command, "/")
	switch {
	case filtered:
		b.filter = strings.TrimSpace(filter)
		return nil
	case err == nil && n >= 1 && n <= len(runtimes):
		return b.page(ctx, runtimes[n-1])
	case command == "n":
		return b.authorize(ctx, nil, flows.Answers{})
	case command == "c" && len(b.grants) > 0:
		return b.check(ctx, b.grants)
	case command == "s" && len(b.grants) > 0:
		return b.sort(ctx)
	case command == "h" && len(b.grants) > 0:
		b.byHost = !b.byHost
		b.say(words.Grouped(b.byHost))
		return nil
	case command == "p":
		return b.unlock(ctx)
	case command == "u":
		return b.undo(ctx)
	case command == "q":
		return errLeft
	case command == "?":
		b.only(words.ListHelp)
		return nil
	}
	for _, name := range b.runtimes() {
		if strings.EqualFold(name, command) {
			return b.page(ctx, name)
		}
	}
	b.only(words.NoSuchCommand())
	return nil
}

// only says what changes nothing of what is listed.
func (b *browser) only(line string) {
	b.say(line)
	b.same = true
}

// page is one runtime: its tokens, and what can be done with them.
func (b *browser) page(ctx context.Context, runtime string) error {
	for {
		if _, err := b.load(); err != nil {
			return err
		}
		mine := b.of(runtime)
		if len(mine) == 0 {
			return nil // forgotten
		}
		if !b.same {
			b.describe(mine)
		}
		b.same = false
		text, err := b.line(ctx, words.PageCommands(b.shut()), runtime, "")
		if err != nil {
			return err
		}
		switch word := strings.ToLower(strings.TrimSpace(text)); word {
		case "b":
			return nil
		case "q":
			return errLeft
		default:
			err = b.obeyPage(ctx, word, mine)
		}
		if err != nil && !errors.Is(err, flows.ErrBack) {
			return err
		}
		b.same = b.same || err != nil
	}
}

// describe is everything about a runtime.
func (b *browser) describe(mine []keyring.Grant) {
	b.say(mine[0].Runtime + ", " + words.Provider(providers.Kind(mine[0].Provider)) + ", " + words.HostName(mine[0].Host))
	for _, g := range mine {
		b.tell(g)
	}
	if mine[0].Muted {
		b.say(words.MutedInLines)
	}
}

func (b *browser) obeyPage(ctx context.Context, command string, mine []keyring.Grant) error {
	switch command {
	case "r":
		return b.renew(ctx, mine)
	case "a":
		return b.authorize(ctx, nil, flows.Answers{Runtime: mine[0].Runtime, Purpose: providers.User})
	case "c":
		return b.check(ctx, mine)
	default:
		return b.deed(ctx, command, mine)
	}
}

// tell is everything about one token.
func (b *browser) tell(g keyring.Grant) {
	b.say(words.GrantName(g) + ", " + words.WhereItRests(g.Store) + ".")
	b.Verdict(b.about(g), b.verdict(g))
	for i := len(g.History) - 1; i >= 0; i-- {
		b.say(words.Changed(g.History[i]))
	}
}

// load reads the list anew and returns the names of the runtimes in it, in the
// order that the person chose.
func (b *browser) load() ([]string, error) {
	grants, err := b.desk.Ring.Grants()
	if err != nil {
		return nil, err
	}
	b.grants = grants
	return b.runtimes(), nil
}

// of are the grants of a runtime, which stand together.
func (b *browser) of(runtime string) []keyring.Grant {
	from := sort.Search(len(b.grants), func(i int) bool { return b.grants[i].Runtime >= runtime })
	to := from
	for to < len(b.grants) && b.grants[to].Runtime == runtime {
		to++
	}
	return b.grants[from:to:to]
}

// verdict is the last one on a grant: of this run, else from before.
func (b *browser) verdict(g keyring.Grant) flows.Verdict {
	if v, ok := b.checked[g.Key]; ok {
		return v
	}
	return b.desk.LastKnown(g)
}

// summary is a runtime in one line.
func (b *browser) summary(runtime string) string {
	mine := b.of(runtime)
	line := runtime + ", " + words.HostName(mine[0].Host) + "."
	for _, g := range mine {
		v := b.verdict(g)
		line += " " + words.GrantName(g) + ": " + words.Status(v.Status) + ", " + words.Ends(v, b.Now()) + "."
	}
	return line
}

func (b *browser) about(g keyring.Grant) words.Subject {
	return words.About(b.desk, g)
}

func (b *browser) check(ctx context.Context, grants []keyring.Grant) error {
	b.say(words.CheckingTokens(len(grants)) + ".")
	b.met = ""
	verdicts, err := b.desk.Status(ctx, grants, nil)
	if err != nil {
		return b.survive(ctx, err)
	}
	for i, g := range grants {
		b.checked[g.Key] = verdicts[i]
	}
	return nil
}

// renew re-authorizes the token that is meant.
func (b *browser) renew(ctx context.Context, mine []keyring.Grant) error {
	g, err := b.Which(ctx, mine, "")
	if err != nil {
		return err
	}
	delete(b.checked, g.Key)
	return b.authorize(ctx, &g, flows.Answers{})
}

func (b *browser) authorize(ctx context.Context, old *keyring.Grant, a flows.Answers) error {
	b.nested = true
	outcomes, err := b.Authorize(ctx, b.desk, old, a)
	b.outcomes = append(b.outcomes, outcomes...)
	if errors.Is(err, errHome) {
		return nil
	}
	return b.survive(ctx, err)
}

// survive tells of a failure and lets the list go on, unless the input or the
// program is at its end.
func (b *browser) survive(ctx context.Context, err error) error {
	var ended words.Message
	if err == nil || ctx.Err() != nil || errors.As(err, &ended) {
		return err
	}
	b.meet(err)
	b.say(words.ProblemAt(err, b.Now()).String())
	return nil
}
