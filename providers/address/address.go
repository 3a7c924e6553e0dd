// Package address turns what people type and what hosts send into addresses
// that are safe to use.
//
// Rules of this package:
//
//   - An address is https, or http on a loopback literal. Nothing else passes.
//   - An address never carries user info, a query or a fragment, and a refusal
//     never repeats what was typed: it may hold a password.
//   - Two different hosts never become one name, nor one host two.
package address

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Refusals. They say what is wrong and never repeat the input.
var (
	ErrEmpty     = errors.New("the address is empty")
	ErrUserInfo  = errors.New("the address holds a user name or password")
	ErrPlainHTTP = errors.New("the address is http, which only a loopback address may be")
	ErrScheme    = errors.New("the address is neither https nor http")
	ErrHost      = errors.New("the host name is not one")
	ErrExtra     = errors.New("the address has a query or a fragment")
	ErrTwo       = errors.New("the address holds another one")
)

// Bounds in bytes: of an address that others are built on, and of one that is
// handed to a browser.
const (
	maxBase = 1000
	maxPage = 2000
)

// unwritable is what no address may hold as it is.
func unwritable(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }

// Parse reads a base address: a host with optional scheme, port and context
// path. It returns the canonical form without a final slash: lower case, no
// default port, no final dot.
func Parse(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, ErrEmpty
	}
	if len(text) > maxBase || strings.ContainsFunc(text, unwritable) {
		return nil, ErrHost
	}
	if !strings.Contains(text, "://") {
		text = assumedScheme(text) + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, ErrHost
	}
	if u.User != nil {
		return nil, ErrUserInfo
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, ErrExtra
	}
	if strings.Contains(u.Path, ":/") { // pasted behind what was there
		return nil, ErrTwo
	}
	return canonical(u)
}

// assumedScheme is https, except where nobody else can be listening.
func assumedScheme(text string) string {
	host, _, _ := strings.Cut(text, "/")
	u := url.URL{Host: host}
	if Loopback(plainName(u.Hostname())) {
		return "http"
	}
	return "https"
}

// plainName is the one spelling of a host name.
func plainName(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String()
	}
	return name
}

func canonical(u *url.URL) (*url.URL, error) {
	scheme := strings.ToLower(u.Scheme)
	name := plainName(u.Hostname())
	port, ok := plainPort(u.Port(), scheme)
	if !validName(name) || !ok {
		return nil, ErrHost
	}
	switch {
	case scheme == "https":
	case scheme == "http" && Loopback(name):
	case scheme == "http":
		return nil, ErrPlainHTTP
	default:
		return nil, ErrScheme
	}
	clean := &url.URL{Scheme: scheme, Host: join(name, port)}
	if p := path.Clean("/" + u.Path); p != "/" {
		clean.Path = p
	}
	// A path that can be written in two ways would make one host two names.
	if u.EscapedPath() != u.Path || clean.EscapedPath() != clean.Path {
		return nil, ErrHost
	}
	return clean, nil
}

// plainPort is the one spelling of a port, which is none for the usual one.
func plainPort(port, scheme string) (string, bool) {
	if port == "" {
		return "", true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", false
	}
	if scheme == "https" && n == 443 || scheme == "http" && n == 80 {
		return "", true
	}
	return strconv.FormatUint(n, 10), true
}

func join(name, port string) string {
	switch {
	case port != "":
		return net.JoinHostPort(name, port)
	case strings.Contains(name, ":"):
		return "[" + name + "]"
	default:
		return name
	}
}

// Loopback reports whether a host name can only be this machine.
func Loopback(name string) bool {
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}

// validName accepts IP literals without zone and DNS names. A name whose last
// label looks like a number is an address in disguise (0x7f.1), and is refused.
func validName(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Zone() == ""
	}
	if name == "" || len(name) > 253 {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !validLabel(label) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return last[0] < '0' || last[0] > '9'
}

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(label, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// Name is how a base address is called in hosts.yaml and on the screen: host,
// port and context path without the scheme.
func Name(u *url.URL) string { return u.Host + u.Path }

// Origin is the part of an address that a token is bound to.
func Origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// Page checks an address before a program is started for it: https, or http on
// this very machine, with the name of a host and no user info. It returns the
// address written anew, so that a browser sees what was checked.
func Page(text string) (string, bool) {
	page, ok := readPage(text)
	if !ok {
		return "", false
	}
	return page.String(), true
}

func readPage(text string) (*url.URL, bool) {
	if len(text) > maxPage || strings.ContainsFunc(text, unwritable) {
		return nil, false
	}
	page, err := url.Parse(text)
	if err != nil || page.User != nil || page.Opaque != "" {
		return nil, false
	}
	name := strings.ToLower(page.Hostname())
	safe := page.Scheme == "https" || page.Scheme == "http" && Loopback(name)
	return page, safe && validName(name)
}

// OnSite checks an address that a host sent, before anybody opens it: a Page on
// the site that base stands for.
func OnSite(base, sent string) (string, bool) {
	home, err := url.Parse(base)
	if err != nil {
		return "", false
	}
	page, ok := readPage(sent)
	if !ok {
		return "", false
	}
	name, own := strings.ToLower(page.Hostname()), strings.ToLower(home.Hostname())
	if name != own && !strings.HasSuffix(name, "."+own) {
		return "", false
	}
	// On loopback every port is somebody else's program.
	if Loopback(name) && Origin(page) != Origin(home) {
		return "", false
	}
	return page.String(), true
}
