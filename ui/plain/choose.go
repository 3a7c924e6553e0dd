package plain

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/words"
)

// Choose has the person choose one of several names, and returns its index, or
// flows.ErrBack where they would rather not. flag is what would have answered the
// question.
func (p *Person) Choose(ctx context.Context, question string, names []string, flag string) (int, error) {
	for {
		p.say(question)
		for i, name := range names {
			p.say(words.Numbered(i+1, name))
		}
		text, err := p.line(ctx, words.PromptNumber, question, flag)
		if err != nil {
			return 0, err
		}
		word := strings.TrimSpace(text)
		at := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, word) })
		switch n, err := strconv.Atoi(word); {
		case err == nil && n >= 1 && n <= len(names):
			return n - 1, nil
		case at >= 0:
			return at, nil
		case strings.EqualFold(word, "b"), strings.EqualFold(word, "back"):
			return 0, flows.ErrBack
		case word == "":
			p.say(words.AnswerNeeded())
		default:
			p.say(words.ChooseHelp(len(names)))
		}
	}
}

// Which is the token of a runtime that is meant: the only one, or the one that the
// person chooses, by the rules of Choose.
func (p *Person) Which(ctx context.Context, mine []keyring.Grant, flag string) (keyring.Grant, error) {
	if len(mine) == 1 {
		return mine[0], nil
	}
	var names []string
	for _, g := range mine {
		names = append(names, words.GrantName(g))
	}
	i, err := p.Choose(ctx, words.WhichGrant(mine[0].Runtime), names, flag)
	if err != nil {
		return keyring.Grant{}, err
	}
	return mine[i], nil
}

// Agrees asks for consent, which takes a yes: an empty answer is a no.
func (p *Person) Agrees(ctx context.Context, question string) (bool, error) {
	p.say(question)
	text, err := p.line(ctx, words.PromptYes, question, "--yes")
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "yes":
		return err == nil, err
	default:
		return false, err
	}
}

// Insist keeps a new token in memory and tries to save it for as long as the
// person wants: the old one is dead.
func (p *Person) Insist(ctx context.Context, s flows.Successor, err error) (flows.Successor, error) {
	var unsaved *flows.UnsavedError
	for errors.As(err, &unsaved) {
		p.say(words.ProblemAt(err, p.Now()).String())
		again, asked := p.Agrees(ctx, words.SaveOnceMore)
		if asked != nil || !again {
			return s, errors.Join(err, asked)
		}
		if s, err = unsaved.Again(ctx); err != nil {
			unsaved.Err, err = err, unsaved
		}
	}
	return s, err
}
