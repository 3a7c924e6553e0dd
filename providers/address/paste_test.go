package address_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers/address"
)

func TestAnAddressOfAnythingOnAHostIsEnough(t *testing.T) {
	web := func(full string, bases ...string) address.Pasted { return address.Pasted{Address: full, Bases: bases} }
	overSSH := func(base string) address.Pasted {
		return address.Pasted{Address: base, Bases: []string{base}, Shell: true}
	}
	for pasted, want := range map[string]address.Pasted{
		"github.com":                 web("https://github.com", "https://github.com"),
		" https://GitHub.com:443/\n": web("https://github.com", "https://github.com"),
		"https://github.com/acme/app": web("https://github.com/acme/app",
			"https://github.com", "https://github.com/acme", "https://github.com/acme/app"),
		"https://git.acme.example:8443/gitlab/acme/app/-/blob/main/a%20b.go?ref_type=heads#L10-20": web("https://git.acme.example:8443/gitlab/acme/app",
			"https://git.acme.example:8443", "https://git.acme.example:8443/gitlab", "https://git.acme.example:8443/gitlab/acme"),
		"https://git.acme.example/acme/app.git": web("https://git.acme.example/acme",
			"https://git.acme.example", "https://git.acme.example/acme"),
		"git.acme.example/scm/prj/app.git": web("https://git.acme.example/scm/prj",
			"https://git.acme.example", "https://git.acme.example/scm", "https://git.acme.example/scm/prj"),
		"https://octocat@bitbucket.org/acme/app.git":          web("https://bitbucket.org/acme", "https://bitbucket.org", "https://bitbucket.org/acme"),
		"https://git.acme.example/?next=https://evil.example": web("https://git.acme.example", "https://git.acme.example"),
		"https://git.acme.example/../../etc/passwd":           web("https://git.acme.example", "https://git.acme.example"),
		"https://git.acme.example/a%2fb/c":                    web("https://git.acme.example", "https://git.acme.example"),
		"git.acme.example:8443":                               web("https://git.acme.example:8443", "https://git.acme.example:8443"),
		"git.acme.example:8443/git": web("https://git.acme.example:8443/git",
			"https://git.acme.example:8443", "https://git.acme.example:8443/git"),
		"127.0.0.1:8080/gl/gitlab/acme/app": web("http://127.0.0.1:8080/gl/gitlab/acme/app",
			"http://127.0.0.1:8080", "http://127.0.0.1:8080/gl", "http://127.0.0.1:8080/gl/gitlab"),
		"http://localhost/x": web("http://localhost/x", "http://localhost", "http://localhost/x"),

		"git@github.com:acme/app.git":                 overSSH("https://github.com"),
		"git@git.acme.example:7999/prj/app.git":       overSSH("https://git.acme.example"),
		"git@[2001:db8::7]:acme/app.git":              overSSH("https://[2001:db8::7]"),
		"git.acme.example:acme/app.git":               overSSH("https://git.acme.example"),
		"git.acme.example:app.git":                    overSSH("https://git.acme.example"),
		"ssh://git@git.acme.example:7999/prj/app.git": overSSH("https://git.acme.example"),
		"ssh://git@[2001:db8::7]:22/prj/app.git":      overSSH("https://[2001:db8::7]"),
		"git+ssh://GIT.acme.example./app":             overSSH("https://git.acme.example"),
		"git://git.acme.example/app.git":              overSSH("https://git.acme.example"),
		"SSH://git@git.acme.example/app":              overSSH("https://git.acme.example"),
	} {
		t.Run(pasted, func(t *testing.T) {
			got, err := address.Paste(pasted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatLeadsToNoHostIsNotTaken(t *testing.T) {
	for pasted, want := range map[string]error{
		"":                                 address.ErrEmpty,
		"http://git.acme.example/acme/app": address.ErrPlainHTTP,
		"https://me:hunter2@git.acme.example/acme/app.git":      address.ErrUserInfo,
		"ssh://git:hunter2@git.acme.example/app.git":            address.ErrUserInfo,
		"https://hunter2@git.acme.example/acme/app":             address.ErrUserInfo,
		"github.com@evil.example":                               address.ErrUserInfo,
		"ftp://git.acme.example":                                address.ErrScheme,
		"file:///srv/git/app.git":                               address.ErrHost,
		"javascript:alert(1)":                                   address.ErrHost,
		"C:/Users/me/app.git":                                   address.ErrHost,
		`C:\Users\me\app`:                                       address.ErrHost,
		"/srv/git/app.git":                                      address.ErrHost,
		"../app.git":                                            address.ErrHost,
		"https://git.acme.example/a b":                          address.ErrHost,
		"https://git.acme.example/\u202e":                       address.ErrHost,
		"git@0x7f.1:acme/app.git":                               address.ErrHost,
		"ssh://git@127.1/app.git":                               address.ErrHost,
		"https://git.acme.example/" + strings.Repeat("a", 2000): address.ErrHost,
	} {
		t.Run(pasted, func(t *testing.T) {
			got, err := address.Paste(pasted)
			if !errors.Is(err, want) {
				t.Fatalf("read as %+v with error %v, want %v", got, err, want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the refusal repeats what was pasted: %v", err)
			}
		})
	}
}

func TestAnAddressLiesBelowItsBaseByWholeSegments(t *testing.T) {
	for _, test := range []struct {
		base, address string
		want          bool
	}{
		{"https://git.acme.example", "https://git.acme.example", true},
		{"https://git.acme.example", "https://git.acme.example/acme", true},
		{"https://git.acme.example/git", "https://git.acme.example/git/acme", true},
		{"https://git.acme.example/git", "https://git.acme.example/gitlab", false},
		{"https://git.acme.example", "https://git.acme.example:8443", false},
		{"https://git.acme.example", "https://git.acme.example.evil.example", false},
		{"https://git.acme.example/git", "https://git.acme.example", false},
	} {
		if got := address.Below(test.base, test.address); got != test.want {
			t.Errorf("%s below %s: %v", test.address, test.base, got)
		}
	}
}

// FuzzPaste reads anything as an address of something. Whatever passes leads to
// bases that are safe, on one origin, and each within the next.
func FuzzPaste(f *testing.F) {
	for _, pasted := range []string{
		"https://u@h/x.git", "git@h:a/b", "ssh://git@h:22/a", "h:a.git", "https://h/a/../b//c/%2e%2e?x#y", "[::1]:8080/a/b/c", "git@[::1]:a/b",
	} {
		f.Add(pasted)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		got, err := address.Paste(pasted)
		if err != nil {
			return
		}
		for i, base := range got.Bases {
			again, err := address.Parse(base)
			if err != nil || again.String() != base {
				t.Fatalf("%q leads to %q, which becomes %v (%v)", pasted, base, again, err)
			}
			if again.Host == "" || again.User != nil || i > 0 && !address.Below(got.Bases[i-1], base) || !address.Below(base, got.Address) {
				t.Fatalf("%q leads to %+v", pasted, got)
			}
		}
	})
}
