package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"sync"

	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Found is a host that was found behind something pasted.
type Found struct {
	Provider providers.Provider
	Host     providers.Host
	// Met says that the host was asked what it is; one that is known by its
	// name is not.
	Met     bool
	Version string // where it was met and tells
}

// UnknownHostError says that nothing at an address answers as a Git host.
type UnknownHostError struct{ Host string }

func (e *UnknownHostError) Error() string {
	return fmt.Sprintf("%s is no Git host that is known", e.Host)
}

// remoteName is what may be the name of a remote rather than that of a host.
var remoteName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`) })

// Detect finds the host behind an address of anything on it, or behind a git
// remote of the folder that the program runs in. One that has a profile, or is
// known by its name, is not asked; any other is asked as every kind at once, and
// without a token, for as long as a person waits.
func (d *Desk) Detect(ctx context.Context, text string) (Found, error) {
	if d.Astray(text) {
		return Found{}, address.ErrHost
	}
	ctx, cancel := context.WithTimeout(ctx, meetBudget)
	defer cancel()
	p, err := address.Paste(d.address(ctx, text))
	if err != nil {
		return Found{}, err
	}
	if found, ok := d.known(p); ok {
		return found, nil
	}
	return d.ask(ctx, d.candidates(p))
}

// Place finds the host that somebody named, who may have said as well what it
// is. What is just the address of a host is then taken as it is; for anything
// on a host the host is looked for, and where none is found the address is what
// was meant.
func (d *Desk) Place(ctx context.Context, kind providers.Kind, text string) (Found, error) {
	if kind == "" {
		return d.Detect(ctx, text)
	}
	p, ok := d.Provider(kind)
	switch {
	case !ok:
		return Found{}, &UnknownProviderError{Kind: string(kind)}
	case d.Astray(text):
		return Found{}, address.ErrHost
	}
	h, named := d.Hosts.Resolve(p, text)
	if text == "" || isBase(text) {
		return Found{Provider: p, Host: h}, named
	}
	found, err := d.Detect(ctx, text)
	switch {
	case err == nil && found.Provider.Kind() != kind:
		return Found{}, &OtherKindError{Host: found.Host.URL, Is: found.Provider.Kind(), Wanted: kind}
	case err != nil && named == nil:
		return Found{Provider: p, Host: h}, nil
	default:
		return found, err
	}
}

// Astray reports whether a text is a token in the wrong place: git would be asked
// for a remote of that name where everybody on this machine can see, and a name
// service for a host.
func (d *Desk) Astray(text string) bool {
	return remoteName().MatchString(text) && LooksLikeToken(d.Providers, text)
}

// isBase reports whether a text is the address of a host and nothing more.
func isBase(text string) bool {
	base, err := address.Parse(text)
	return err == nil && base.Path == "" && !remoteName().MatchString(text)
}

// address is what a git remote of this name points to, or the text as it is.
func (d *Desk) address(ctx context.Context, text string) string {
	if d.Remote != nil && remoteName().MatchString(text) {
		if pointed, ok := d.Remote(ctx, text); ok {
			return pointed
		}
	}
	return text
}

// known finds a host that nobody needs to ask.
func (d *Desk) known(pasted address.Pasted) (Found, bool) {
	if h, ok := d.Hosts.At(pasted); ok {
		p, known := d.Provider(h.Provider)
		return Found{Provider: p, Host: h}, known
	}
	for _, p := range d.Providers {
		cloud, err := p.Locate("")
		if err != nil {
			continue
		}
		if h, err := d.Hosts.Resolve(p, pasted.Bases[0]); err == nil && h.URL == cloud.URL {
			return Found{Provider: p, Host: h}, true
		}
	}
	return Found{}, false
}

// candidate is what a host may be, and where.
type candidate struct {
	Found
	base int // index of its base, shortest first
	err  error
}

// candidates are all kinds that a host may be at all places where it may begin.
func (d *Desk) candidates(pasted address.Pasted) []candidate {
	var list []candidate
	for i, base := range pasted.Bases {
		for _, p := range d.Providers {
			if h, err := d.Hosts.Resolve(p, base); err == nil {
				list = append(list, candidate{Found: Found{Provider: p, Host: h}, base: i})
			}
		}
	}
	return list
}

// ask asks all candidates at once over the same connections. The shortest base
// that answers wins: below a host that is there, everything is a page of it,
// and a group or project may have any name.
func (d *Desk) ask(ctx context.Context, list []candidate) (Found, error) {
	if len(list) == 0 {
		return Found{}, providers.ErrOtherKind
	}
	o := wire.Options{UserAgent: d.UserAgent, Log: d.Log}
	for _, c := range list {
		o.Bases = append(o.Bases, c.Host.WebURL, c.Host.APIURL)
	}
	client, err := wire.New(o)
	if err != nil {
		return Found{}, err
	}
	defer client.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan candidate, len(list))
	open := map[int]int{}
	for _, c := range list {
		open[c.base]++
		go func() { answers <- c.meet(ctx, client) }()
	}
	var came []candidate
	for range list {
		c := <-answers
		came = append(came, c)
		open[c.base]--
		if best, ok := shortest(came, open); ok {
			return best.Found, nil
		}
	}
	return Found{}, whyNone(came, list[0].Host.URL)
}

// meet asks one candidate. A fault of the program is no answer.
func (c candidate) meet(ctx context.Context, client *wire.Client) (met candidate) {
	met = c
	defer func() {
		if recover() != nil {
			met.Met, met.err = false, ErrFault
		}
	}()
	met.Version, met.err = c.Provider.Meet(ctx, client, c.Host)
	met.Met = met.err == nil
	return met
}

// shortest is the host that was met at the shortest base, once nothing shorter
// may still answer.
func shortest(came []candidate, open map[int]int) (candidate, bool) {
	best := -1
	for i, c := range came {
		if c.Met && (best < 0 || c.base < came[best].base) {
			best = i
		}
	}
	if best < 0 {
		return candidate{}, false
	}
	for base := range came[best].base {
		if open[base] > 0 {
			return candidate{}, false
		}
	}
	return came[best], true
}

// whyNone is why no host was found: what stood in the way of asking, the
// nearest to where most hosts begin; else what an answer had to say for itself;
// else that something else lives there.
func whyNone(came []candidate, url string) error {
	sort.SliceStable(came, func(i, j int) bool { return came[i].base < came[j].base })
	var said *cause.Cause
	for _, c := range came {
		var why cause.Cause
		switch {
		case errors.Is(c.err, context.Canceled):
			return c.err
		case !errors.As(c.err, &why):
		case why.Status == 0 || why.Kind == cause.ProxyRefused:
			return why
		case said == nil && (why.Kind == cause.Redirected || why.Kind == cause.ServerError || why.Kind == cause.RateLimited):
			said = &why
		}
	}
	if said != nil {
		return *said
	}
	return &UnknownHostError{Host: url}
}
