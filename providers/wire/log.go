package wire

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gitgrant/providers/cause"
)

// told are the headers whose values may stand in a log: they say how an answer
// is to be read, which limits hold, and by which number the host finds it again.
// Of all others the name alone is told, whatever they are called.
var told = map[string]bool{
	"Accept": true, "Content-Encoding": true, "Content-Length": true, "Content-Type": true, "Date": true, "Retry-After": true, "User-Agent": true,
	"Ratelimit-Limit": true, "Ratelimit-Remaining": true, "Ratelimit-Reset": true,
	"X-Ratelimit-Limit": true, "X-Ratelimit-Remaining": true, "X-Ratelimit-Reset": true, "X-Ratelimit-Resource": true,
	"X-Oauth-Scopes": true, "X-Accepted-Oauth-Scopes": true, "X-Accepted-Github-Permissions": true, "Github-Authentication-Token-Expiration": true,
	"X-Github-Api-Version": true, "X-Github-Api-Version-Selected": true, "X-Github-Enterprise-Version": true, "X-Github-Request-Id": true,
	"X-Gitlab-Meta": true, "X-Request-Id": true, "X-Arequestid": true, "X-Seraph-Loginreason": true, "X-Authentication-Denied-Reason": true,
}

// maxTold bounds how many headers are told: a host may send thousands.
const maxTold = 40

// tell writes one exchange into the log: no body, no query, no value of a header
// that is not known to be harmless.
func (c *Client) tell(ctx context.Context, req *http.Request, a Answer, err error, took time.Duration) {
	if !c.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	facts := []slog.Attr{slog.String("method", req.Method), slog.String("url", bare(req.URL))}
	if names := parameters(req.URL); names != "" {
		facts = append(facts, slog.String("parameters", names))
	}
	if a.Status != 0 {
		facts = append(facts, slog.Int("status", a.Status))
	}
	facts = append(facts, slog.Duration("took", took.Round(time.Millisecond)))
	if err != nil {
		why := string(cause.Of(err).Kind)
		if ctx.Err() != nil {
			why = "abandoned"
		}
		facts = append(facts, slog.String("cause", why))
	}
	facts = append(facts, slog.GroupAttrs("sent", headers(req.Header)...), slog.GroupAttrs("got", headers(a.header)...))
	c.log.LogAttrs(ctx, slog.LevelDebug, "http", facts...)
}

// bare is an address without what may be confidential in it.
func bare(u *url.URL) string {
	return Clean((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String())
}

// parameters names what was asked for in an address, without the values.
func parameters(u *url.URL) string {
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	return Clean(strings.Join(names, " "))
}

// headers tells what is known to be harmless, and names the rest.
func headers(h http.Header) []slog.Attr {
	var names, others []string
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	var facts []slog.Attr
	for _, name := range names[:min(len(names), maxTold)] {
		if told[name] {
			facts = append(facts, slog.String(name, Clean(strings.Join(h[name], ", "))))
		} else {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		facts = append(facts, slog.String("others", Clean(strings.Join(others, " "))))
	}
	return facts
}
