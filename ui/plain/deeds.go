package plain

import (
	"context"
	"slices"
	"strings"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// deed does what a person wants done with a runtime.
func (b *browser) deed(ctx context.Context, command string, mine []keyring.Grant) error {
	switch command {
	case "e":
		return b.reuse(ctx, mine)
	case "t":
		return b.rotate(ctx, mine)
	case "x":
		return b.revoke(ctx, mine)
	case "y":
		return b.handOver(ctx, mine)
	case "m":
		muted := !mine[0].Muted
		if err := b.desk.Mute(mine[0].Runtime, muted); err != nil {
			return b.survive(ctx, err)
		}
		b.say(words.Mutes(mine[0].Runtime, muted))
	case "f":
		return b.forget(ctx, mine)
	case "p":
		return b.unlock(ctx)
	case "u":
		return b.undo(ctx)
	case "?":
		b.only(words.PageHelp)
	default:
		b.only(words.NoSuchCommand())
	}
	return nil
}

func (b *browser) forget(ctx context.Context, mine []keyring.Grant) error {
	agreed, err := b.Agrees(ctx, words.ToForget(mine))
	if err != nil || !agreed {
		return err
	}
	forgotten, err := b.desk.Forget(ctx, mine)
	if err != nil {
		return b.survive(ctx, err)
	}
	b.say(words.Forgotten(len(mine), mine[0].Runtime))
	if len(forgotten.Lost()) < len(mine) {
		b.gone = append(b.gone, forgotten)
	}
	return nil
}

// undo brings back what was forgotten last.
func (b *browser) undo(ctx context.Context) error {
	if len(b.gone) == 0 {
		b.only(words.NothingToUndo)
		return nil
	}
	last := b.gone[len(b.gone)-1]
	restored, err := b.desk.Restore(ctx, last)
	if err != nil {
		return b.survive(ctx, err)
	}
	b.gone = b.gone[:len(b.gone)-1]
	b.say(words.Restored(len(restored), last.Grants[0].Runtime))
	return nil
}

// reuse gives a user token to other runtimes too.
func (b *browser) reuse(ctx context.Context, mine []keyring.Grant) error {
	users := slices.DeleteFunc(slices.Clone(mine), func(g keyring.Grant) bool { return g.Purpose != string(providers.User) })
	if len(users) == 0 {
		b.only(words.OnlyUserTokens)
		return nil
	}
	from, err := b.Which(ctx, users, "")
	if err != nil {
		return err
	}
	b.say(words.AboutReuse(from))
	for _, name := range b.runtimes() {
		if others := b.of(name); name != from.Runtime && others[0].Host == from.Host {
			has := slices.ContainsFunc(others, func(g keyring.Grant) bool {
				return g.Purpose == from.Purpose && g.Account == from.Account
			})
			b.say(name + ", " + words.AboutOther(has, false) + ".")
		}
	}
	text, err := b.line(ctx, words.NamesOfOthers, words.AskReuse(from), "")
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	given, err := b.desk.Reuse(ctx, from, strings.Fields(text))
	for _, g := range given {
		b.say(words.GivenTo(g, b.about(g.Grant)))
		if g.Stored {
			b.keepTrack(g.Grant)
		}
	}
	return b.survive(ctx, err)
}

func (b *browser) rotate(ctx context.Context, mine []keyring.Grant) error {
	g, err := b.Which(ctx, mine, "")
	if err != nil {
		return err
	}
	p, h, err := b.desk.HostOf(g)
	if err != nil {
		return b.survive(ctx, err)
	}
	if !b.desk.CanRotate(g) {
		b.say(words.RotateOnPage(g, p.ManagePage(h)).String())
		return nil
	}
	until := b.desk.NewEnd(g)
	sharing, err := b.desk.Sharing(ctx, g)
	if err != nil {
		return b.survive(ctx, err)
	}
	if agreed, err := b.Agrees(ctx, words.ToRotate(g, until, sharing)); err != nil || !agreed {
		return err
	}
	b.outdate(g, sharing)
	rotated, err := b.desk.Rotate(ctx, g, until)
	if rotated, err = b.Insist(ctx, rotated, err); err != nil {
		return b.survive(ctx, err)
	}
	b.say(words.RotatedGrant(rotated, b.Now()))
	return nil
}

// outdate drops what this run found out about a token, and about those that
// share it.
func (b *browser) outdate(g keyring.Grant, sharing []keyring.Grant) {
	delete(b.checked, g.Key)
	for _, other := range sharing {
		delete(b.checked, other.Key)
	}
}

func (b *browser) revoke(ctx context.Context, mine []keyring.Grant) error {
	g, err := b.Which(ctx, mine, "")
	if err != nil {
		return err
	}
	p, h, err := b.desk.HostOf(g)
	if err != nil {
		return b.survive(ctx, err)
	}
	sharing, err := b.desk.Sharing(ctx, g)
	if err != nil {
		return b.survive(ctx, err)
	}
	page := ""
	if !b.desk.CanRevoke(g) {
		page = p.ManagePage(h)
	}
	if agreed, err := b.Agrees(ctx, words.ToRevoke(g, page, sharing)); err != nil || !agreed {
		return err
	}
	b.outdate(g, sharing)
	switch ended, err := b.desk.Dismiss(ctx, g); {
	case err != nil:
		return b.survive(ctx, err)
	case ended:
		b.say(words.RevokedGrant(g, sharing))
	default:
		b.say(words.OnlyForgotten(g, p.ManagePage(h), sharing).String())
	}
	return nil
}

// handOver says which command hands the token over. It holds no secret: it asks
// for the token when it runs.
func (b *browser) handOver(ctx context.Context, mine []keyring.Grant) error {
	g, err := b.Which(ctx, mine, "")
	if err != nil {
		return err
	}
	next := words.NextCommands(g)[0]
	b.say(next.About)
	b.only(next.Command)
	return nil
}
