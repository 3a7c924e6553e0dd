package plain

import (
	"context"
	"errors"
	"strings"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/ui/words"
)

// errDeaf says that nothing more will be heard.
var errDeaf = errors.New("deaf")

// Listen implements flows.Listener: the address that a browser ended on, or a
// step back. It reads only what is there, so that an answer to the next
// question is not swallowed; what comes through a pipe is meant for those.
func (p *Person) Listen(ctx context.Context, q flows.Question) (flows.Answer, error) {
	if q.Ask == flows.AskNothing && !p.In.Terminal() {
		return flows.Answer{}, errDeaf
	}
	for {
		text, err := p.In.Ready(ctx)
		if err != nil {
			return flows.Answer{}, err
		}
		switch word := strings.ToLower(strings.TrimSpace(text)); {
		case word == "":
		case word == "b", word == "back":
			return flows.Answer{}, flows.ErrBack
		case word == "?", q.Ask == flows.AskNothing:
			p.say(words.LinesHelp(q))
		default:
			return flows.Answer{Secret: secret.New(text)}, nil
		}
	}
}

// glance is how long one look for input lasts, and so how late a wait for it
// ends that is no longer wanted.
const glance = 50 * time.Millisecond

// Ready is Line for somebody who can do without an answer: once the context
// ends, nobody reads any more. Where the system cannot be asked whether there is
// input, there is none.
func (in *Input) Ready(ctx context.Context) (string, error) {
	if in.file == nil {
		return "", errDeaf // written beforehand, and meant for questions
	}
	for in.lines.Buffered() == 0 {
		switch ready, err := readable(in.file, glance); {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return "", err
		case ready:
			return in.Line(ctx)
		}
	}
	return in.Line(ctx)
}
