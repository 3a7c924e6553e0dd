package plain

import (
	"context"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// Authorize talks a person through installing a grant, or through
// re-authorizing the one that is given, and then through the next one that they
// want to go on with.
func (p *Person) Authorize(ctx context.Context, d *flows.Desk, old *keyring.Grant, a flows.Answers) ([]flows.Outcome, error) {
	var outcomes []flows.Outcome
	for {
		c, err := p.converse(ctx, d, old, a)
		if err != nil {
			return outcomes, err
		}
		outcome := c.Outcome()
		outcomes = append(outcomes, outcome)
		if !outcome.GoOn {
			return outcomes, nil
		}
		old, a = nil, flows.Answers{Runtime: c.Answers().Runtime, Purpose: providers.User}
	}
}

func (p *Person) converse(ctx context.Context, d *flows.Desk, old *keyring.Grant, a flows.Answers) (*flows.Conversation, error) {
	world, err := d.World(true)
	if err != nil {
		return nil, err
	}
	p.told, p.backed = "", place{}
	c, effects, err := flows.Begin(world, old, a)
	if err != nil {
		return nil, err
	}
	return c, flows.Drive(ctx, d, c, effects, p)
}
