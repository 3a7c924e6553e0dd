package bitbucket

import (
	"context"
	"net/http"
	"time"

	"gitgrant/providers/wire"
)

// between is the pause before Bitbucket is asked about a refused token again:
// long enough for another of its machines, or a better moment, to answer.
const between = 2 * time.Second

// get asks one address of the API.
func (p *Provider) get(ctx context.Context, c *wire.Client, to string, auth wire.Auth) (wire.Answer, error) {
	return p.twice(ctx, func() (wire.Answer, error) {
		return c.Do(ctx, wire.Request{URL: to, Auth: auth, Header: map[string]string{"Accept": "application/json"}})
	})
}

// twice asks again where the answer is 401, which tokens that are good meet now
// and then. The second answer counts, whatever it is.
func (p *Provider) twice(ctx context.Context, ask func() (wire.Answer, error)) (wire.Answer, error) {
	a, err := ask()
	if err != nil || a.Status != http.StatusUnauthorized {
		return a, err
	}
	if err := p.sleep(ctx, between); err != nil {
		return a, err
	}
	return ask()
}

func (p *Provider) sleep(ctx context.Context, pause time.Duration) error {
	if p.Sleep != nil {
		return p.Sleep(ctx, pause)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
