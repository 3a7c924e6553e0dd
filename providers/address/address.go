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
)

// Parse reads a base address: a host with optional scheme, port and context
// path. It returns the canonical form without a final slash: lower case, no
// default port, no final dot.
func Parse(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, ErrEmpty
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
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
	return canonical(u)
}

// assumedScheme is https, except where nobody else can be listening.
func assumedScheme(text string) string {
	host, _, _ := strings.Cut(text, "/")
	if Loopback(hostname(host)) {
		return "http"
	}
	return "https"
}

func canonical(u *url.URL) (*url.URL, error) {
	scheme := strings.ToLower(u.Scheme)
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if !validName(name) {
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
	clean := &url.URL{Scheme: scheme, Host: join(name, u.Port(), scheme)}
	if u.EscapedPath() != u.Path {
		return nil, ErrHost
	}
	if p := path.Clean("/" + u.Path); p != "/" {
		clean.Path = p
	}
	return clean, nil
}

func join(name, port, scheme string) string {
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return net.JoinHostPort(name, port)
}

func hostname(hostport string) string {
	u := url.URL{Host: hostport}
	return strings.ToLower(u.Hostname())
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

// maxPage bounds an address that is handed to a browser.
const maxPage = 2000

// OnSite checks an address that a host sent, before anybody opens it: https or
// loopback http, on the site that base stands for, no user info. It returns the
// address written anew, so that a browser sees what was checked.
func OnSite(base, sent string) (string, bool) {
	home, err := url.Parse(base)
	if err != nil {
		return "", false
	}
	if len(sent) > maxPage || strings.ContainsFunc(sent, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
		return "", false
	}
	page, err := url.Parse(sent)
	if err != nil || page.User != nil || page.Opaque != "" {
		return "", false
	}
	name, own := strings.ToLower(page.Hostname()), strings.ToLower(home.Hostname())
	if !validName(name) || name != own && !strings.HasSuffix(name, "."+own) {
		return "", false
	}
	switch page.Scheme {
	case "https":
	case "http":
		// On loopback every port is somebody else's program.
		if !Loopback(name) || page.Host != home.Host {
			return "", false
		}
	default:
		return "", false
	}
	return page.String(), true
}
