package hosts

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"gitgrant/providers/regular"
)

// outline is a file taken apart as far as the entries.
type outline struct {
	text    string
	tokens  token.Tokens
	top     *ast.MappingNode  // nil where there is nothing but comments
	list    *ast.SequenceNode // nil where there is no entry
	entries []*ast.MappingNode
}

func (r rules) outline(text string) (*outline, error) {
	if len(text) > regular.Limit {
		return nil, r.wrong("", TooLarge)
	}
	if !utf8.ValidString(text) {
		return nil, r.wrong("", NotYAML)
	}
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin a file with it
	page := &outline{text: text, tokens: lexer.Tokenize(text)}
	// A doubled field is found here, where it can be told from broken YAML.
	file, err := parser.Parse(page.tokens, parser.ParseComments, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			return nil, r.wrong("", NotYAML).at(syntax.Token)
		}
		return nil, r.wrong("", NotYAML)
	}
	if wrong := page.fill(file, r); wrong != nil {
		return nil, wrong
	}
	return page, nil
}

func (page *outline) fill(file *ast.File, r rules) *FileError {
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		return nil
	}
	top, ok := bodies[0].(*ast.MappingNode)
	if !ok || len(bodies) > 1 {
		return r.wrong("", WrongShape).at(bodies[len(bodies)-1].GetToken())
	}
	if wrong := r.unique(top, "hosts"); wrong != nil {
		return wrong
	}
	list := member(top, "hosts")
	if list == nil {
		return r.wrong("hosts", Absent).at(top.GetToken())
	}
	page.top = top
	if list.Value.Type() == ast.NullType {
		return nil
	}
	if page.list, ok = list.Value.(*ast.SequenceNode); !ok {
		return r.wrong("hosts", WrongShape).at(list.Value.GetToken())
	}
	for _, value := range page.list.Values {
		entry, ok := value.(*ast.MappingNode)
		if !ok {
			return r.wrong("hosts", WrongShape).at(value.GetToken())
		}
		if wrong := r.checkEntry(entry); wrong != nil {
			return wrong
		}
		page.entries = append(page.entries, entry)
	}
	return nil
}

// checkEntry refuses what lookUp could not see or would have to choose among.
func (r rules) checkEntry(entry *ast.MappingNode) *FileError {
	for _, f := range fields {
		group, key, nested := strings.Cut(f.path, ".")
		if wrong := r.unique(entry, group); wrong != nil {
			return wrong
		}
		if !nested {
			continue
		}
		outer := member(entry, group)
		if outer == nil || outer.Value.Type() == ast.NullType {
			continue
		}
		inner, ok := outer.Value.(*ast.MappingNode)
		if !ok {
			return r.wrong(group, WrongType).at(outer.Value.GetToken())
		}
		if wrong := r.unique(inner, key); wrong != nil {
			wrong.Field = f.path
			return wrong
		}
	}
	if wrong := r.unique(entry, methodsField); wrong != nil {
		return wrong
	}
	return r.spelled(entry)
}

// unique refuses a second field of that name, and a merge (<<), which could
// bring one along.
func (r rules) unique(m *ast.MappingNode, name string) *FileError {
	seen := false
	for _, v := range m.Values {
		if v.Key.IsMergeKey() {
			return r.wrong("<<", WrongType).at(v.Key.GetToken())
		}
		if keyOf(v) != name {
			continue
		}
		if seen {
			return r.wrong(name, Doubled).at(v.Key.GetToken())
		}
		seen = true
	}
	return nil
}

func keyOf(v *ast.MappingValueNode) string {
	if _, scalar := v.Key.(ast.ScalarNode); !scalar {
		return ""
	}
	return v.Key.GetToken().Value
}

func member(m *ast.MappingNode, name string) *ast.MappingValueNode {
	for _, v := range m.Values {
		if keyOf(v) == name {
			return v
		}
	}
	return nil
}

// lookUp finds a field of an entry by its path.
func lookUp(entry *ast.MappingNode, path string) *ast.MappingValueNode {
	group, key, nested := strings.Cut(path, ".")
	v := member(entry, group)
	if v == nil || !nested {
		return v
	}
	inner, ok := v.Value.(*ast.MappingNode)
	if !ok {
		return nil
	}
	return member(inner, key)
}

// span is a piece of the text without the white space around it.
type span struct{ start, end int }

// spans finds every token in the text. Together the tokens hold all that is
// written but some of the white space; their own offsets are of no use.
func (page *outline) spans() (map[*token.Token]span, bool) {
	all := make(map[*token.Token]span, len(page.tokens))
	rest := page.text
	for _, t := range page.tokens {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		after, ok := follow(rest, t)
		if !ok {
			return nil, false
		}
		if start, end := len(page.text)-len(rest), len(page.text)-len(after); start < end {
			all[t] = span{start, end}
		}
		rest = after
	}
	return all, strings.TrimSpace(rest) == ""
}

// follow is what comes after a token that the text begins with.
func follow(text string, t *token.Token) (string, bool) {
	if t.Type == token.DoubleQuoteType {
		return afterQuotes(text) // its origin has the escapes resolved
	}
	for _, want := range t.Origin {
		if unicode.IsSpace(want) {
			continue
		}
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		got, size := utf8.DecodeRuneInString(text)
		if size == 0 || got != want {
			return "", false
		}
		text = text[size:]
	}
	return text, true
}

func afterQuotes(text string) (string, bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", false
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[i+1:], true
		}
	}
	return "", false
}
