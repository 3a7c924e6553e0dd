// Package wire speaks HTTP with Git hosts.
//
// Rules of this package:
//
//   - A token goes into the Authorization header, or into the body of a call
//     whose subject it is (OAuth, revocation), and only to an origin (scheme,
//     host, port) that the client was made for. Where a host sends it back, it
//     is masked.
//   - No redirect is followed, ever: Go would carry headers and bodies along.
//     Exchanges therefore go to the transport, which knows no redirects.
//   - Whatever comes back is bounded in size and time before anybody reads it,
//     and cleaned before anybody shows it.
//   - Every failure is a cause.Cause, so that no address with a secret in it,
//     no library text and no raw body reaches a person or a log.
package wire

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
)

// Bounds of one exchange.
const (
	maxBody     = 1 << 20          // bytes after decompression
	maxHeaders  = 64 << 10         // bytes
	maxHeader   = 4 << 10          // runes of one that is read
	maxExchange = 15 * time.Second // from dialling to the last byte
	peekBytes   = 4 << 10          // of a body whose beginning is enough
)

// ErrNotSendable says that a token holds something that may not go into a
// header: it has not been sent.
var ErrNotSendable = errors.New("the token holds characters that no token has")

// Auth is how a token is presented.
type Auth struct {
	Token secret.Secret
	// User is the user name for Basic; empty means Bearer.
	User string
}

// Request is one exchange to make.
type Request struct {
	Method string // default GET, or POST where there is a form
	URL    string
	Auth   Auth
	Header map[string]string
	Form   url.Values // sent as the body
	JSON   any        // the same, for APIs that take no form
	Peek   bool       // the first bytes of the body are enough
	// Secrets are in the body and, like the token, masked where the host sends
	// them back.
	Secrets []secret.Secret
}

// Answer is what came back, and when: what a host says of spans begins there.
type Answer struct {
	Host   string
	Status int
	Body   []byte
	At     time.Time
	header http.Header
}

// Has reports whether a header is there, even if it is empty.
func (a Answer) Has(name string) bool { return len(a.header.Values(name)) > 0 }

// Header returns a header, cleaned. It may be a long list.
func (a Answer) Header(name string) string {
	return clean(strings.Join(a.header.Values(name), ", "), maxHeader)
}

// LongestPause bounds what a host may say about when to come back.
const LongestPause = 24 * time.Hour

// Again is when the host may be asked again, where it names a pause in
// Retry-After (RFC 9110): a number of seconds, or a date. It is zero where the
// host names none, or one that has passed.
func (a Answer) Again() time.Time {
	after := a.Header("Retry-After")
	at, err := http.ParseTime(after)
	if n, number := strconv.ParseInt(after, 10, 64); number == nil {
		at, err = a.At.Add(time.Duration(min(n, int64(LongestPause/time.Second)))*time.Second), nil
	}
	if err != nil || !at.After(a.At) {
		return time.Time{}
	}
	if furthest := a.At.Add(LongestPause); at.After(furthest) {
		at = furthest
	}
	return at.UTC()
}

// Is reports whether the content type is this one.
func (a Answer) Is(contentType string) bool {
	got, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && got == contentType
}

// JSON reads the body into v. A body that is not JSON of that shape is a Cause.
func (a Answer) JSON(v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		return cause.Cause{Kind: cause.NotUnderstood, Host: a.Host, Status: a.Status, Detail: a.looksLike()}
	}
	return nil
}

// looksLike describes a body that was not understood without quoting it.
func (a Answer) looksLike() string {
	switch {
	case len(strings.TrimSpace(string(a.Body))) == 0:
		return "empty"
	case a.Is("text/html"):
		return "html"
	case a.Is("application/json"):
		return "json"
	default:
		return "other"
	}
}

// NotUnderstood is the Cause for an answer that does not have the shape that
// this host's API has.
func (a Answer) NotUnderstood() cause.Cause {
	return cause.Cause{Kind: cause.NotUnderstood, Host: a.Host, Status: a.Status, Detail: a.looksLike()}
}

// Client speaks with one Git host. It keeps its connections.
type Client struct {
	transport *http.Transport
	origins   map[string]bool
	userAgent string
	now       func() time.Time
	log       *slog.Logger
}

// Options are what the profile of a host says about reaching it.
type Options struct {
	UserAgent  string
	Bases      []string         // addresses that tokens may be sent to
	CAFile     string           // PEM, trusted beside the system's
	ClientCert string           // PEM
	ClientKey  string           // PEM
	Proxy      string           // overrides the environment
	Now        func() time.Time // the clock; the system's where it is nil
	Log        *slog.Logger     // gets a line for every exchange, without secrets; nil for nobody
}

// New makes a client. A profile that cannot be used is a cause.Profile.
func New(o Options) (*Client, error) {
	transport, err := transport(o)
	if err != nil {
		return nil, err
	}
	c := &Client{transport: transport, origins: map[string]bool{}, userAgent: o.UserAgent, now: o.Now, log: o.Log}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	for _, base := range o.Bases {
		if u, err := address.Parse(base); err == nil {
			c.origins[address.Origin(u)] = true
		}
	}
	return c, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Do makes one exchange. The error is a cause.Cause, ErrNotSendable, or
// context.Canceled where the caller has lost interest.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	bounded, cancel := context.WithTimeout(ctx, maxExchange)
	defer cancel()
	req, err := c.request(bounded, r)
	if err != nil {
		return Answer{}, err
	}
	begun := time.Now()
	a, err := c.exchange(req, r)
	c.tell(ctx, req, a, err, time.Since(begun))
	return a, err
}

func (c *Client) exchange(req *http.Request, r Request) (Answer, error) {
	host := req.URL.Host
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return Answer{}, c.explain(req, err)
	}
	defer resp.Body.Close()
	a := Answer{Host: host, Status: resp.StatusCode, At: c.now(), header: resp.Header}
	echoes := r.echoes()
	for _, values := range a.header {
		for i, value := range values {
			values[i] = echoes.Replace(value)
		}
	}
	switch {
	case redirects(a.Status):
		return a, cause.Cause{Kind: cause.Redirected, Host: host, Status: a.Status, Detail: target(resp)}
	case a.Status == http.StatusProxyAuthRequired:
		return a, cause.Cause{Kind: cause.ProxyRefused, Host: host, Status: a.Status, Detail: c.proxyOf(req)}
	}
	body, err := read(resp.Body, r.Peek)
	a.Body = []byte(echoes.Replace(string(body)))
	if errors.Is(err, errTooLarge) {
		return a, cause.Cause{Kind: cause.TooLarge, Host: host, Status: a.Status}
	}
	if err != nil {
		return a, c.explain(req, err)
	}
	return a, nil
}

func redirects(status int) bool {
	return status >= 300 && status < 400 && status != http.StatusNotModified
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	var body io.Reader
	method := r.Method
	text, contentType, err := r.body()
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		body = strings.NewReader(text)
	}
	if method == "" {
		method = http.MethodGet
		if body != nil {
			method = http.MethodPost
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, r.URL, body)
	if err != nil {
		return nil, cause.Cause{Kind: cause.Profile, Detail: "address"}
	}
	if !c.origins[address.Origin(req.URL)] {
		return nil, cause.Cause{Kind: cause.Profile, Host: req.URL.Host, Detail: "foreign address"}
	}
	req.Header.Set("User-Agent", c.userAgent)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	return req, r.Auth.apply(req)
}

// body is what is sent, with its content type; both are empty where there is
// nothing to send.
func (r Request) body() (text, contentType string, err error) {
	switch {
	case r.Form != nil:
		return r.Form.Encode(), "application/x-www-form-urlencoded", nil
	case r.JSON != nil:
		b, err := json.Marshal(r.JSON)
		return string(b), "application/json", err
	default:
		return "", "", nil
	}
}

func (a Auth) apply(req *http.Request) error {
	if a.Token.Empty() {
		return nil
	}
	if !a.Token.Sendable() {
		return ErrNotSendable
	}
	if a.User == "" {
		req.Header.Set("Authorization", "Bearer "+a.Token.Reveal())
		return nil
	}
	req.Header.Set("Authorization", "Basic "+a.pair())
	return nil
}

func (a Auth) pair() string {
	return base64.StdEncoding.EncodeToString([]byte(a.User + ":" + a.Token.Reveal()))
}

// shortest is the length of the shortest token that is looked for in answers.
// What is shorter is no token, and occurs everywhere.
const shortest = 8

// echoes masks in what a host sends back what was sent to it in confidence:
// messages and error pages like to quote the request.
func (r Request) echoes() *strings.Replacer {
	texts := []string{r.Auth.Token.Reveal(), r.Auth.pair()}
	for _, s := range r.Secrets {
		texts = append(texts, s.Reveal(), url.QueryEscape(s.Reveal()))
	}
	var pairs []string
	for _, text := range texts {
		if len(text) >= shortest {
			pairs = append(pairs, text, secret.Mask)
		}
	}
	return strings.NewReplacer(pairs...)
}

var errTooLarge = errors.New("body over the limit")

func read(body io.Reader, peek bool) ([]byte, error) {
	if peek {
		beginning, err := io.ReadAll(io.LimitReader(body, peekBytes))
		if len(beginning) > 0 {
			return beginning, nil
		}
		return nil, err
	}
	all, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err == nil && len(all) > maxBody {
		return nil, errTooLarge
	}
	return all, err
}

// target names where a redirect points, without path or query, which may hold
// anything.
func target(resp *http.Response) string {
	u, err := resp.Location()
	if err != nil {
		return ""
	}
	return Clean(u.Scheme + "://" + u.Hostname())
}
