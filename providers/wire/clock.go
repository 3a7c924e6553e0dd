package wire

import (
	"context"
	"net/http"
	"time"
)

// Clock asks what time it is at a host. Any answer will do, also a refusal; the
// time is zero where there is none in it.
func (c *Client) Clock(ctx context.Context, to string) (time.Time, error) {
	a, err := c.Do(ctx, Request{Method: http.MethodHead, URL: to})
	if a.Status == 0 {
		return time.Time{}, err
	}
	at, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // a host need not tell
	}
	return at, nil
}

// Proxy names the proxy on the way to an address; empty where there is none.
func (c *Client) Proxy(ctx context.Context, to string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
	if err != nil {
		return ""
	}
	return c.proxyOf(req)
}
