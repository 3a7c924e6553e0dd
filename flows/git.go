package flows

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// GitQuery is what git wants a credential for.
type GitQuery struct {
	Protocol string
	Host     string // with its port, where it has one of its own
	Path     string // empty unless git was told to name it
	Username string // empty unless the address names it
	// Runtime and Purpose are what the configuration of git asks for by name:
	// any runtime, and user tokens, where they are empty.
	Runtime string
	Purpose providers.Purpose
	Headers bool // it can send a token as Bearer, without a user name
}

// SeveralAccountsError says that tokens of several accounts fit, and nothing
// tells which is meant. Host is the address that people clone from.
type SeveralAccountsError struct {
	Host     string
	Accounts []string
}

func (e *SeveralAccountsError) Error() string {
	return fmt.Sprintf("tokens of %d accounts fit %s", len(e.Accounts), e.Host)
}

// DeadError says that the token which fits is of no use any more.
type DeadError struct {
	Grant   keyring.Grant
	Verdict Verdict
}

func (e *DeadError) Error() string { return fmt.Sprintf("the token is %s", e.Verdict.Status) }

// AsPasswordError says that git was refused with a token that it had to send as
// a password, where the host may take it as Bearer alone: nothing is known of the
// token by that.
type AsPasswordError struct{ Grant keyring.Grant }

func (e *AsPasswordError) Error() string { return "the token was sent as a password" }

// GitCredential finds the grant that git is to use and its credential,
// refreshed where it is about to end. Nothing fits: no grant and no error. A
// token that has ended or was refused is never served.
func (d *Desk) GitCredential(ctx context.Context, q GitQuery) (*keyring.Grant, secret.Secret, error) {
	fit, err := d.fitting(q)
	if err != nil || len(fit) == 0 {
		return nil, secret.Secret{}, err
	}
	g, err := d.choose(best(fit))
	if err != nil {
		return nil, secret.Secret{}, err
	}
	v := d.LastKnown(g)
	if v.Status.Gone() && !(v.Status == Expired && ShortLived(g)) { // that one may be renewed
		return nil, secret.Secret{}, &DeadError{g, v}
	}
	fresh, err := d.Fresh(ctx, g)
	if err != nil {
		return nil, secret.Secret{}, err
	}
	g = fresh.Grant
	switch v, stopped := d.stopped(d.LastKnown(g), fresh); {
	case v.Status.Gone():
		return nil, secret.Secret{}, &DeadError{g, v}
	case stopped:
		return nil, secret.Secret{}, fresh.Problem // it has ended, and could not be renewed now
	}
	return &g, fresh.Credential.Token, nil
}

// GitRefused marks the grants whose token git was refused with. Tokens are
// compared in memory; nothing is deleted, and a check may find the token well.
// An AsPasswordError says that the refusal tells nothing.
func (d *Desk) GitRefused(ctx context.Context, q GitQuery, token secret.Secret) error {
	if token.Empty() {
		return nil
	}
	q.Username, q.Path = "", "" // what git was answered, and not what it asked
	fit, err := d.fitting(q)
	if err != nil {
		return err
	}
	for _, f := range fit {
		c, err := d.Ring.Credential(ctx, f.grant.Key)
		if err != nil || !c.Access.Equal(token) {
			continue
		}
		if s, err := d.Handover(f.grant); err == nil && s.Names.Bearer && !q.Headers {
			return &AsPasswordError{f.grant}
		}
		host := cause.Cause{Kind: cause.ToldByGit, Host: q.Host}
		err = d.Ring.Note(f.grant.Key, func(g *keyring.Grant) {
			if !g.SavedAt.Equal(f.grant.SavedAt) || d.LastKnown(*g).Status.Gone() {
				return // another token came meanwhile, or more is known than that it is refused
			}
			v := Remembered(*g)
			v.Status, v.Cause, v.CheckedAt = Rejected, &host, d.Now().UTC()
			record(g, v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fit is a grant that may be meant, and how well it fits.
type fit struct {
	grant keyring.Grant
	web   string
	base  int // parts of the path that are the address of its host
	repo  int // parts of the path that a repository of the grant shares
	name  int // whether the user name is the account's own
}

// fitting are the grants for an address.
func (d *Desk) fitting(q GitQuery) ([]fit, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, err
	}
	purpose := cmp.Or(q.Purpose, providers.User)
	var list []fit
	for _, g := range grants {
		if g.Purpose != string(purpose) || q.Runtime != "" && g.Runtime != q.Runtime {
			continue
		}
		if f, ok := d.fits(q, g); ok {
			list = append(list, f)
		}
	}
	return list, nil
}

func (d *Desk) fits(q GitQuery, g keyring.Grant) (fit, bool) {
	p, h, err := d.HostOf(g)
	if err != nil {
		return fit{}, false
	}
	web, err := url.Parse(h.WebURL)
	if err != nil || !sameSite(q, web) {
		return fit{}, false
	}
	f := fit{grant: g, web: h.WebURL}
	path, base := parts(q.Path), parts(web.Path)
	if q.Path != "" {
		if f.base = common(path, base); f.base < len(base) {
			return fit{}, false
		}
		path = path[len(base):]
	}
	if g.Provider == string(providers.BitbucketServer) && len(path) > 0 && path[0] == "scm" {
		path = path[1:] // where this kind of host keeps its clones
	}
	for _, repo := range g.Repositories {
		f.repo = max(f.repo, common(path, parts(repo)))
	}
	switch {
	case q.Username == "":
	case strings.EqualFold(q.Username, g.Account), strings.EqualFold(q.Username, g.Username):
		f.name = 1
	case q.Username != HandoverOf(p, h, g).Names.Git:
		return fit{}, false
	}
	return f, true
}

// sameSite reports whether git speaks with a host at the scheme, name and port
// that it has. Nothing travels in plain, except to this very machine.
func sameSite(q GitQuery, web *url.URL) bool {
	if q.Protocol != web.Scheme || !strings.EqualFold(portless(q.Host, q.Protocol), portless(web.Host, web.Scheme)) {
		return false
	}
	return web.Scheme == "https" || web.Scheme == "http" && loopback(web.Hostname())
}

// portless leaves out the port that a scheme has by itself.
func portless(host, scheme string) string {
	switch scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	default:
		return host
	}
}

func loopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// parts are those of a path, without the ending that clones may have.
func parts(path string) []string {
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// common counts the parts with which both begin. Hosts do not tell the case of
// a path apart.
func common(a, b []string) int {
	n := 0
	for n < min(len(a), len(b)) && strings.EqualFold(a[n], b[n]) {
		n++
	}
	return n
}

// best are those that fit best: by the address of the host, then by the
// repositories, then by the user name.
func best(list []fit) []fit {
	order := func(a, b fit) int {
		return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.repo, b.repo), cmp.Compare(a.name, b.name))
	}
	top := slices.MaxFunc(list, order)
	return slices.DeleteFunc(list, func(f fit) bool { return order(f, top) < 0 })
}

// choose takes one of several grants that fit alike. Any of one account will do:
// the one that works, and that works for longest. Accounts are another matter,
// since commits are pushed in their name.
func (d *Desk) choose(list []fit) (keyring.Grant, error) {
	var accounts []string
	for _, f := range list {
		if !slices.Contains(accounts, f.grant.Account) {
			accounts = append(accounts, f.grant.Account)
		}
	}
	if len(accounts) > 1 {
		slices.Sort(accounts)
		return keyring.Grant{}, &SeveralAccountsError{Host: list[0].web, Accounts: accounts}
	}
	rank := func(a, b fit) int {
		va, vb := d.LastKnown(a.grant), d.LastKnown(b.grant)
		return cmp.Or(
			-cmp.Compare(va.Status.Class(), vb.Status.Class()),
			a.grant.SavedAt.Compare(b.grant.SavedAt),
		)
	}
	return slices.MaxFunc(list, rank).grant, nil
}
