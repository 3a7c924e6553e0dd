package address

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Pasted is an address as people have one at hand: of a page, of a file, or of
// a repository to clone.
type Pasted struct {
	// Address is what was pasted, as far as it can say where a host is: without
	// query and fragment, and without what no context path holds.
	Address string
	// Bases are where the Git host may begin, shortest first: a context path
	// cannot be told from what comes after it.
	Bases []string
	// Shell says that it was for SSH, whose port and path say nothing about
	// those of the web.
	Shell bool
}

// maxContext is how many segments a context path has at most, where nobody but
// the address itself tells of it.
const maxContext = 2

var (
	// shell is git's own way to write an address for SSH: user@host:path. Without
	// a user its path has a slash or an end that only a repository has, and its
	// host is no drive of Windows.
	shell = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[A-Za-z0-9._~-]+@([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):.+|([A-Za-z0-9._-]{2,}):(?:[^0-9/].*(?:/.*|\.git)))$`)
	})
	// drive is where a path of Windows begins.
	drive = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]:/`) })
	// segment is a part of a path that may belong to the address of a host.
	segment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_~][A-Za-z0-9._~-]*$`) })
)

// Paste reads an address of something on a host. A name that clone addresses
// carry before their host is left out; a password is refused.
func Paste(text string) (Pasted, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Pasted{}, ErrEmpty
	case len(text) > maxPage || strings.ContainsFunc(text, unwritable) || drive().MatchString(text):
		return Pasted{}, ErrHost
	}
	if !strings.Contains(text, "://") {
		if m := shell().FindStringSubmatch(text); m != nil {
			return overShell(m[1] + m[2])
		}
		text = assumedScheme(text) + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Pasted{}, ErrHost
	}
	if _, password := u.User.Password(); password {
		return Pasted{}, ErrUserInfo
	}
	switch strings.ToLower(u.Scheme) {
	case "ssh", "git+ssh", "ssh+git", "git":
		return overShell((&url.URL{Host: bracketed(u.Hostname())}).Host)
	}
	if u.User != nil && !strings.HasSuffix(u.Path, ".git") {
		return Pasted{}, ErrUserInfo
	}
	return overWeb(u)
}

func bracketed(name string) string {
	if strings.Contains(name, ":") {
		return "[" + name + "]"
	}
	return name
}

// overShell is the host of an address for SSH. Where its pages are, only its
// name tells.
func overShell(host string) (Pasted, error) {
	base, err := Parse(host)
	if err != nil {
		return Pasted{}, err
	}
	return Pasted{Address: base.String(), Bases: []string{base.String()}, Shell: true}, nil
}

func overWeb(u *url.URL) (Pasted, error) {
	base, err := canonical(&url.URL{Scheme: u.Scheme, Host: u.Host})
	if err != nil {
		return Pasted{}, err
	}
	p := Pasted{Address: base.String(), Bases: []string{base.String()}}
	for part := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		if !segment().MatchString(part) || strings.HasSuffix(part, ".git") || len(p.Address) > maxBase {
			break
		}
		p.Address += "/" + part
		if len(p.Bases) <= maxContext {
			p.Bases = append(p.Bases, p.Address)
		}
	}
	return p, nil
}

// Below reports whether an address is a base or lies below it.
func Below(base, address string) bool {
	rest, found := strings.CutPrefix(address, base)
	return found && (rest == "" || rest[0] == '/')
}
