package address_test

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"gitgrant/providers/address"
)

func TestAnAddressHasOneSpelling(t *testing.T) {
	for typed, want := range map[string]string{
		"github.com":                       "https://github.com",
		"  https://github.com/ \n":         "https://github.com",
		"GITHUB.COM.":                      "https://github.com",
		"HTTPS://GitHub.com:443":           "https://github.com",
		"https://github.com:0443":          "https://github.com",
		"https://github.com:":              "https://github.com",
		"ghe.acme.example:8443":            "https://ghe.acme.example:8443",
		"ghe.acme.example:08443":           "https://ghe.acme.example:8443",
		"ghe.acme.example/git/":            "https://ghe.acme.example/git",
		"ghe.acme.example//git/./x/..//":   "https://ghe.acme.example/git",
		"ghe.acme.example/Git":             "https://ghe.acme.example/Git",
		"https://ghe.acme.example/a@b:c":   "https://ghe.acme.example/a@b:c",
		"git_lab.acme.example":             "https://git_lab.acme.example",
		"xn--gthub-cta.com":                "https://xn--gthub-cta.com",
		"intranet":                         "https://intranet",
		"192.0.2.7:8443":                   "https://192.0.2.7:8443",
		"[2001:DB8::7]":                    "https://[2001:db8::7]",
		"[2001:db8:0:0::7]:443":            "https://[2001:db8::7]",
		"[2001:db8::7]:8443/x":             "https://[2001:db8::7]:8443/x",
		"localhost:3000":                   "http://localhost:3000",
		"LocalHost.:3000":                  "http://localhost:3000",
		"http://localhost":                 "http://localhost",
		"http://localhost:80/":             "http://localhost",
		"https://localhost:80/":            "https://localhost:80",
		"127.0.0.1:8080/github":            "http://127.0.0.1:8080/github",
		"127.8.9.1":                        "http://127.8.9.1",
		"https://127.0.0.1:8443":           "https://127.0.0.1:8443",
		"[::1]:8080":                       "http://[::1]:8080",
		"http://[0:0:0:0:0:0:0:1]:8080":    "http://[::1]:8080",
		"http://[::ffff:127.0.0.1]:8080":   "http://127.0.0.1:8080",
		"https://github.com.evil.example/": "https://github.com.evil.example",
	} {
		t.Run(typed, func(t *testing.T) {
			got, err := address.Parse(typed)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != want {
				t.Errorf("read as %s, want %s", got, want)
			}
		})
	}
}

func TestWhatIsNoSafeAddressIsRefusedWithoutAnEcho(t *testing.T) {
	const password = "hunter2"
	for typed, want := range map[string]error{
		"":                               address.ErrEmpty,
		" \t\n":                          address.ErrEmpty,
		"https://":                       address.ErrHost,
		"https:///path":                  address.ErrHost,
		"https://me:hunter2@github.com":  address.ErrUserInfo,
		"hunter2@github.com":             address.ErrUserInfo,
		"github.com@evil.example":        address.ErrUserInfo,
		"https://@github.com":            address.ErrUserInfo,
		"127.0.0.1@evil.example":         address.ErrUserInfo,
		"https://hunter2:%zz@github.com": address.ErrHost,
		"evil.example#github.com":        address.ErrExtra,
		"https://github.com?access_token=hunter2":                    address.ErrExtra,
		"https://github.com/?":                                       address.ErrExtra,
		"https://git.example.com/githttps://git.example.com/git/app": address.ErrTwo,
		"http://github.com":                                          address.ErrPlainHTTP,
		"http://192.168.0.1":                                         address.ErrPlainHTTP,
		"http://127.0.0.1.evil.example":                              address.ErrPlainHTTP,
		"http://localhost.evil.example":                              address.ErrPlainHTTP,
		"http://0.0.0.0":                                             address.ErrPlainHTTP,
		"ftp://github.com":                                           address.ErrScheme,
		"ssh://github.com":                                           address.ErrScheme,
		"javascript://github.com/x":                                  address.ErrScheme,
		"file:///etc/passwd":                                         address.ErrHost,
		"javascript:alert(1)":                                        address.ErrHost,
		"git@github.com:acme/app.git":                                address.ErrHost,
		`\\github.com\share`:                                         address.ErrHost,
		`https://github.com\@evil.example`:                           address.ErrHost,
		"https://gith ub.com":                                        address.ErrHost,
		"https://github.com\r\nHost: evil.example":                   address.ErrHost,
		"https://github.com\x00":                                     address.ErrHost,
		"https://g\u0456thub.com":                                    address.ErrHost, // a Cyrillic letter
		"https://github\u3002com":                                    address.ErrHost, // a full stop that some take for a dot
		"https://git%68ub.com":                                       address.ErrHost,
		"https://github.com..":                                       address.ErrHost,
		"https://.github.com":                                        address.ErrHost,
		"https://git..hub.com":                                       address.ErrHost,
		"https://-github.com":                                        address.ErrHost,
		"https://github-.com":                                        address.ErrHost,
		"https://" + strings.Repeat("a", 64):                         address.ErrHost,
		"https://" + strings.Repeat("a.", 130) + "x":                 address.ErrHost,
		"https://github.com/" + strings.Repeat("a", 1000):            address.ErrHost,
		"0x7f.1":                         address.ErrHost,
		"0x7f000001":                     address.ErrHost,
		"127.1":                          address.ErrHost,
		"2130706433":                     address.ErrHost,
		"0177.0.0.1":                     address.ErrHost,
		"1.2.3.4.5":                      address.ErrHost,
		"[::1%25eth0]":                   address.ErrHost,
		"http://[fe80::1%25eth0]:8080":   address.ErrHost,
		"[::1":                           address.ErrHost,
		"::1":                            address.ErrHost,
		"github.com:0":                   address.ErrHost,
		"github.com:65536":               address.ErrHost,
		"github.com:https":               address.ErrHost,
		"https://ghe.acme.example/a%2fb": address.ErrHost,
		"https://ghe.acme.example/<b>":   address.ErrHost,
	} {
		t.Run(typed, func(t *testing.T) {
			got, err := address.Parse(typed)
			if !errors.Is(err, want) {
				t.Fatalf("read as %v with error %v, want %v", got, err, want)
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the refusal repeats what was typed: %v", err)
			}
		})
	}
}

func TestAnAddressIsNamedWithoutItsScheme(t *testing.T) {
	u, err := address.Parse("https://ghe.acme.example:8443/git/")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := address.Name(u), "ghe.acme.example:8443/git"; got != want {
		t.Errorf("named %q, want %q", got, want)
	}
	if got, want := address.Origin(u), "https://ghe.acme.example:8443"; got != want {
		t.Errorf("bound to %q, want %q", got, want)
	}
}

func TestOnlyThisMachineIsLoopback(t *testing.T) {
	for name, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.255.255.254": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.evil.example": false, "0.0.0.0": false, "::": false, "126.255.255.255": false, "128.0.0.1": false,
		"10.0.0.1": false, "::1%lo": false, "127.1": false, "127.0.0.1.evil.example": false,
	} {
		if got := address.Loopback(name); got != want {
			t.Errorf("%q is loopback: %v", name, got)
		}
	}
}

func TestAPageIsOpenedOnTheHostsOwnSiteAlone(t *testing.T) {
	const cloud, own, local = "https://github.com", "https://ghe.acme.example:8443/git", "http://127.0.0.1:8080/github"
	for _, test := range []struct{ name, base, sent, want string }{
		{"the host itself", cloud, "https://github.com/login/device", "https://github.com/login/device"},
		{"with query and fragment", cloud, "https://github.com/x?user_code=AB-12#top", "https://github.com/x?user_code=AB-12#top"},
		{"upper case", cloud, "HTTPS://GitHub.com/login/device", "https://GitHub.com/login/device"},
		{"below it", cloud, "https://gist.github.com/x", "https://gist.github.com/x"},
		{"another port of it", own, "https://ghe.acme.example/login", "https://ghe.acme.example/login"},
		{"loopback on the same port", local, "http://127.0.0.1:8080/login/device", "http://127.0.0.1:8080/login/device"},

		{"nothing", cloud, "", ""},
		{"another host", cloud, "https://evil.example/login/device", ""},
		{"a host that only ends alike", cloud, "https://evilgithub.com/", ""},
		{"a host that only begins alike", cloud, "https://github.com.evil.example/", ""},
		{"above it", own, "https://acme.example:8443/git", ""},
		{"user info", cloud, "https://github.com@evil.example/", ""},
		{"user info on the host itself", cloud, "https://me@github.com/", ""},
		{"http", cloud, "http://github.com/login/device", ""},
		{"no scheme", cloud, "//github.com/login/device", ""},
		{"a path alone", cloud, "/login/device", ""},
		{"javascript", cloud, "javascript:alert(1)", ""},
		{"javascript with the host", cloud, "javascript://github.com/%0aalert(1)", ""},
		{"a file", cloud, "file:///etc/passwd", ""},
		{"a file on the host", cloud, "file://github.com/etc/passwd", ""},
		{"a data address", cloud, "data:text/html,github.com", ""},
		{"a search of the desktop", cloud, "search-ms:query=github.com", ""},
		{"a share", cloud, `\\github.com\share`, ""},
		{"a drive", cloud, `C:\Windows\System32\calc.exe`, ""},
		{"a backslash", cloud, `https://github.com\@evil.example`, ""},
		{"an option", cloud, "--help https://github.com", ""},
		{"a space", cloud, "https://github.com/a b", ""},
		{"a line break", cloud, "https://github.com/\nrm", ""},
		{"an escape sequence", cloud, "https://github.com/\x1b[31m", ""},
		{"a bidi override", cloud, "https://github.com/\u202e", ""},
		{"a byte that is no UTF-8", cloud, "https://github.com/\xff", ""},
		{"more than anybody needs", cloud, "https://github.com/" + strings.Repeat("a", 2000), ""},
		{"a broken escape", cloud, "https://github.com/%zz", ""},
		{"an empty label", cloud, "https://.github.com/", ""},
		{"loopback on another port", local, "http://127.0.0.1:9090/", ""},
		{"loopback on another port with https", local, "https://127.0.0.1:9090/", ""},
		{"loopback by another name", local, "http://localhost:8080/", ""},
		{"loopback for a host that is not", cloud, "http://127.0.0.1:8080/", ""},
		{"a host whose own address is broken", "://", "https://github.com/", ""},
		{"a host without address", "", "https://github.com/", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := address.OnSite(test.base, test.sent)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("%q: %q %v, want %q", test.sent, got, ok, test.want)
			}
		})
	}
}

// FuzzHostNormalize reads anything as an address. What passes is safe, is its
// own only spelling, and leads to the host that was typed.
func FuzzHostNormalize(f *testing.F) {
	for _, typed := range []string{
		"github.com", "GITHUB.COM.", "https://ghe.acme.example:8443/git/", "http://127.0.0.1:80", "[::1%25eth0]", "0x7f.1",
		"me:pass@host", "evil#github.com", "https://a/../b//c", "[::ffff:127.0.0.1]:0080", "host:00443", "https://host/@x:y?",
	} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := address.Parse(typed)
		if err != nil {
			if got != nil {
				t.Fatalf("%q is refused and read: %v", typed, got)
			}
			return
		}
		text := got.String()
		if again, err := address.Parse(text); err != nil || again.String() != text {
			t.Fatalf("%q became %q, which becomes %v (%v)", typed, text, again, err)
		}
		if got.User != nil || got.RawQuery != "" || got.Fragment != "" || got.Opaque != "" || strings.HasSuffix(text, "/") {
			t.Fatalf("%q became %q", typed, text)
		}
		if got.Scheme != "https" && (got.Scheme != "http" || !address.Loopback(got.Hostname())) {
			t.Fatalf("%q became %q", typed, text)
		}
		if page, ok := address.OnSite(text, text); !ok || page != text {
			t.Fatalf("%q is not on its own site: %q", text, page)
		}
		if want := hostOf(t, typed); got.Hostname() != want {
			t.Fatalf("%q leads to %q, not to %q", typed, got.Hostname(), want)
		}
	})
}

// hostOf is the host in an address as the standard library reads it.
func hostOf(t *testing.T, typed string) string {
	t.Helper()
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil {
		t.Fatalf("%q passed and is no URL: %v", typed, err)
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String()
	}
	return name
}

// FuzzPage reads anything as an address to open. What passes begins with https,
// or with http on this machine, and cannot be taken for anything else by the
// program that gets it.
func FuzzPage(f *testing.F) {
	for _, text := range []string{
		"https://github.com/login?a=b#c", "http://127.0.0.1:8080/x", "HTTPS://G.example/%zz", "https://a@b", "javascript://x/%0aalert(1)", `https://a\b`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page, ok := address.Page(text)
		if !ok {
			return
		}
		u, err := url.Parse(page)
		if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
			t.Fatalf("%q is opened as %q: %v", text, page, err)
		}
		if !strings.HasPrefix(page, "https://") && !(strings.HasPrefix(page, "http://") && address.Loopback(u.Hostname())) {
			t.Fatalf("%q is opened as %q", text, page)
		}
		if strings.ContainsFunc(page, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
			t.Fatalf("%q is opened as %q", text, page)
		}
		if again, ok := address.Page(page); !ok || again != page {
			t.Fatalf("%q is opened as %q, which is %q", text, page, again)
		}
	})
}
