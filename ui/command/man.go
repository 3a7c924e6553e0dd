package command

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "Write the manual page",
		Long:  `Writes the manual page of all commands to standard output, for man(1).`,
		Example: `  gitgrant man > ~/.local/share/man/man1/gitgrant.1
  gitgrant man | man -l -`,
		GroupID: groupMore,
		Args:    nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(s.out, manual(cmd.Root()))
			return err
		},
	}
}

// manual is the page, in the macros of man(7). It is made from the same texts as
// the help: the generator of cobra would bring a Markdown library along.
func manual(root *cobra.Command) string {
	var b strings.Builder
	page := roff{&b}
	fmt.Fprintf(&b, ".TH GITGRANT 1 %q %q \"User Commands\"\n", released(), "gitgrant "+version)
	page.section("NAME")
	page.b.WriteString(`gitgrant \- ` + escaped(root.Short) + "\n") // as whatis reads it
	page.section("SYNOPSIS")
	page.b.WriteString(".B gitgrant\n[\\fIcommand\\fR] [\\fIflags\\fR]\n")
	page.section("DESCRIPTION")
	page.text(root.Long)
	page.section("COMMANDS")
	page.commands(root)
	page.section("FLAGS OF EVERY COMMAND")
	page.flags(root.PersistentFlags())
	page.section("EXAMPLES")
	page.verbatim(root.Example)
	return b.String()
}

// released is the day of the commit that the program was built from, so that a
// page that is built again is the same.
func released() string {
	if at, err := time.Parse(time.RFC3339, date); err == nil {
		return at.UTC().Format(time.DateOnly)
	}
	return ""
}

// roff writes a page.
type roff struct{ b *strings.Builder }

func (r roff) section(name string) { fmt.Fprintf(r.b, ".SH %s\n", name) }

// commands describes every command below one, in their order.
func (r roff) commands(parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		if !cmd.IsAvailableCommand() || cmd.Name() == "help" {
			continue
		}
		if cmd.HasSubCommands() {
			r.commands(cmd)
			continue
		}
		fmt.Fprintf(r.b, ".SS %s\n", escaped(strings.TrimSuffix(cmd.UseLine(), " [flags]")))
		r.text(cmd.Long)
		if cmd.Long == "" {
			r.text(cmd.Short + ".")
		}
		r.flags(cmd.LocalNonPersistentFlags())
		if cmd.Example != "" {
			r.verbatim(cmd.Example)
		}
	}
}

func (r roff) flags(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := `\fB\-\-` + escaped(f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB\-` + f.Shorthand + `\fR, ` + name
		}
		if kind := f.Value.Type(); kind != "bool" {
			name += ` \fI` + escaped(kind) + `\fR`
		}
		usage := f.Usage
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" {
			usage += " (" + f.DefValue + " where it is not given)"
		}
		fmt.Fprintf(r.b, ".TP\n%s\n%s\n", name, line(usage))
	})
}

// text writes paragraphs. Lines that are indented keep their shape.
func (r roff) text(long string) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(long), "\n\n") {
		r.b.WriteString(".PP\n")
		if indented().MatchString(paragraph) {
			r.verbatim(paragraph)
			continue
		}
		for text := range strings.SplitSeq(paragraph, "\n") {
			r.b.WriteString(line(text) + "\n")
		}
	}
}

var indented = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^ `) })

func (r roff) verbatim(text string) {
	r.b.WriteString(".PP\n.nf\n")
	for text := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		r.b.WriteString(line(text) + "\n")
	}
	r.b.WriteString(".fi\n")
}

// line is a line that is no request, whatever it begins with.
func line(text string) string {
	text = escaped(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}

func escaped(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
}
