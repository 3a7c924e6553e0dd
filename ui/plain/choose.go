package plain

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"gitgrant/flows"
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
