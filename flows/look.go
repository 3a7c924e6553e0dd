package flows

import (
	"context"
	"sync"
	"time"

	"gitgrant/providers"
)

// Look is what a host looks like from here, without any token.
type Look struct {
	Host    providers.Host
	Version string        // where it tells
	Proxy   string        // on the way to it; empty where there is none
	Ahead   time.Duration // how far the clock here is ahead of its own, to the second
	Err     error         // why it could not be spoken with
}

// LookAt looks at the hosts of all grants and at others, all at once.
func (d *Desk) LookAt(ctx context.Context, others []providers.Host) ([]Look, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, err
	}
	var hosts []providers.Host
	for _, g := range grants {
		if _, h, err := d.HostOf(g); err == nil {
			hosts = append(hosts, h)
		}
	}
	var looks []Look
	seen := map[string]bool{}
	for _, h := range append(hosts, others...) {
		if !seen[h.URL] {
			seen[h.URL] = true
			looks = append(looks, Look{Host: h})
		}
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, perHost)
	for i := range looks {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			d.look(ctx, &looks[i])
		})
	}
	group.Wait()
	return looks, ctx.Err()
}

func (d *Desk) look(ctx context.Context, l *Look) {
	p, ok := d.Provider(l.Host.Provider)
	if !ok {
		l.Err = &UnknownProviderError{Kind: string(l.Host.Provider)}
		return
	}
	c, err := d.client(l.Host)
	if err != nil {
		l.Err = err
		return
	}
	l.Proxy = c.Proxy(ctx, l.Host.APIURL)
	if l.Version, l.Err = p.Meet(ctx, c, l.Host); l.Err != nil {
		return
	}
	if at, err := c.Clock(ctx, l.Host.APIURL); err == nil && !at.IsZero() {
		l.Ahead = d.Now().Sub(at).Truncate(time.Second)
	}
}
