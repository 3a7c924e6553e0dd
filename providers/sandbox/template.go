package sandbox

import (
	"fmt"
	"html"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The pages are written in a small part of the template language of the
// standard library: with, if (also if eq), else, range, define, template and
// fields. They are rendered here, since that library calls methods by name, for
// which every exported method of everything in a program has to stay in it:
// 2.6 MB of this one. Every value is escaped, and stands in a text or between
// double quotes.

// templates are the files and what they define, by name.
type templates map[string][]node

// node is a piece of a page.
type node interface {
	write(b *strings.Builder, all templates, dot reflect.Value)
}

type (
	text  string // as it stands
	field string // a path such as .App or .
	part  struct{ name, with string }
	block struct {
		word      string // with, if or range
		of        string // the path that it is about
		is        string // the text that it has to be, where eq asks for one
		asked     bool   // by eq
		then, not []node
	}
)

var tag = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{([^}]*)\}\}`) })

// parsePages reads all pages. They are part of the program, so a page that
// cannot be read is a fault of it.
func parsePages(files fs.FS, pattern string) templates {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	all := templates{}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			panic("sandbox: " + err.Error())
		}
		p := parser{all: all, rest: string(content)}
		all[path.Base(name)], _ = p.nodes()
	}
	return all
}

// parser reads one file.
type parser struct {
	all  templates
	rest string
}

// nodes reads up to an end or an else, and says which it was.
func (p *parser) nodes() (read []node, end string) {
	for {
		at := tag().FindStringSubmatchIndex(p.rest)
		if at == nil {
			read, p.rest = append(read, text(p.rest)), ""
			return read, ""
		}
		read = append(read, text(p.rest[:at[0]]))
		word, operand, _ := strings.Cut(p.rest[at[2]:at[3]], " ")
		p.rest = p.rest[at[1]:]
		switch word {
		case "end", "else":
			return read, word
		case "define":
			p.all[unquoted(operand)], _ = p.nodes()
		case "template":
			name, with, _ := strings.Cut(operand, " ")
			read = append(read, part{unquoted(name), with})
		case "with", "if", "range":
			read = append(read, p.block(word, operand))
		case "style":
			read = append(read, text(pageStyle))
		default:
			read = append(read, field(word))
		}
	}
}

func (p *parser) block(word, operand string) block {
	b := block{word: word, of: operand}
	if asked, ok := strings.CutPrefix(operand, "eq "); ok {
		of, is, _ := strings.Cut(asked, " ")
		b.of, b.is, b.asked = of, unquoted(is), true
	}
	then, end := p.nodes()
	b.then = then
	if end == "else" {
		b.not, _ = p.nodes()
	}
	return b
}

func unquoted(name string) string {
	plain, err := strconv.Unquote(name)
	if err != nil {
		panic("sandbox: a page names " + name)
	}
	return plain
}

// render is a page as it is sent.
func (all templates) render(name string, data any) string {
	var b strings.Builder
	all.write(&b, name, reflect.ValueOf(data))
	return b.String()
}

func (all templates) write(b *strings.Builder, name string, dot reflect.Value) {
	nodes, ok := all[name]
	if !ok {
		panic("sandbox: there is no page " + name)
	}
	writeAll(b, all, nodes, dot)
}

func writeAll(b *strings.Builder, all templates, nodes []node, dot reflect.Value) {
	for _, n := range nodes {
		n.write(b, all, dot)
	}
}

func (t text) write(b *strings.Builder, _ templates, _ reflect.Value) { b.WriteString(string(t)) }

func (f field) write(b *strings.Builder, _ templates, dot reflect.Value) {
	if v := look(dot, string(f)); v.IsValid() {
		b.WriteString(html.EscapeString(fmt.Sprint(v.Interface())))
	}
}

func (c part) write(b *strings.Builder, all templates, dot reflect.Value) {
	all.write(b, c.name, look(dot, c.with))
}

func (k block) write(b *strings.Builder, all templates, dot reflect.Value) {
	v := look(dot, k.of)
	holds := v.IsValid() && !v.IsZero() && (v.Kind() != reflect.Slice || v.Len() > 0)
	if k.asked {
		holds = v.IsValid() && fmt.Sprint(v.Interface()) == k.is
	}
	switch {
	case !holds:
		writeAll(b, all, k.not, dot)
	case k.word == "range":
		for i := range v.Len() {
			writeAll(b, all, k.then, plain(v.Index(i)))
		}
	case k.word == "with":
		writeAll(b, all, k.then, v)
	default:
		writeAll(b, all, k.then, dot)
	}
}

// look follows a path of fields. What holds nothing is no value.
func look(dot reflect.Value, path string) reflect.Value {
	v := plain(dot)
	for name := range strings.SplitSeq(strings.TrimPrefix(path, "."), ".") {
		if name == "" {
			continue
		}
		if v = v.FieldByName(name); !v.IsValid() {
			panic("sandbox: a page asks for " + path)
		}
		v = plain(v)
	}
	return v
}

// plain is what an interface or a pointer holds.
func plain(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}
