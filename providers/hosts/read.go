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
	UnknownProvider Problem = "unknown-provider" // none of the six
	UnknownMethod   Problem = "unknown-method"   // neither oauth nor pat
	OtherProvider   Problem = "other-provider"   // the address belongs to another kind of host
	BadAddress      Problem = "bad-address"
	UserInfo        Problem = "user-info"  // an address with a user name or password
	PlainHTTP       Problem = "plain-http" // http to something else than loopback
	BadText         Problem = "bad-text"   // control characters
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
	{"tls.ca_file", func(h *providers.Host) *string { return &h.CAFile }},
	{"tls.client_cert", func(h *providers.Host) *string { return &h.ClientCert }},
	{"tls.client_key", func(h *providers.Host) *string { return &h.ClientKey }},
	{"proxy", func(h *providers.Host) *string { return &h.Proxy }},
}

// methods is the one field that is a list.
const methods = "methods"

// profile is one entry of the file, complete with what its provider knows.
type profile struct {
	host   providers.Host
	usable bool // its provider is among the known ones
}

// rules are what it takes to read a file.
type rules struct {
	file   string
	folder string // relative paths start here
	known  []providers.Provider
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
		if wrong == nil && slices.ContainsFunc(all, func(q profile) bool { return q.host.URL == p.host.URL }) {
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
	v := lookUp(entry, methods)
	if v == nil || v.Value.Type() == ast.NullType {
		return h, nil
	}
	list, ok := v.Value.(*ast.SequenceNode)
	if !ok {
		return h, r.wrong(methods, WrongType).at(v.Value.GetToken())
	}
	for _, value := range list.Values {
		text, ok := plain(value)
		if !ok {
			return h, r.wrong(methods, WrongType).at(value.GetToken())
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

// settle checks what an entry says and completes it with what its provider
// knows.
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
	p.host.ClientID, p.host.Proxy, p.host.Methods = raw.ClientID, raw.Proxy, slices.Clone(raw.Methods)
	p.host.CAFile, p.host.ClientCert, p.host.ClientKey = r.fromFolder(raw.CAFile), r.fromFolder(raw.ClientCert), r.fromFolder(raw.ClientKey)
	return p, r.checkRest(p.host)
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
		return profile{host: h, usable: true}, nil
	}
	u, err := address.Parse(raw.URL)
	if err != nil {
		return profile{}, r.wrong("host", problemOf(err))
	}
	return profile{host: providers.Host{URL: u.String(), Provider: raw.Provider}}, nil
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

func (r rules) checkRest(h providers.Host) *FileError {
	if h.ClientCert == "" && h.ClientKey != "" {
		return r.wrong("tls.client_cert", Absent)
	}
	if h.ClientCert != "" && h.ClientKey == "" {
		return r.wrong("tls.client_key", Absent)
	}
	for _, m := range h.Methods {
		if m != "oauth" && m != "pat" {
			return r.wrong(methods, UnknownMethod)
		}
	}
	if h.Proxy == "" {
		return nil
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
