package plain

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gitgrant/ui/words"
)

// Choose has the person choose one of several names, and returns its index.
// flag is what would have answered the question.
func (p *Person) Choose(ctx context.Context, question string, names []string, flag string) (int, error) {
	for {
		p.say(question)
		for i, name := range names {
			p.say(fmt.Sprintf("%d. %s", i+1, name))
		}
		text, err := p.line(ctx, "Number", question, flag)
		if err != nil {
			return 0, err
		}
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err == nil && n >= 1 && n <= len(names) {
			return n - 1, nil
		}
		p.say(words.AnswerNeeded())
	}
}

// Agrees asks for consent, which takes a yes: an empty answer is a no.
func (p *Person) Agrees(ctx context.Context, question string) (bool, error) {
	p.say(question)
	text, err := p.line(ctx, "yes, or Enter for no", question, "--yes")
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "yes":
		return err == nil, err
	default:
		return false, err
	}
}
