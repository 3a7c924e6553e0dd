// Package flows is what happens, step by step: checking a token, installing
// and re-authorizing a grant, looking after stored ones.
//
// Rules of this package:
//
//   - It knows no terminal and no HTTP. A conversation is a state machine:
//     answers and events go in, questions and effects come out. The terminal
//     UI, the plain lines, the flags and the tests drive the same machine.
//   - Going back keeps answers; changing one resets only what depends on it.
//   - A token that was obtained is kept in memory until it is saved or the
//     person gives it up knowingly.
//   - A token that is stored was checked, and what could not be asked is never
//     called bad.
package flows

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// Hosts are the profiles of Git hosts.
type Hosts interface {
	// Resolve turns what a person typed into a host, with its profile laid over
	// what the provider knows.
	Resolve(p providers.Provider, input string) (providers.Host, error)
	// At is the host with a profile that something pasted belongs to.
	At(p address.Pasted) (providers.Host, bool)
	// Only is the one host of a kind that has a profile, to be suggested.
	Only(kind providers.Kind) (providers.Host, bool)
	// LimitedBy is the file that limits the methods of a host.
	LimitedBy(url string) string
	// Set adds or changes a profile.
	Set(h providers.Host) error
}

// Desk is what flows work with: one for the life of the program.
type Desk struct {
	Providers []providers.Provider
	Hosts     Hosts
	Ring      *keyring.Ring
	// UserAgent is how requests introduce the program.
	UserAgent string
	// Now is the clock.
	Now func() time.Time
	// Log gets a line for every request, without secrets. Nil for nobody.
	Log *slog.Logger
	// Within is how long before its end a token counts as expiring.
	Within time.Duration
	// Remote is the address that a git remote of this name has, in the folder
	// that the program runs in. Nil where nobody looks there.
	Remote func(ctx context.Context, name string) (address string, ok bool)
	// Here is where the program runs.
	Here Place
	// Pages are what a browser shows that comes back from a sign-in.
	Pages oauth.Pages
	// OpenVault makes the vault the store of the ring, for a person who chose
	// it while the keychain was not usable. Nil where there is no choice.
	OpenVault func() error

	mu       sync.Mutex
	clients  map[string]*wire.Client
	renewals map[keyring.Key]time.Time // what this process renewed, by when it was saved
	unsaved  map[keyring.Key]Fresh     // what it renewed and the store did not take
}

// Provider finds the provider of a kind.
func (d *Desk) Provider(kind providers.Kind) (providers.Provider, bool) {
	for _, p := range d.Providers {
		if p.Kind() == kind {
			return p, true
		}
	}
	return nil, false
}

// HostOf finds the host of a stored grant. A profile that says by now that it
// is of another kind is an error: its answers would be read wrongly.
func (d *Desk) HostOf(g keyring.Grant) (providers.Provider, providers.Host, error) {
	p, ok := d.Provider(providers.Kind(g.Provider))
	if !ok {
		return nil, providers.Host{}, &UnknownProviderError{Kind: g.Provider}
	}
	h, err := d.Hosts.Resolve(p, g.Host)
	return p, h, err
}

// client keeps one client a host, so that connections are used again.
func (d *Desk) client(h providers.Host) (*wire.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := fmt.Sprintf("%q", []string{h.WebURL, h.APIURL, h.CAFile, h.ClientCert, h.ClientKey, h.Proxy})
	if c, ok := d.clients[key]; ok {
		return c, nil
	}
	c, err := wire.New(wire.Options{
		UserAgent:  d.UserAgent,
		Bases:      []string{h.WebURL, h.APIURL},
		CAFile:     h.CAFile,
		ClientCert: h.ClientCert,
		ClientKey:  h.ClientKey,
		Proxy:      h.Proxy,
		Now:        d.Now,
		Log:        d.Log,
	})
	if err != nil {
		why := cause.Of(err)
		_, why.Host, _ = strings.Cut(h.URL, "://")
		return nil, why
	}
	if d.clients == nil {
		d.clients = map[string]*wire.Client{}
	}
	d.clients[key] = c
	return c, nil
}

// Usable is the cause why this machine could not speak with a host by its profile,
// a file that cannot be read perhaps; nobody is asked for it.
func (d *Desk) Usable(h providers.Host) error {
	_, err := d.client(h)
	return err
}

// application is an OAuth application of a host with its secret, where one is
// kept: that of the application in the profile. The one that issued a grant may
// be another by now, and its secret is then not known any more. The device flow
// does without one, and so does what came of it.
func (d *Desk) application(ctx context.Context, p providers.Provider, h providers.Host, clientID string, m providers.Method) (oauth.Application, error) {
	own := h.ClientID == clientID
	h.ClientID = clientID
	a := p.Application(h)
	a.Now = d.Now
	if !own || m == providers.Device {
		return a, nil
	}
	kept, err := d.Ring.HostSecret(ctx, h.URL)
	if errors.Is(err, keyring.ErrNotFound) {
		return a, nil
	}
	a.Secret = kept
	return a, err
}

// Close drops the connections to all hosts.
func (d *Desk) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.clients {
		c.Close()
	}
	d.clients = nil
}

// meetBudget is how long a person waits to hear that a host is there.
const meetBudget = 2 * time.Second

// Meet asks a host without a token what it is. One that is not what it was
// taken for is asked what it is instead.
func (d *Desk) Meet(ctx context.Context, p providers.Provider, h providers.Host) (version string, err error) {
	c, err := d.client(h)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, meetBudget)
	defer cancel()
	version, err = p.Meet(ctx, c, h)
	if !cause.Is(err, cause.WrongHost) {
		return version, err
	}
	pasted, parsed := address.Paste(h.URL)
	if parsed != nil {
		return "", err
	}
	found, failed := d.ask(ctx, d.candidates(pasted))
	if failed != nil || found.Provider.Kind() == p.Kind() {
		return "", err
	}
	return "", &OtherKindError{Host: h.URL, Is: found.Provider.Kind(), Wanted: p.Kind()}
}
