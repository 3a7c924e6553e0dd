// Package git is what git and gitgrant say to each other: the protocol of
// credential helpers, and the configuration that leads git here.
//
// Rules of this package:
//
//   - A request is refused as a whole where a part of it cannot be what git
//     sends: a control character in a value, a line without end. Other
//     helpers were made to hand out tokens for the wrong host that way.
//   - Nothing is answered that git did not say it understands.
//   - The configuration is changed by git itself, and what was added can be
//     told from what others wrote and taken out again.
package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"gitgrant/keyring/secret"
)

// Limits of a request. Git itself sends no longer line.
const (
	longestLine    = 64<<10 - 1
	longestRequest = 1 << 20
)

// Refusals of a request. They never repeat what they refuse.
var (
	ErrCharacters = errors.New("a value of the request holds a character that it may not")
	ErrLine       = errors.New("a line of the request is no name and value")
	ErrTooLong    = errors.New("the request is longer than git makes one")
	ErrNoHost     = errors.New("the request names no protocol or no host")
)

// Request is what git asks, stores or erases.
type Request struct {
	Protocol string
	Host     string
	Path     string
	Username string
	Secret   secret.Secret // the password, or the credential for a header
	// Headers says that git takes a credential for the Authorization header.
	Headers bool
}

// Read reads a request up to its end.
func Read(r io.Reader) (Request, error) {
	var q Request
	lines := bufio.NewReaderSize(io.LimitReader(r, longestRequest), longestLine+1)
	for read := 0; ; {
		line, err := lines.ReadSlice('\n')
		read += len(line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull), read >= longestRequest:
			return Request{}, ErrTooLong
		case err != nil && !errors.Is(err, io.EOF):
			return Request{}, err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		if len(line) == 0 {
			break
		}
		if problem := q.take(string(line)); problem != nil {
			return Request{}, problem
		}
		if err != nil {
			break
		}
	}
	if q.Protocol == "" || q.Host == "" {
		return Request{}, ErrNoHost
	}
	return q, nil
}

// take takes one line. Names that are not known here are passed over.
func (q *Request) take(line string) error {
	name, value, found := strings.Cut(line, "=")
	if !found || name == "" {
		return ErrLine
	}
	if strings.ContainsFunc(line, steers) {
		return ErrCharacters
	}
	switch name {
	case "protocol":
		q.Protocol = value
	case "host":
		q.Host = value
	case "path":
		q.Path = value
	case "username":
		q.Username = value
	case "password", "credential":
		q.Secret = secret.New(value)
	case "capability[]":
		q.Headers = q.Headers || value == "authtype"
	}
	return nil
}

// steers reports whether a character could end a line or steer a terminal. A tab
// does neither, and may be in a header that git passes on.
func steers(r rune) bool { return unicode.IsControl(r) && r != '\t' }

// Answer is a credential for git.
type Answer struct {
	Username  string
	Token     secret.Secret
	ExpiresAt time.Time // zero where it is not known
	// Bearer wants the token in the header, without a user name; it is granted
	// where git understands that.
	Bearer bool
	// Ephemeral says that the token lives for hours: who understands headers is
	// told to keep it nowhere.
	Ephemeral bool
}

// Write answers a request. Nothing is written where a value could not stand on
// a line of its own.
func (a Answer) Write(w io.Writer, q Request) error {
	var b strings.Builder
	if a.Bearer && q.Headers {
		b.WriteString("capability[]=authtype\nauthtype=Bearer\ncredential=" + a.Token.Reveal() + "\n")
		if a.Ephemeral {
			b.WriteString("ephemeral=1\n")
		}
	} else {
		b.WriteString("username=" + a.Username + "\npassword=" + a.Token.Reveal() + "\n")
	}
	if strings.ContainsFunc(a.Username, unicode.IsControl) || !a.Token.Sendable() {
		return ErrCharacters
	}
	if !a.ExpiresAt.IsZero() {
		fmt.Fprintf(&b, "password_expiry_utc=%d\n", a.ExpiresAt.Unix())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
