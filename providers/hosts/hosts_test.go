package hosts_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/github"
	"gitgrant/providers/hosts"
)

var known = []providers.Provider{github.Cloud(), github.Enterprise()}

func parse(t *testing.T, text string) *hosts.Book {
	t.Helper()
	b, err := hosts.Parse("/config/hosts.yaml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryFieldOfAProfileIsRead(t *testing.T) {
	b := parse(t, `
hosts:
  - host: github.com            # as --host names it
    provider: github
    web_url: https://mirror.acme.example/github/
    api_url: http://127.0.0.1:8080/api
    oauth: {client_id: Ov23liExample}
    tls: {ca_file: /etc/ssl/acme.pem, client_cert: c.pem, client_key: keys/k.pem}
    proxy: http://proxy.acme.example:3128
    methods: [oauth, pat]       # what the admin of this host allows
    colour: green
`)
	want := []providers.Host{{
		URL:        "https://github.com",
		Provider:   providers.GitHub,
		WebURL:     "https://mirror.acme.example/github",
		APIURL:     "http://127.0.0.1:8080/api",
		ClientID:   "Ov23liExample",
		CAFile:     "/etc/ssl/acme.pem",
		ClientCert: "/config/c.pem",
		ClientKey:  "/config/keys/k.pem",
		Proxy:      "http://proxy.acme.example:3128",
		Methods:    []string{"oauth", "pat"},
	}}
	if diff := cmp.Diff(want, b.All()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAProfileLeavesOutComesFromItsProvider(t *testing.T) {
	b := parse(t, "hosts: [{host: GHE.acme.example:8443/git/, provider: github-enterprise}]")
	want := []providers.Host{{
		URL:      "https://ghe.acme.example:8443/git",
		Provider: providers.GitHubEnterprise,
		WebURL:   "https://ghe.acme.example:8443/git",
		APIURL:   "https://ghe.acme.example:8443/git/api/v3",
	}}
	if diff := cmp.Diff(want, b.All()); diff != "" {
		t.Error(diff)
	}
}

func TestTextStaysText(t *testing.T) {
	for written, want := range map[string]string{
		"0123456":              "0123456",
		"1e5":                  "1e5",
		"1_000":                "1_000",
		"0x1F":                 "0x1F",
		"0o17":                 "0o17",
		"+12.50":               "+12.50",
		"true":                 "true",
		"No":                   "No",
		"null":                 "null",
		"Null":                 "Null",
		"~":                    "~",
		".inf":                 ".inf",
		".NaN":                 ".NaN",
		"2026-12-31":           "2026-12-31",
		"2026-12-31T23:59:59Z": "2026-12-31T23:59:59Z",
		"12:30:45":             "12:30:45",
		"99999999999999999999": "99999999999999999999",
		`"0123456"`:            "0123456",
		`'it''s'`:              "it's",
		`"a\u0062c"`:           "abc",
		"":                     "",
		`""`:                   "",
	} {
		t.Run(written, func(t *testing.T) {
			b := parse(t, "hosts:\n- host: github.com\n  provider: github\n  oauth:\n    client_id: "+written+"\n")
			if got := b.All()[0].ClientID; got != want {
				t.Fatalf("read %q, want %q", got, want)
			}

			// The same text again, set into a file that had none.
			empty := parse(t, "")
			if err := empty.Set(b.All()[0]); err != nil {
				t.Fatal(err)
			}
			if got := parse(t, string(empty.Text())).All()[0].ClientID; got != want {
				t.Errorf("written as %q, want %q\n%s", got, want, empty.Text())
			}

			// Something else changes in the file that had it.
			changed := b.All()[0]
			changed.Proxy = "http://proxy.acme.example"
			if err := b.Set(changed); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(b.Text()), "    client_id: "+written+"\n") {
				t.Errorf("client_id is not as it was written:\n%s", b.Text())
			}
		})
	}
}

func TestABrokenFileIsRefusedWithItsPlace(t *testing.T) {
	entry := func(lines string) string {
		return "hosts:\n- host: ghe.acme.example\n  provider: github-enterprise\n" + lines
	}
	for name, test := range map[string]struct {
		text string
		want hosts.FileError
	}{
		"no YAML":                        {"hosts:\n  - host: [\n", hosts.FileError{Line: 2, Column: 11, Problem: hosts.NotYAML}},
		"a tab as indent":                {"hosts:\n\t- host: a\n", hosts.FileError{Line: 2, Column: 1, Problem: hosts.NotYAML}},
		"no UTF-8":                       {"hosts: \xff", hosts.FileError{Problem: hosts.NotYAML}},
		"a megabyte too much":            {strings.Repeat("#\n", 1<<20), hosts.FileError{Problem: hosts.TooLarge}},
		"a list on top":                  {"- host: github.com\n", hosts.FileError{Line: 1, Column: 1, Problem: hosts.WrongShape}},
		"a text on top":                  {"github.com\n", hosts.FileError{Line: 1, Column: 1, Problem: hosts.WrongShape}},
		"two documents":                  {"hosts: []\n---\nhosts: []\n", hosts.FileError{Line: 3, Column: 6, Problem: hosts.WrongShape}},
		"another field alone":            {"host: github.com\n", hosts.FileError{Line: 1, Column: 5, Field: "hosts", Problem: hosts.Absent}},
		"hosts as a map":                 {"hosts:\n  github.com: {}\n", hosts.FileError{Line: 2, Column: 13, Field: "hosts", Problem: hosts.WrongShape}},
		"a name for an entry":            {"hosts:\n- github.com\n", hosts.FileError{Line: 2, Column: 3, Field: "hosts", Problem: hosts.WrongShape}},
		"hosts twice":                    {"hosts: []\nhosts: []\n", hosts.FileError{Line: 2, Column: 1, Field: "hosts", Problem: hosts.Doubled}},
		"a field twice":                  {entry("  proxy: http://a\n  proxy: http://b\n"), hosts.FileError{Line: 5, Column: 3, Field: "proxy", Problem: hosts.Doubled}},
		"an inner field twice":           {entry("  tls: {ca_file: a, ca_file: b}\n"), hosts.FileError{Line: 4, Column: 21, Field: "tls.ca_file", Problem: hosts.Doubled}},
		"a slip in an address field":     {entry("  web_ulr: https://git.acme.example\n"), hosts.FileError{Line: 4, Column: 3, Field: "web_url", Problem: hosts.Mistyped}},
		"a slip in the API address":      {entry("  note: mine\n  api-url: https://git.acme.example\n"), hosts.FileError{Line: 5, Column: 3, Field: "api_url", Problem: hosts.Mistyped}},
		"a slip in capitals":             {entry("  Proxy: http://proxy\n"), hosts.FileError{Line: 4, Column: 3, Field: "proxy", Problem: hosts.Mistyped}},
		"a slip in the name of a group":  {entry("  tsl: {ca_file: a}\n"), hosts.FileError{Line: 4, Column: 3, Field: "tls", Problem: hosts.Mistyped}},
		"a slip in a group":              {entry("  oauth: {clientid: a}\n"), hosts.FileError{Line: 4, Column: 11, Field: "oauth.client_id", Problem: hosts.Mistyped}},
		"a slip in the list of methods":  {entry("  method: [pat]\n"), hosts.FileError{Line: 4, Column: 3, Field: "methods", Problem: hosts.Mistyped}},
		"a host twice":                   {entry("- host: https://GHE.acme.example:443/\n  provider: github-enterprise\n"), hosts.FileError{Line: 4, Column: 3, Field: "host", Problem: hosts.Doubled}},
		"a host under two kinds":         {entry("- provider: gitlab-server\n  host: ghe.acme.example\n"), hosts.FileError{Line: 5, Column: 3, Field: "host", Problem: hosts.Doubled}},
		"a merge":                        {"x: &x {host: a}\nhosts:\n- <<: *x\n  provider: github\n", hosts.FileError{Line: 3, Column: 3, Field: "<<", Problem: hosts.WrongType}},
		"an alias for a text":            {"x: &x a\nhosts:\n- host: *x\n  provider: github\n", hosts.FileError{Line: 3, Column: 9, Field: "host", Problem: hosts.WrongType}},
		"no host":                        {"hosts:\n- provider: github\n", hosts.FileError{Line: 2, Column: 11, Field: "host", Problem: hosts.Absent}},
		"no provider":                    {"hosts:\n- host: github.com\n", hosts.FileError{Line: 2, Column: 7, Field: "provider", Problem: hosts.Absent}},
		"a provider that is none":        {"hosts:\n- host: github.com\n  provider: gitea\n", hosts.FileError{Line: 3, Column: 3, Field: "provider", Problem: hosts.UnknownProvider}},
		"a host of another provider":     {"hosts:\n- host: github.com\n  provider: github-enterprise\n", hosts.FileError{Line: 2, Column: 3, Field: "host", Problem: hosts.OtherProvider}},
		"a host that is none":            {"hosts:\n- host: not a host\n  provider: github-enterprise\n", hosts.FileError{Line: 2, Column: 3, Field: "host", Problem: hosts.BadAddress}},
		"a host that is a number":        {"hosts:\n- host: 0x7f.1\n  provider: github-enterprise\n", hosts.FileError{Line: 2, Column: 3, Field: "host", Problem: hosts.BadAddress}},
		"a list for a text":              {entry("  web_url: [a]\n"), hosts.FileError{Line: 4, Column: 12, Field: "web_url", Problem: hosts.WrongType}},
		"a text for a map":               {entry("  oauth: Ov23\n"), hosts.FileError{Line: 4, Column: 10, Field: "oauth", Problem: hosts.WrongType}},
		"a list for a map":               {entry("  tls: [a]\n"), hosts.FileError{Line: 4, Column: 8, Field: "tls", Problem: hosts.WrongType}},
		"a text for a list":              {entry("  methods: pat\n"), hosts.FileError{Line: 4, Column: 12, Field: "methods", Problem: hosts.WrongType}},
		"a map in a list":                {entry("  methods: [{a: b}]\n"), hosts.FileError{Line: 4, Column: 13, Field: "methods", Problem: hosts.WrongType}},
		"tokens of another life":         {entry("  oauth: {tokens: eternal}\n"), hosts.FileError{Line: 4, Column: 11, Field: "oauth.tokens", Problem: hosts.UnknownTokens}},
		"an unknown method":              {entry("  methods: [password]\n"), hosts.FileError{Line: 4, Column: 3, Field: "methods", Problem: hosts.UnknownMethod}},
		"http to another machine":        {entry("  api_url: http://ghe.acme.example/api\n"), hosts.FileError{Line: 4, Column: 3, Field: "api_url", Problem: hosts.PlainHTTP}},
		"a password in an address":       {entry("  web_url: https://me:hunter2@ghe.acme.example\n"), hosts.FileError{Line: 4, Column: 3, Field: "web_url", Problem: hosts.UserInfo}},
		"a password in a host":           {"hosts:\n- host: me:hunter2@ghe.acme.example\n  provider: github-enterprise\n", hosts.FileError{Line: 2, Column: 3, Field: "host", Problem: hosts.UserInfo}},
		"a password in a proxy":          {entry("  proxy: http://me:hunter2@proxy\n"), hosts.FileError{Line: 4, Column: 3, Field: "proxy", Problem: hosts.UserInfo}},
		"a proxy without scheme":         {entry("  proxy: proxy.acme.example:3128\n"), hosts.FileError{Line: 4, Column: 3, Field: "proxy", Problem: hosts.BadAddress}},
		"a proxy that is a file":         {entry("  proxy: file:///etc/passwd\n"), hosts.FileError{Line: 4, Column: 3, Field: "proxy", Problem: hosts.BadAddress}},
		"an escape sequence":             {entry("  oauth: {client_id: \"\\e[31m\"}\n"), hosts.FileError{Line: 4, Column: 11, Field: "oauth.client_id", Problem: hosts.BadText}},
		"a text of two lines":            {entry("  oauth:\n    client_id: |\n      a\n      b\n"), hosts.FileError{Line: 5, Column: 5, Field: "oauth.client_id", Problem: hosts.BadText}},
		"a certificate without key":      {entry("  tls: {client_cert: c.pem}\n"), hosts.FileError{Line: 2, Column: 7, Field: "tls.client_key", Problem: hosts.Absent}},
		"a key without certificate":      {entry("  tls: {client_key: k.pem}\n"), hosts.FileError{Line: 2, Column: 7, Field: "tls.client_cert", Problem: hosts.Absent}},
		"a bad host of an unbuilt kind":  {"hosts:\n- host: http://bitbucket.acme.example\n  provider: bitbucket-server\n", hosts.FileError{Line: 2, Column: 3, Field: "host", Problem: hosts.PlainHTTP}},
		"a bad field of an unbuilt kind": {"hosts:\n- host: gitlab.com\n  provider: gitlab\n  proxy: x\n", hosts.FileError{Line: 4, Column: 3, Field: "proxy", Problem: hosts.BadAddress}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hosts.Parse("/config/hosts.yaml", []byte(test.text), known)
			var got *hosts.FileError
			if !errors.As(err, &got) {
				t.Fatalf("error is %v", err)
			}
			test.want.File = "/config/hosts.yaml"
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats what was written: %v", err)
			}
		})
	}
}

func TestAFileWithoutProfilesIsAnEmptyBook(t *testing.T) {
	for name, text := range map[string]string{
		"empty":           "",
		"white space":     " \n\n",
		"comments alone":  "# nothing yet\n# at all\n",
		"an empty list":   "hosts: []\n",
		"no list yet":     "hosts:\n",
		"null":            "hosts: null # none\n",
		"a document mark": "---\n# nothing\n",
		"an unknown text": "version: 2\nhosts: []\n",
		"windows lines":   "# none\r\nhosts: []\r\n",
		"a list in JSON":  "{\"hosts\": []}\n",
	} {
		t.Run(name, func(t *testing.T) {
			b := parse(t, text)
			if got := b.All(); got != nil {
				t.Errorf("profiles: %v", got)
			}
			if err := b.Set(hostNamed("ghe.acme.example")); err != nil {
				t.Fatalf("adding the first: %v", err)
			}
			if got := parse(t, string(b.Text())).All(); len(got) != 1 {
				t.Errorf("after adding the first there are %d:\n%s", len(got), b.Text())
			}
			for line := range strings.Lines(text) {
				if comment := strings.Index(line, "#"); comment >= 0 && !strings.Contains(string(b.Text()), line[comment:]) {
					t.Errorf("the comment %q is lost:\n%s", line[comment:], b.Text())
				}
			}
		})
	}
}

// hostNamed is a host without anything of its own.
func hostNamed(name string) providers.Host {
	return completed(providers.Host{URL: "https://" + name, Provider: providers.GitHubEnterprise})
}

func TestAProfileOfAKindThatIsNotBuiltIsKeptAndNotListed(t *testing.T) {
	text := "hosts:\n- host: bitbucket.org\n  provider: bitbucket\n  oauth: {client_id: 007}\n"
	b := parse(t, text)
	if got := b.All(); got != nil {
		t.Errorf("listed: %v", got)
	}
	if _, found := b.Find("https://bitbucket.org"); found {
		t.Error("found")
	}
	if err := b.Set(hostNamed("ghe.acme.example")); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b.Text()), text) {
		t.Errorf("not kept:\n%s", b.Text())
	}
	if err := b.Remove("bitbucket.org"); err != nil {
		t.Errorf("removing it: %v", err)
	}
}

func TestResolveLaysTheProfileOverWhatTheProviderKnows(t *testing.T) {
	one := "hosts:\n- {host: ghe.acme.example, provider: github-enterprise, oauth: {client_id: one}}\n"
	two := one + "- {host: 127.0.0.1:8080/ghes, provider: github-enterprise, oauth: {client_id: two}}\n"
	cloud := "hosts:\n- {host: github.com, provider: github, web_url: http://127.0.0.1:9000/github, api_url: http://127.0.0.1:9000/github/api}\n"
	for name, test := range map[string]struct {
		text     string
		provider providers.Provider
		input    string
		want     providers.Host
		err      error
	}{
		"by name": {
			one, github.Enterprise(), "GHE.acme.example.",
			providers.Host{URL: "https://ghe.acme.example", WebURL: "https://ghe.acme.example", APIURL: "https://ghe.acme.example/api/v3", ClientID: "one"},
			nil,
		},
		"by address": {
			two, github.Enterprise(), "http://127.0.0.1:8080/ghes/",
			providers.Host{URL: "http://127.0.0.1:8080/ghes", WebURL: "http://127.0.0.1:8080/ghes", APIURL: "http://127.0.0.1:8080/ghes/api/v3", ClientID: "two"},
			nil,
		},
		"another port is another host": {
			two, github.Enterprise(), "127.0.0.1:8081/ghes",
			providers.Host{URL: "http://127.0.0.1:8081/ghes", WebURL: "http://127.0.0.1:8081/ghes", APIURL: "http://127.0.0.1:8081/ghes/api/v3"},
			nil,
		},
		"another path is another host": {
			two, github.Enterprise(), "127.0.0.1:8080",
			providers.Host{URL: "http://127.0.0.1:8080", WebURL: "http://127.0.0.1:8080", APIURL: "http://127.0.0.1:8080/api/v3"},
			nil,
		},
		"another scheme is another host": {
			two, github.Enterprise(), "https://127.0.0.1:8080/ghes",
			providers.Host{URL: "https://127.0.0.1:8080/ghes", WebURL: "https://127.0.0.1:8080/ghes", APIURL: "https://127.0.0.1:8080/ghes/api/v3"},
			nil,
		},
		"nothing is the cloud host, wherever its profile points": {
			cloud, github.Cloud(), "",
			providers.Host{URL: "https://github.com", WebURL: "http://127.0.0.1:9000/github", APIURL: "http://127.0.0.1:9000/github/api"},
			nil,
		},
		"nothing is no host, though one has a profile": {one, github.Enterprise(), " ", providers.Host{}, providers.ErrNeedHost},
		"nothing is not a profile of others":           {cloud, github.Enterprise(), "", providers.Host{}, providers.ErrNeedHost},
		"a host that is no address":                    {one, github.Enterprise(), "a b", providers.Host{}, address.ErrHost},
		"a host whose profile is another kind's":       {"hosts: [{host: ghe.acme.example, provider: gitlab-server}]", github.Enterprise(), "ghe.acme.example", providers.Host{}, providers.ErrOtherKind},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, test.text).Resolve(test.provider, test.input)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if err == nil {
				test.want.Provider = test.provider.Kind()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABookWithoutFolderTouchesNoDisk(t *testing.T) {
	t.Chdir(t.TempDir())
	b, err := hosts.Open("", known)
	if err != nil {
		t.Fatal(err)
	}
	h := hostNamed("ghe.acme.example")
	h.CAFile = "ca.pem"
	if err := b.Set(h); err != nil {
		t.Fatal(err)
	}
	if got, found := b.Find(h.URL); !found || got.CAFile != "ca.pem" {
		t.Errorf("found %v: %v", found, got)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("files: %v %v", left, err)
	}
}

func TestAFolderThatCannotBeReadIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, hosts.FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := hosts.Open(dir, known); err == nil {
		t.Error("no error")
	}
}

func TestOnlyIsTheOneProfileOfItsKind(t *testing.T) {
	for name, tc := range map[string]struct {
		text, want string
	}{
		"one of the kind":  {"hosts: [{host: ghe.acme.example, provider: github-enterprise}, {host: github.com, provider: github}]", "https://ghe.acme.example"},
		"two of the kind":  {"hosts: [{host: a.example, provider: github-enterprise}, {host: b.example, provider: github-enterprise}]", ""},
		"none of the kind": {"hosts: [{host: github.com, provider: github}]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, found := parse(t, tc.text).Only(providers.GitHubEnterprise)
			if got.URL != tc.want || found != (tc.want != "") {
				t.Errorf("%q, %v", got.URL, found)
			}
		})
	}
}

func TestWhatIsPastedBelongsToTheProfileThatFitsBest(t *testing.T) {
	b := parse(t, `
hosts:
  - {host: git.acme.example, provider: github-enterprise}
  - {host: git.acme.example/lab, provider: github-enterprise}
  - {host: ghe.acme.example, provider: github-enterprise, web_url: "http://127.0.0.1:8080/ghes"}
`)
	for pasted, want := range map[string]string{
		"https://git.acme.example/acme/app":       "https://git.acme.example",
		"https://git.acme.example/lab/acme/app":   "https://git.acme.example/lab",
		"https://git.acme.example/labs/app":       "https://git.acme.example",
		"https://git.acme.example:8443/lab":       "",
		"http://127.0.0.1:8080/ghes/acme/app.git": "https://ghe.acme.example",
		"http://127.0.0.1:8080/acme/app.git":      "",
		"git@ghe.acme.example:acme/app.git":       "https://ghe.acme.example",
		"git@git.acme.example:acme/app.git":       "", // two profiles are on that machine
		"https://github.com/acme/app":             "",
	} {
		p, err := address.Paste(pasted)
		if err != nil {
			t.Fatal(err)
		}
		if h, ok := b.At(p); h.URL != want && ok || ok != (want != "") {
			t.Errorf("%s belongs to %q, %v", pasted, h.URL, ok)
		}
	}
}
