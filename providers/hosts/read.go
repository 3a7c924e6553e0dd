package hosts

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"gitgrant/providers"
	"gitgrant/providers/address"
)

// Problem is what is wrong with a file of profiles.
type Problem string

// The problems.
const (
	NotYAML         Problem = "not-yaml"
	TooLarge        Problem = "too-large"
	WrongShape      Problem = "wrong-shape"      // no list of profiles under "hosts"
	WrongType       Problem = "wrong-type"       // a list or a map where a text belongs, or the other way round
	Absent          Problem = "absent"           // a field that must be there
	Doubled         Problem = "doubled"          // a field or a host that was there before
	Mistyped        Problem = "mistyped"         // nearly a field that counts, and none; Field is that one
	UnknownProvider Problem = "unknown-provider" // none of the six
	UnknownMethod   Problem = "unknown-method"   // neither oauth nor pat
	UnknownTokens   Problem = "unknown-tokens"   // neither long-lived nor short-lived
	OtherProvider   Problem = "other-provider"   // the address belongs to another kind of host
	BadAddress      Problem = "bad-address"
	UserInfo        Problem = "user-info"  // an address with a user name or password
	PlainHTTP       Problem = "plain-http" // http to something else than loopback
	BadText         Problem = "bad-text"   // control characters
	Limited         Problem = "limited"    // a method that an admin does not allow
	Shared          Problem = "shared"     // what an admin gives can be changed, and not taken out
	Rigid           Problem = "rigid"      // written in a way that cannot be changed here, only by its owner
)

// FileError says what is wrong with a file and where. Field is the path of the
// field, such as tls.ca_file. Line and Column count from 1; both are 0 for a
// problem that no place in the file has.
type FileError struct {
	File    string
	Line    int
	Column  int
	Field   string
	Problem Problem
}

// Error is for logs and tests; the words for a person are made elsewhere.
func (e *FileError) Error() string {
	text := e.File
	if e.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d", text, e.Line, e.Column)
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	return text + ": " + string(e.Problem)
}

// field is a text of a profile: its path in the file and its place in a Host.
type field struct {
	path string
	of   func(*providers.Host) *string
}

// fields are the texts of a profile in the order in which they are written.
var fields = []field{
	{"host", func(h *providers.Host) *string { return &h.URL }},
	{"provider", func(h *providers.Host) *string { return (*string)(&h.Provider) }},
	{"web_url", func(h *providers.Host) *string { return &h.WebURL }},
	{"api_url", func(h *providers.Host) *string { return &h.APIURL }},
	{"oauth.client_id", func(h *providers.Host) *string { return &h.ClientID }},
	{redirectField, func(h *providers.Host) *string { return &h.Redirect }},
	{tokensField, func(h *providers.Host) *string { return &h.Life }},
	{"tls.ca_file", func(h *providers.Host) *string { return &h.CAFile }},
	{"tls.client_cert", func(h *providers.Host) *string { return &h.ClientCert }},
	{"tls.client_key", func(h *providers.Host) *string { return &h.ClientKey }},
	{"proxy", func(h *providers.Host) *string { return &h.Proxy }},
}

// methodsField is the one field that is a list.
const methodsField = "methods"

// redirectField is the address with which the application is registered, as it
// is written: hosts compare it letter by letter.
const redirectField = "oauth.redirect"

// tokensField is which tokens a sign-in asks for.
const tokensField = "oauth.tokens"

// profile is one entry of the file, complete with what its provider knows.
type profile struct {
	host   providers.Host
	usable bool     // its provider is among the known ones
	files  []string // that say something about it, the latest first
	limit  string   // the file that leaves no other methods
}

func (p profile) same(other profile) bool { return p.host.URL == other.host.URL }

// rules are what it takes to read a file.
type rules struct {
	file    string
	folder  string // relative paths start here
	known   []providers.Provider
	beneath []profile // what others say about hosts, which this file is laid over
}

func (r rules) profiles(text string) ([]profile, error) {
	page, err := r.outline(text)
	if err != nil {
		return nil, err
	}
	var all []profile
	for i, entry := range page.entries {
		raw, err := r.raw(entry)
		if err != nil {
			return nil, err
		}
		p, wrong := r.settle(raw)
		if wrong == nil && slices.ContainsFunc(all, p.same) {
			wrong = r.wrong("host", Doubled)
		}
		if wrong != nil {
			place := page.list.Values[i].GetToken()
			if f := lookUp(entry, wrong.Field); f != nil {
				place = f.Key.GetToken()
			}
			return nil, wrong.at(place)
		}
		all = append(all, p)
	}
	return all, nil
}

func (r rules) wrong(field string, p Problem) *FileError {
	return &FileError{File: r.file, Field: field, Problem: p}
}

func (e *FileError) at(t *token.Token) *FileError {
	if t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// raw reads the fields of an entry as they are written.
func (r rules) raw(entry *ast.MappingNode) (providers.Host, error) {
	var h providers.Host
	for _, f := range fields {
		v := lookUp(entry, f.path)
		if v == nil {
			continue
		}
		text, ok := plain(v.Value)
		if !ok {
			return h, r.wrong(f.path, WrongType).at(v.Value.GetToken())
		}
		*f.of(&h) = text
	}
	v := lookUp(entry, methodsField)
	if v == nil || v.Value.Type() == ast.NullType {
		return h, nil
	}
	list, ok := v.Value.(*ast.SequenceNode)
	if !ok {
		return h, r.wrong(methodsField, WrongType).at(v.Value.GetToken())
	}
	for _, value := range list.Values {
		text, ok := plain(value)
		if !ok {
			return h, r.wrong(methodsField, WrongType).at(value.GetToken())
		}
		h.Methods = append(h.Methods, text)
	}
	return h, nil
}

// plain is a scalar as it is written, whatever type YAML gives it.
func plain(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			return "", true
		}
		return n.Token.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

// settle checks what an entry says and completes it with what lies beneath it
// and what its provider knows.
func (r rules) settle(raw providers.Host) (profile, *FileError) {
	for _, f := range fields {
		if strings.ContainsFunc(*f.of(&raw), func(r rune) bool { return !unicode.IsGraphic(r) }) {
			return profile{}, r.wrong(f.path, BadText)
		}
	}
	p, wrong := r.locate(raw)
	if wrong != nil {
		return p, wrong
	}
	for _, override := range []struct {
		field string
		text  string
		base  *string
	}{{"web_url", raw.WebURL, &p.host.WebURL}, {"api_url", raw.APIURL, &p.host.APIURL}} {
		if override.text == "" {
			continue
		}
		u, err := address.Parse(override.text)
		if err != nil {
			return p, r.wrong(override.field, problemOf(err))
		}
		*override.base = u.String()
	}
	for _, over := range []struct {
		text string
		to   *string
	}{
		{raw.ClientID, &p.host.ClientID},
		{raw.Redirect, &p.host.Redirect},
		{raw.Life, &p.host.Life},
		{raw.Proxy, &p.host.Proxy},
		{r.fromFolder(raw.CAFile), &p.host.CAFile},
		{r.fromFolder(raw.ClientCert), &p.host.ClientCert},
		{r.fromFolder(raw.ClientKey), &p.host.ClientKey},
	} {
		if over.text != "" {
			*over.to = over.text
		}
	}
	if wrong := r.checkRest(p.host, raw.Methods); wrong != nil {
		return p, wrong
	}
	p.host.Methods, p.limit = r.narrowed(p, raw.Methods)
	p.files = append([]string{r.file}, p.files...)
	return p, nil
}

// narrowed are the methods that are left of those that lie beneath, and the
// file that leaves them. What leaves none is no choice, and the limit stays.
func (r rules) narrowed(beneath profile, methods []string) ([]string, string) {
	left, most := slices.Clone(methods), beneath.host.Methods
	if len(most) > 0 {
		left = slices.DeleteFunc(left, func(m string) bool { return !slices.Contains(most, m) })
	}
	switch {
	case len(left) == 0:
		return slices.Clone(most), beneath.limit
	case len(left) == len(most):
		return left, beneath.limit
	default:
		return left, r.file
	}
}

// locate finds the host behind the name. A kind whose provider is not known
// keeps its name as its address.
func (r rules) locate(raw providers.Host) (profile, *FileError) {
	switch {
	case raw.URL == "":
		return profile{}, r.wrong("host", Absent)
	case raw.Provider == "":
		return profile{}, r.wrong("provider", Absent)
	case !slices.Contains(providers.Kinds, raw.Provider):
		return profile{}, r.wrong("provider", UnknownProvider)
	}
	for _, p := range r.known {
		if p.Kind() != raw.Provider {
			continue
		}
		h, err := p.Locate(raw.URL)
		if err != nil {
			return profile{}, r.wrong("host", problemOf(err))
		}
		return r.over(profile{host: h, usable: true}), nil
	}
	u, err := address.Parse(raw.URL)
	if err != nil {
		return profile{}, r.wrong("host", problemOf(err))
	}
	return r.over(profile{host: providers.Host{URL: u.String(), Provider: raw.Provider}}), nil
}

// over is what lies beneath a profile, or the profile as it is. Where the two do
// not agree on what the host is, they have nothing in common.
func (r rules) over(p profile) profile {
	i := slices.IndexFunc(r.beneath, p.same)
	if i < 0 || r.beneath[i].host.Provider != p.host.Provider {
		return p
	}
	below := r.beneath[i]
	below.host, below.files = clone(below.host), slices.Clone(below.files)
	return below
}

func problemOf(err error) Problem {
	switch {
	case errors.Is(err, address.ErrUserInfo):
		return UserInfo
	case errors.Is(err, address.ErrPlainHTTP):
		return PlainHTTP
	case errors.Is(err, providers.ErrOtherKind):
		return OtherProvider
	default:
		return BadAddress
	}
}

func (r rules) fromFolder(path string) string {
	if path == "" || r.folder == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.folder, path)
}

func (r rules) checkRest(h providers.Host, methods []string) *FileError {
	if h.ClientCert == "" && h.ClientKey != "" {
		return r.wrong("tls.client_cert", Absent)
	}
	if h.ClientCert != "" && h.ClientKey == "" {
		return r.wrong("tls.client_key", Absent)
	}
	for _, m := range methods {
		if m != "oauth" && m != "pat" {
			return r.wrong(methodsField, UnknownMethod)
		}
	}
	if h.Life != "" && h.Life != providers.LongTokens && h.Life != providers.ShortTokens {
		return r.wrong(tokensField, UnknownTokens)
	}
	if wrong := r.checkRedirect(h.Redirect); wrong != nil || h.Proxy == "" {
		return wrong
	}
	proxy, err := url.Parse(h.Proxy)
	switch {
	case err != nil || proxy.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme):
		return r.wrong("proxy", BadAddress)
	case proxy.User != nil:
		return r.wrong("proxy", UserInfo)
	default:
		return nil
	}
}

// checkRedirect takes what a browser can end on: http on loopback, where this
// program listens, or https anywhere, from where a person brings the address.
func (r rules) checkRedirect(text string) *FileError {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil
	case err != nil || u.Hostname() == "" || u.String() != text || strings.ToLower(u.Host) != u.Host || u.Port() == "0":
		return r.wrong(redirectField, BadAddress)
	case u.User != nil:
		return r.wrong(redirectField, UserInfo)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return r.wrong(redirectField, BadAddress)
	case u.Scheme == "http" && !address.Loopback(u.Hostname()):
		return r.wrong(redirectField, PlainHTTP)
	case u.Scheme == "http" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost":
		return r.wrong(redirectField, BadAddress) // nobody listens there
	case u.Scheme != "http" && u.Scheme != "https":
		return r.wrong(redirectField, BadAddress)
	default:
		return nil
	}
}
