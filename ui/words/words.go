// Package words holds every sentence that a person reads.
//
// Rules of this package:
//
//   - One voice: calm, exact, second person. A message says what happened, why,
//     and the one next step; it blames nobody and needs no dictionary.
//   - A sentence begins with a capital letter or a name and ends with a full
//     stop. An address never ends a sentence: a click would take the stop along.
//     A label, such as the name of a provider, is no sentence and has no stop.
//   - Words decide nothing. They are chosen by types: a cause, a status, the
//     state of a store. A type without words of its own fails a test.
//   - Nothing here holds a secret. Texts from a host come cleaned and are
//     quoted, so that nobody takes them for ours.
package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Message is what happened, why, and what to do next. Each part is one sentence
// or more, or empty.
type Message struct {
	What string
	Why  string
	Next string
}

// String joins the parts.
func (m Message) String() string { return join(m.What, m.Why, m.Next) }

// Error lets a Message travel as the error that it describes.
func (m Message) Error() string { return m.String() }

func join(sentences ...string) string {
	var present []string
	for _, s := range sentences {
		if s != "" {
			present = append(present, s)
		}
	}
	return strings.Join(present, " ")
}

// fill puts facts into the places of a template, such as {host}. A fact that
// begins a sentence gets a capital letter, unless it is a name.
func (m Message) fill(facts map[string]string) Message {
	var pairs []string
	for place, fact := range facts {
		pairs = append(pairs, "{"+place+"}", fact)
	}
	put := strings.NewReplacer(pairs...)
	return Message{sentence(put.Replace(m.What)), sentence(put.Replace(m.Why)), sentence(put.Replace(m.Next))}
}

// sentence gives a text that begins with an article its capital letter. A name
// at the beginning keeps the form that it has.
func sentence(text string) string {
	for _, article := range []string{"the ", "an ", "a ", "your "} {
		if strings.HasPrefix(text, article) {
			return capital(text)
		}
	}
	return text
}

func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// quote marks words that are not ours.
func quote(text string) string { return "“" + text + "”" }

// list joins names as a person would say them.
func list(names []string, last string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
	}
}
