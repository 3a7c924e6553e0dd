package hosts

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"gitgrant/providers"
)

// set changes the fields in which a host differs from what the file says. What
// the provider knows by itself, or an admin shares, is not written unless it was
// written before.
func (r rules) set(text string, h providers.Host) (string, error) {
	before, err := r.profiles(text)
	if err != nil {
		return "", err
	}
	h.URL = nameOf(h.URL)
	want, wrong := r.settle(h)
	if wrong != nil {
		return "", wrong
	}
	bare, wrong := r.locate(h)
	if wrong != nil {
		return "", wrong
	}
	if wrong := r.bars(bare.host, h); wrong != nil {
		return "", wrong
	}
	i := slices.IndexFunc(before, want.same)
	if i < 0 {
		i = len(before)
		before = append(before, bare)
		if text, err = r.addEntry(text, h); err != nil {
			return "", err
		}
	}
	was := before[i]
	for _, f := range fields[1:] {
		text, err = r.setField(text, i, change{
			path: f.path, value: quoted(*f.of(&h)),
			same:   *f.of(&was.host) == *f.of(&want.host),
			silent: *f.of(&bare.host) == *f.of(&want.host),
		})
		if err != nil {
			return "", err
		}
	}
	text, err = r.setField(text, i, change{
		path: methodsField, value: listed(h.Methods),
		same: slices.Equal(was.host.Methods, want.host.Methods), silent: slices.Equal(bare.host.Methods, want.host.Methods),
	})
	if err != nil {
		return "", err
	}
	before[i] = want
	return text, r.confirm(text, before)
}

// bars refuses what no file can say over what lies beneath it.
func (r rules) bars(beneath, h providers.Host) *FileError {
	for _, f := range fields[4:] { // what no provider knows by itself
		if *f.of(&h) == "" && *f.of(&beneath) != "" {
			return r.wrong(f.path, Shared)
		}
	}
	for _, m := range h.Methods {
		if len(beneath.Methods) > 0 && !slices.Contains(beneath.Methods, m) {
			return r.wrong(methodsField, Limited)
		}
	}
	return nil
}

// change is a field and what is to become of it.
type change struct {
	path   string
	value  string // as YAML; empty takes the field out
	same   bool   // what is written says so already
	silent bool   // a file without the field would say so
}

func (r rules) setField(text string, i int, c change) (string, error) {
	s, err := r.sheet(text)
	if err != nil {
		return "", err
	}
	if i >= len(s.entries) {
		return "", r.wrong("", Rigid)
	}
	written := lookUp(s.entries[i], c.path) != nil
	if written && c.same || !written && c.silent {
		return text, nil
	}
	return s.put(s.entries[i], c.path, c.value), nil
}

func (r rules) remove(text, name string) (string, error) {
	before, err := r.profiles(text)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(before, func(p profile) bool {
		named, wrong := r.locate(providers.Host{URL: name, Provider: p.host.Provider})
		return wrong == nil && named.host.URL == p.host.URL
	})
	if i < 0 {
		return "", r.unknown(name)
	}
	s, err := r.sheet(text)
	if err != nil {
		return "", err
	}
	edited := s.dropEntry(i)
	return edited, r.confirm(edited, slices.Delete(before, i, i+1))
}

// unknown is why there is no profile of that name to be taken out.
func (r rules) unknown(name string) error {
	for _, p := range r.beneath {
		if named, wrong := r.locate(providers.Host{URL: name, Provider: p.host.Provider}); wrong == nil && named.same(p) {
			return ErrShared
		}
	}
	return ErrUnknown
}

// confirm reads an edited text before anybody writes it. YAML has more ways to
// write a thing than a splice can foresee.
func (r rules) confirm(text string, want []profile) error {
	got, err := r.profiles(text)
	if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		return r.wrong("", Rigid)
	}
	return nil
}

// sheet is an outline whose text can be spliced. Each method returns the whole
// text with one splice in it.
type sheet struct {
	*outline
	span map[*token.Token]span
}

// sheet takes a text that could be read, or that a splice has made of one.
func (r rules) sheet(text string) (sheet, error) {
	page, err := r.outline(text)
	if err != nil {
		return sheet{}, r.wrong("", Rigid)
	}
	all, ok := page.spans()
	if !ok {
		return sheet{}, r.wrong("", Rigid)
	}
	return sheet{page, all}, nil
}

func (s sheet) splice(start, end int, with string) string {
	return s.text[:start] + with + s.text[end:]
}

func (r rules) addEntry(text string, h providers.Host) (string, error) {
	s, err := r.sheet(text)
	if err != nil {
		return "", err
	}
	host, provider := "host: "+quoted(h.URL), "provider: "+quoted(string(h.Provider))
	inFlow := "{" + host + ", " + provider + "}"
	block := func(indent string) string { return "\n" + indent + "- " + host + "\n" + indent + "  " + provider }
	switch {
	case s.top == nil:
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return text + "hosts:" + block("  ") + "\n", nil
	case len(s.entries) > 0 && s.list.IsFlowStyle:
		return s.addToFlow(s.list.End, inFlow), nil
	case len(s.entries) > 0:
		at := s.lineEnd(s.extent(s.entries[len(s.entries)-1]).end)
		return s.splice(at, at, block(s.indent(s.span[s.list.Start].start))), nil
	case s.top.IsFlowStyle:
		return s.put(s.top, "hosts", "["+inFlow+"]"), nil
	}
	hosts := member(s.top, "hosts")
	colon := s.span[hosts.Start].end
	if end := s.extent(hosts.Value).end; end > colon {
		return s.splice(colon, end, block("  ")), nil
	}
	at := s.lineEnd(colon)
	return s.splice(at, at, block("  ")), nil
}

// put gives a field a value, or takes it out where the value is empty.
func (s sheet) put(m *ast.MappingNode, path, value string) string {
	if group, key, nested := strings.Cut(path, "."); nested {
		outer := member(m, group)
		inner, ok := (*ast.MappingNode)(nil), false
		if outer != nil {
			inner, ok = outer.Value.(*ast.MappingNode)
		}
		if ok {
			return s.put(inner, key, value)
		}
		path, value = group, fmt.Sprintf("{%s: %s}", key, value)
	}
	v := member(m, path)
	switch {
	case v == nil && m.IsFlowStyle:
		return s.addToFlow(m.End, path+": "+value)
	case v == nil:
		at := s.lineEnd(s.extent(m).end)
		return s.splice(at, at, "\n"+s.indent(s.extent(m).start)+path+": "+value)
	case value == "":
		return s.drop(m, v)
	}
	colon := s.span[v.Start].end
	return s.splice(colon, max(colon, s.extent(v.Value).end), " "+value)
}

// drop takes a field out with its line. The first field of a block shares its
// line with what is around the block, so it only loses its value.
func (s sheet) drop(m *ast.MappingNode, v *ast.MappingValueNode) string {
	if m.IsFlowStyle {
		var items []ast.Node
		for _, each := range m.Values {
			items = append(items, each)
		}
		return s.dropFromFlow(items, slices.Index(m.Values, v))
	}
	if m.Values[0] == v {
		colon := s.span[v.Start].end
		return s.splice(colon, max(colon, s.extent(v.Value).end), "")
	}
	return s.dropLines(s.extent(v))
}

func (s sheet) dropEntry(i int) string {
	if s.list.IsFlowStyle {
		return s.dropFromFlow(s.list.Values, i)
	}
	whole := s.extent(s.entries[i])
	whole.start = s.span[s.list.Entries[i].Start].start
	return s.dropLines(whole)
}

func (s sheet) dropLines(p span) string {
	start, end := strings.LastIndexByte(s.text[:p.start], '\n')+1, s.lineEnd(p.end)
	if end < len(s.text) {
		end++
	}
	return s.splice(start, end, "")
}

// addToFlow adds an item before a closing bracket.
func (s sheet) addToFlow(closing *token.Token, item string) string {
	i := slices.Index(s.tokens, closing) - 1
	for s.tokens[i].Type == token.CommentType {
		i--
	}
	switch s.tokens[i].Type {
	case token.MappingStartType, token.SequenceStartType:
	case token.CollectEntryType:
		item = " " + item
	default:
		item = ", " + item
	}
	at := s.span[s.tokens[i]].end
	return s.splice(at, at, item)
}

func (s sheet) dropFromFlow(items []ast.Node, i int) string {
	gone := s.extent(items[i])
	switch {
	case i+1 < len(items):
		gone.end = s.extent(items[i+1]).start
	case i > 0:
		gone.start = s.extent(items[i-1]).end
	}
	return s.splice(gone.start, gone.end, "")
}

// extent is where a node is written, without its comments.
func (s sheet) extent(n ast.Node) span {
	all := span{start: len(s.text)}
	ast.Walk(visitor(func(n ast.Node) {
		tokens := []*token.Token{n.GetToken()}
		switch n := n.(type) {
		case *ast.MappingNode:
			tokens = append(tokens, n.End)
		case *ast.SequenceNode:
			tokens = append(tokens, n.End)
		}
		for _, t := range tokens {
			if p, ok := s.span[t]; ok {
				all.start, all.end = min(all.start, p.start), max(all.end, p.end)
			}
		}
	}), n)
	return all
}

// visitor calls a function for every node that is no comment.
type visitor func(ast.Node)

// Visit is what the walk calls.
func (v visitor) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case nil, *ast.CommentNode, *ast.CommentGroupNode:
		return nil
	}
	v(n)
	return v
}

func (s sheet) lineEnd(at int) int {
	if i := strings.IndexByte(s.text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(s.text)
}

// indent is white space as wide as what stands before a place on its line.
func (s sheet) indent(at int) string {
	line := s.text[strings.LastIndexByte(s.text[:at], '\n')+1 : at]
	return strings.Repeat(" ", utf8.RuneCountInString(line))
}

// quoted writes a text so that other readers of YAML take it for one too: what
// begins with neither a letter nor a slash may be a number or a date to them.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	begins := text[0] == '/' || unicode.IsLetter(rune(text[0]))
	escaped := strconv.Quote(text)
	if begins && len(escaped) == len(text)+2 && !token.IsNeedQuoted(text) && !strings.ContainsAny(text, ",[]{}") {
		return text
	}
	return escaped
}

func listed(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return "[" + strings.Join(items, ", ") + "]"
}
