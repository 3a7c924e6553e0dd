package oauth

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers/address"
)

// ErrNotReturn says that an address is not the one that the browser ended on.
var ErrNotReturn = errors.New("that is not the address that the browser ended on")

// Pages are what a browser shows when it comes back, as HTML that is the same
// whatever it brought. An empty one is an empty page.
type Pages struct {
	Returned []byte // with a code
	Denied   []byte // with a refusal
	Stray    []byte // with nothing that this sign-in waits for
}

// Bounds of one request at the callback. Nobody but a browser on this very
// machine has business there.
const (
	callbackPatience = 5 * time.Second // from the connection to the last byte, each way
	callbackHeaders  = 16 << 10        // bytes
	maxCode          = 2000            // bytes
)

// callback listens where the browser ends. Nothing that is said there ends the
// wait, except what carries the state of this visit; and that only once.
type callback struct {
	host     string // with port, as the browser has to name it
	path     string
	listener net.Listener
	server   *http.Server
	done     chan struct{}
}

// openCallback listens on loopback alone: on the first of the ports that is
// free, or on any.
func openCallback(redirect *url.URL, ports []uint16) (*callback, error) {
	at := netip.MustParseAddr("127.0.0.1") // also where the registration says localhost
	if !address.Loopback(redirect.Hostname()) {
		return nil, errors.New("not a loopback address")
	}
	if len(ports) == 0 {
		ports = []uint16{0}
	}
	var err error
	for _, port := range ports {
		var l net.Listener
		l, err = net.Listen("tcp4", netip.AddrPortFrom(at, port).String()) //nolint:noctx // nothing waits
		if err != nil {
			continue
		}
		taken := l.Addr().(*net.TCPAddr).Port
		host := net.JoinHostPort(redirect.Hostname(), strconv.Itoa(taken))
		if redirect.Path == "" {
			redirect.Path = "/"
		}
		return &callback{host: host, path: redirect.Path, listener: l, done: make(chan struct{})}, nil
	}
	return nil, err
}

func (c *callback) serve(v *Visit, pages Pages) {
	c.server = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.answer(v, pages, w, r) }),
		ReadTimeout:       callbackPatience,
		ReadHeaderTimeout: callbackPatience,
		WriteTimeout:      callbackPatience,
		IdleTimeout:       callbackPatience,
		MaxHeaderBytes:    callbackHeaders,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	c.server.SetKeepAlivesEnabled(false)
	go func() {
		defer close(c.done)
		_ = c.server.Serve(c.listener) // it ends by being closed
	}()
}

// close ends everything at once: whoever is slow waits in vain.
func (c *callback) close() {
	_ = c.server.Close()
	<-c.done
}

// answer looks at everything before it says anything. What is wrong with a
// request is told by its status alone.
func (c *callback) answer(v *Visit, pages Pages, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host != c.host || r.URL.Host != "":
		show(w, http.StatusBadRequest, pages.Stray) // a page elsewhere, by a name of its own
	case r.URL.Path != c.path || r.URL.RawPath != "":
		show(w, http.StatusNotFound, pages.Stray)
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		show(w, http.StatusMethodNotAllowed, pages.Stray)
	default:
		c.receive(v, pages, w, r)
	}
}

// receive takes what a browser brings. The door closes behind the first that
// brings the right thing, and not before it has its page.
func (c *callback) receive(v *Visit, pages Pages, w http.ResponseWriter, r *http.Request) {
	brought, ok := v.read(r.URL.RawQuery)
	if !ok {
		show(w, http.StatusBadRequest, pages.Stray)
		return
	}
	brought.shown = make(chan struct{})
	defer close(brought.shown)
	switch {
	case !v.take(brought):
		show(w, http.StatusGone, pages.Stray)
	case brought.refusal.Error != "":
		show(w, http.StatusOK, pages.Denied)
	default:
		show(w, http.StatusOK, pages.Returned)
	}
}

func show(w http.ResponseWriter, status int, page []byte) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Connection", "close")
	header.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	_, _ = w.Write(page)
	_ = http.NewResponseController(w).Flush()
}

// errorCode is what a host may call an error.
var errorCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`) })

// read reads the query that a browser came back with. It is false for what has
// not the state of this visit, or is in any way not what a host sends.
func (v *Visit) read(query string) (result, bool) {
	values, err := url.ParseQuery(query)
	if err != nil || len(values["state"]) != 1 || !v.isState(values.Get("state")) {
		return result{}, false
	}
	for _, name := range []string{"code", "error", "error_description", "iss"} {
		if len(values[name]) > 1 {
			return result{}, false
		}
	}
	code, failed := values.Get("code"), values.Get("error")
	switch {
	case values.Has("iss") && !v.issued(values.Get("iss")):
		return result{}, false
	case values.Has("code") == values.Has("error"):
		return result{}, false
	case values.Has("error"):
		return result{refusal: refusal{Error: failed, Description: values.Get("error_description")}}, errorCode().MatchString(failed)
	default:
		brought := secret.New(code)
		return result{code: brought}, len(code) <= maxCode && brought.Sendable()
	}
}

func (v *Visit) isState(text string) bool {
	return v.state.Equal(secret.New(text))
}

// issued holds the issuer that a host names (RFC 9207) against the host: the
// answer of another one is not for this visit.
func (v *Visit) issued(issuer string) bool {
	named, err := url.Parse(issuer)
	home, homeErr := url.Parse(v.browser.Site)
	return err == nil && homeErr == nil && named.User == nil && address.Origin(named) == address.Origin(home)
}
