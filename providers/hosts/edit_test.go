package hosts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gitgrant/providers"
	"gitgrant/providers/hosts"
)

const written = `# Git hosts of Acme

version: 1        # unknown to this version
hosts:
  # the cloud
  - host: github.com            # as --host names it
    provider: github

    oauth: {client_id: 0123456, owner: platform}  # the app
    note: |
      asked for in spring

      still there
  # our own
  -
    host: "ghe.acme.example"
    proxy: 'http://proxy.acme.example'
    provider: github-enterprise
    tls:
      # from the wiki
      ca_file: ca.pem   # root

      min: 1.2
    methods:
    - oauth  # first
    - pat
# the end
other:
- a
`

func TestAChangeTouchesNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		host   string
		change func(*providers.Host)
		old    string // what goes
		new    string // what comes in its place
	}{
		"nothing": {
			written, "https://github.com",
			func(*providers.Host) {}, "", "",
		},
		"nothing, where a path is relative": {
			written, "https://ghe.acme.example",
			func(*providers.Host) {}, "", "",
		},
		"a value in braces": {
			written, "https://github.com",
			func(h *providers.Host) { h.ClientID = "Ov23li" },
			"{client_id: 0123456, owner", "{client_id: Ov23li, owner",
		},
		"a number as text": {
			written, "https://github.com",
			func(h *providers.Host) { h.ClientID = "0777" },
			"{client_id: 0123456, owner", `{client_id: "0777", owner`,
		},
		"a value taken out of braces": {
			written, "https://github.com",
			func(h *providers.Host) { h.ClientID = "" },
			"{client_id: 0123456, owner", "{owner",
		},
		"a new field": {
			written, "https://github.com",
			func(h *providers.Host) { h.Proxy = "socks5://127.0.0.1:1080" },
			"      still there\n", "      still there\n    proxy: socks5://127.0.0.1:1080\n",
		},
		"a new group": {
			written, "https://github.com",
			func(h *providers.Host) { h.CAFile = "/etc/ssl/our own.pem" },
			"      still there\n", "      still there\n    tls: {ca_file: /etc/ssl/our own.pem}\n",
		},
		"an address that its provider does not know": {
			written, "https://github.com",
			func(h *providers.Host) { h.APIURL = "http://127.0.0.1:8080/api" },
			"      still there\n", "      still there\n    api_url: http://127.0.0.1:8080/api\n",
		},
		"a value in quotes with a comment beside it": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.Proxy = "https://other.acme.example:8443" },
			"'http://proxy.acme.example'", "https://other.acme.example:8443",
		},
		"a line taken out": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.Proxy = "" },
			"    proxy: 'http://proxy.acme.example'\n", "",
		},
		"a relative path": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.CAFile = "certs/ca.pem" },
			"ca_file: ca.pem   # root", "ca_file: certs/ca.pem   # root",
		},
		"two fields of a group": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.ClientCert, h.ClientKey = "c.pem", "k.pem" },
			"      min: 1.2\n", "      min: 1.2\n      client_cert: c.pem\n      client_key: k.pem\n",
		},
		"the first field of a group, which keeps its line": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.CAFile = "" },
			"ca_file: ca.pem   # root", "ca_file:   # root",
		},
		"a list over lines": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.Methods = []string{"pat"} },
			"methods:\n    - oauth  # first\n    - pat\n", "methods: [pat]\n",
		},
		"a list over lines taken out": {
			written, "https://ghe.acme.example",
			func(h *providers.Host) { h.Methods = nil },
			"    methods:\n    - oauth  # first\n    - pat\n", "",
		},
		"a value of several lines": {
			"hosts:\n- host: github.com\n  provider: github\n  oauth:\n    client_id: >-\n      Ov23li\n    # end\n", "https://github.com",
			func(h *providers.Host) { h.ClientID = "Ov23new" },
			">-\n      Ov23li\n", "Ov23new\n",
		},
		"a field without value": {
			"hosts:\n- host: github.com\n  provider: github\n  oauth: # none yet\n", "https://github.com",
			func(h *providers.Host) { h.ClientID = "Ov23li" },
			"oauth: #", "oauth: {client_id: Ov23li} #",
		},
		"a last line without end": {
			"hosts:\n- host: github.com\n  provider: github", "https://github.com",
			func(h *providers.Host) { h.ClientID = "Ov23li" },
			"provider: github", "provider: github\n  oauth: {client_id: Ov23li}",
		},
		"windows lines": {
			"hosts:\r\n- host: github.com # é\r\n  provider: github\r\n  proxy: http://a\r\n", "https://github.com",
			func(h *providers.Host) { h.Proxy = "http://b" },
			"proxy: http://a", "proxy: http://b",
		},
		"a byte order mark": {
			"\ufeffhosts:\n- {host: github.com, provider: github}\n", "https://github.com",
			func(h *providers.Host) { h.Proxy = "http://b" },
			"\ufeffhosts:\n- {host: github.com, provider: github}", "hosts:\n- {host: github.com, provider: github, proxy: http://b}",
		},
		"JSON": {
			`{"hosts": [{"host": "github.com", "provider": "github", "oauth": {"client_id": "\u004fv23"}, "note": [1]}]}`, "https://github.com",
			func(h *providers.Host) { h.ClientID, h.Proxy = "0x1F", "http://b" },
			`"\u004fv23"}, "note": [1]`, `"0x1F"}, "note": [1], proxy: http://b`,
		},
		"braces that end with a comma and a comment": {
			"hosts:\n- {host: github.com, provider: github, # the cloud\n  }\n", "https://github.com",
			func(h *providers.Host) { h.Proxy = "http://b" },
			"provider: github, #", "provider: github, proxy: http://b #",
		},
		"a provider": {
			"hosts:\n- host: git.acme.example\n  provider: github-enterprise\n", "https://git.acme.example",
			func(h *providers.Host) { h.Provider, h.WebURL, h.APIURL = providers.GitLabServer, "", "" },
			"github-enterprise", "gitlab-server",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := parse(t, test.before)
			h, found := b.Find(test.host)
			if !found {
				t.Fatal("no such host")
			}
			test.change(&h)
			if err := b.Set(h); err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(test.before, test.old, test.new, 1)
			if diff := cmp.Diff(want, string(b.Text())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANewProfileIsWrittenAfterTheOthers(t *testing.T) {
	full := providers.Host{
		URL: "https://new.acme.example:8443", Provider: providers.GitHubEnterprise,
		WebURL: "https://www.acme.example", APIURL: "https://new.acme.example:8443/api/v3",
		ClientID: "1e5", CAFile: "ca.pem", ClientCert: "c.pem", ClientKey: "k.pem",
		Proxy: "http://proxy:3128", Methods: []string{"pat"},
	}
	loopback := providers.Host{URL: "https://127.0.0.1:8443/ghes", Provider: providers.GitHubEnterprise}
	for name, test := range map[string]struct {
		before string
		host   providers.Host
		after  string
	}{
		"in an empty file": {"", full, `hosts:
  - host: new.acme.example:8443
    provider: github-enterprise
    web_url: https://www.acme.example
    oauth: {client_id: "1e5"}
    tls: {ca_file: ca.pem, client_cert: c.pem, client_key: k.pem}
    proxy: http://proxy:3128
    methods: [pat]
`},
		"with its scheme where it is not the usual one": {"# mine", loopback, "# mine\nhosts:\n  - host: https://127.0.0.1:8443/ghes\n    provider: github-enterprise\n"},
		"in an empty list":       {"hosts: [] # none\nx: 1\n", loopback, "hosts:\n  - host: https://127.0.0.1:8443/ghes\n    provider: github-enterprise # none\nx: 1\n"},
		"in a list that is null": {"hosts: # none\nx: 1\n", loopback, "hosts: # none\n  - host: https://127.0.0.1:8443/ghes\n    provider: github-enterprise\nx: 1\n"},
		"behind an indented one": {"hosts:\n    - host: github.com\n      provider: github # cloud\n# end\n", loopback, "hosts:\n    - host: github.com\n      provider: github # cloud\n    - host: https://127.0.0.1:8443/ghes\n      provider: github-enterprise\n# end\n"},
		"behind one in braces":   {"hosts:\n- {host: github.com, provider: github}\n", loopback, "hosts:\n- {host: github.com, provider: github}\n- host: https://127.0.0.1:8443/ghes\n  provider: github-enterprise\n"},
		"in brackets":            {"hosts: [{host: github.com, provider: github}]\n", loopback, "hosts: [{host: github.com, provider: github}, {host: https://127.0.0.1:8443/ghes, provider: github-enterprise}]\n"},
		"in JSON":                {`{"hosts": []}`, loopback, `{"hosts": [{host: https://127.0.0.1:8443/ghes, provider: github-enterprise}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := parse(t, test.before)
			if err := b.Set(test.host); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, string(b.Text())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemovingAProfileLeavesTheOthersAsTheyAre(t *testing.T) {
	for name, test := range map[string]struct{ before, host, after string }{
		"the first": {written, "github.com", strings.Replace(written, written[strings.Index(written, "  - host: github"):strings.Index(written, "  # our own")], "", 1)},
		"the last":  {written, "https://GHE.acme.example/", written[:strings.Index(written, "  -\n")] + written[strings.Index(written, "# the end"):]},
		"the only":  {"hosts:\n- host: github.com\n  provider: github", "github.com", "hosts:\n"},
		"in brackets, the first": {
			"hosts: [{host: github.com, provider: github}, {host: a.example, provider: github-enterprise}] # end", "github.com",
			"hosts: [{host: a.example, provider: github-enterprise}] # end",
		},
		"in brackets, the last": {
			"hosts: [{host: github.com, provider: github}, {host: a.example, provider: github-enterprise},]", "a.example",
			"hosts: [{host: github.com, provider: github},]",
		},
		"in brackets, the only": {`{"hosts": [{"host": "github.com", "provider": "github"}]}`, "github.com", `{"hosts": []}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := parse(t, test.before)
			if err := b.Remove(test.host); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, string(b.Text())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemovingWhatIsNotThereSaysSo(t *testing.T) {
	for _, name := range []string{"", "gitlab.com", "ghe.acme.example:8443", "a b", "http://ghe.acme.example"} {
		b := parse(t, written)
		if err := b.Remove(name); !errors.Is(err, hosts.ErrUnknown) {
			t.Errorf("removing %q: %v", name, err)
		}
	}
}

func TestAProfileThatCouldNotBeReadAgainIsNotSet(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*providers.Host)
		field   string
		problem hosts.Problem
	}{
		"an address that is http":  {func(h *providers.Host) { h.WebURL = "http://ghe.acme.example" }, "web_url", hosts.PlainHTTP},
		"an address of another":    {func(h *providers.Host) { h.URL = "https://github.com" }, "host", hosts.OtherProvider},
		"no address":               {func(h *providers.Host) { h.URL = "" }, "host", hosts.Absent},
		"no provider":              {func(h *providers.Host) { h.Provider = "" }, "provider", hosts.Absent},
		"a provider that is none":  {func(h *providers.Host) { h.Provider = "gitea" }, "provider", hosts.UnknownProvider},
		"a client id of two lines": {func(h *providers.Host) { h.ClientID = "a\nhosts: []" }, "oauth.client_id", hosts.BadText},
		"a redirect to http":       {func(h *providers.Host) { h.Redirect = "http://tool.example/back" }, "oauth.redirect", hosts.PlainHTTP},
		"a redirect to ::1":        {func(h *providers.Host) { h.Redirect = "http://[::1]/back" }, "oauth.redirect", hosts.BadAddress},
		"a redirect to a fragment": {func(h *providers.Host) { h.Redirect = "https://tool.example/#back" }, "oauth.redirect", hosts.BadAddress},
		"a redirect with a query":  {func(h *providers.Host) { h.Redirect = "https://tool.example/?back" }, "oauth.redirect", hosts.BadAddress},
		"a redirect to an app":     {func(h *providers.Host) { h.Redirect = "gitgrant://back/" }, "oauth.redirect", hosts.BadAddress},
		"a redirect with a name":   {func(h *providers.Host) { h.Redirect = "https://me@tool.example/" }, "oauth.redirect", hosts.UserInfo},
		"a certificate alone":      {func(h *providers.Host) { h.ClientCert = "c.pem" }, "tls.client_key", hosts.Absent},
		"an unknown method":        {func(h *providers.Host) { h.Methods = []string{"device"} }, "methods", hosts.UnknownMethod},
		"tokens of another life":   {func(h *providers.Host) { h.Life = "eternal" }, "oauth.tokens", hosts.UnknownTokens},
		"a proxy with a password":  {func(h *providers.Host) { h.Proxy = "http://a:b@c" }, "proxy", hosts.UserInfo},
	} {
		t.Run(name, func(t *testing.T) {
			b := parse(t, written)
			h, _ := b.Find("https://ghe.acme.example")
			test.change(&h)
			err := b.Set(h)
			want := &hosts.FileError{File: "/config/hosts.yaml", Field: test.field, Problem: test.problem}
			var got *hosts.FileError
			if !errors.As(err, &got) || *got != *want {
				t.Errorf("error is %v, want %v", err, want)
			}
			if string(b.Text()) != written {
				t.Errorf("the text has changed:\n%s", b.Text())
			}
		})
	}
}

func TestAFileThatOnlyItsOwnerCanChangeIsLeftAlone(t *testing.T) {
	text := "hosts:\r- host: github.com\r  provider: github\rx: 1\r" // lines as on an old Macintosh
	b := parse(t, text)
	err := b.Set(hostNamed("ghe.example"))
	var wrong *hosts.FileError
	if !errors.As(err, &wrong) || wrong.Problem != hosts.Rigid {
		t.Errorf("error is %v", err)
	}
	if string(b.Text()) != text {
		t.Errorf("the text is now %q", b.Text())
	}
}

// anyHost draws a profile that may be written.
func anyHost(t *rapid.T) providers.Host {
	name := rapid.SampledFrom([]string{"https://a.example", "https://b.example:8443/git", "http://127.0.0.1:8080", "https://github.com"}).Draw(t, "host")
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"", "0123456", "1e5", "null", "~", "true", "- a", "a: b", "a #b", "'", `"`, `\`, "[", "{}", ",", "*x", "&x", "!x", "%", "@", "`", "?", "é", "\u00a0", "🙂", "=", "<<", "---", "..."}),
		rapid.StringMatching(`[ -~]{0,12}`),
	)
	address := rapid.SampledFrom([]string{"", "https://web.example", "http://127.0.0.1:9000/x"})
	h := providers.Host{
		URL: name, Provider: providers.GitHubEnterprise,
		WebURL: address.Draw(t, "web"), APIURL: address.Draw(t, "api"),
		ClientID: text.Draw(t, "client id"), CAFile: "",
		Redirect: rapid.SampledFrom([]string{
			"", "http://localhost:7171/", "http://127.0.0.1", "https://tool.example:8443/a/back",
		}).Draw(t, "redirect"),
		Life:    rapid.SampledFrom([]string{"", providers.LongTokens, providers.ShortTokens}).Draw(t, "tokens"),
		Proxy:   rapid.SampledFrom([]string{"", "http://proxy:3128"}).Draw(t, "proxy"),
		Methods: rapid.SampledFrom([][]string{nil, {"pat"}, {"oauth", "pat"}}).Draw(t, "methods"),
	}
	if ca := text.Draw(t, "ca"); ca != "" {
		h.CAFile = "/ca/" + ca
	}
	if rapid.Bool().Draw(t, "certificate") {
		h.ClientCert, h.ClientKey = "/c.pem", "/k.pem"
	}
	if name == "https://github.com" {
		h.Provider = providers.GitHub
	}
	return h
}

func TestAnySequenceOfChangesLeavesWhatWasSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.SampledFrom([]string{"", "# none\n", written, "hosts: []", `{"hosts": [{"host": "a.example", "provider": "github-enterprise"}]}`}).Draw(t, "start")
		b, err := hosts.Parse("/config/hosts.yaml", []byte(start), known)
		if err != nil {
			t.Fatal(err)
		}
		model := b.All()
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			h := anyHost(t)
			i := slices.IndexFunc(model, func(m providers.Host) bool { return m.URL == h.URL })
			if i >= 0 && rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				if err := b.Remove(h.URL); err != nil {
					t.Fatalf("removing %s: %v\n%s", h.URL, err, b.Text())
				}
				model = slices.Delete(model, i, i+1)
				continue
			}
			before := string(b.Text())
			if err := b.Set(h); err != nil {
				t.Fatalf("setting %+v: %v\n%s", h, err, before)
			}
			if i < 0 {
				i, model = len(model), append(model, h)
			}
			model[i] = completed(h)
		}
		again, err := hosts.Parse("/config/hosts.yaml", b.Text(), known)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Text())
		}
		for _, got := range [][]providers.Host{b.All(), again.All()} {
			if !slices.EqualFunc(model, got, func(a, b providers.Host) bool { return cmp.Equal(a, b) }) {
				t.Fatalf("%s\n%s", cmp.Diff(model, got), b.Text())
			}
		}
		for _, kept := range []string{"# none", "# Git hosts of Acme", "# the cloud", "# our own", "# the end", "version: 1        # unknown to this version"} {
			if strings.Contains(start, kept) && !strings.Contains(string(b.Text()), kept) {
				t.Fatalf("%q is lost:\n%s", kept, b.Text())
			}
		}
	})
}

// completed is a host with the addresses that its provider knows.
func completed(h providers.Host) providers.Host {
	for _, p := range known {
		if p.Kind() != h.Provider {
			continue
		}
		located, err := p.Locate(h.URL)
		if err != nil {
			continue
		}
		if h.WebURL == "" {
			h.WebURL = located.WebURL
		}
		if h.APIURL == "" {
			h.APIURL = located.APIURL
		}
	}
	return h
}
