package hosts_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/hosts"
)

// FuzzHosts reads any file. What is read is written again without a difference,
// and a change is either there when the file is read again or refused.
func FuzzHosts(f *testing.F) {
	for _, text := range []string{
		written,
		"",
		"hosts: []",
		"{\"hosts\": [{\"host\": \"github.com\", \"provider\": \"github\", \"oauth\": {\"client_id\": 0123456}}]}",
		"hosts:\r\n- host: github.com\r\n  provider: github\r\n",
		"---\nhosts:\n- {host: a.example, provider: github-enterprise, methods: [pat], }\n...\n",
		"hosts:\n- ? host\n  : a.example\n  provider: !!str github-enterprise\n",
		"hosts:\n- &a\n  host: a.example\n  provider: github-enterprise\n- host: b.example\n  provider: *a\n",
		"hosts:\n  - host: a.example\n    provider: >\n      gitlab\n",
		"\ufeffhosts:\n- host: \"a\\\n  .example\"\n  provider: 'github-\n\n  enterprise'\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := hosts.Parse("/config/hosts.yaml", text, known)
		if err != nil {
			var wrong *hosts.FileError
			if !errors.As(err, &wrong) {
				t.Fatalf("the error is no FileError: %v", err)
			}
			return
		}
		for _, h := range b.All() {
			if err := b.Set(h); err != nil {
				t.Fatalf("setting what is there: %v", err)
			}
		}
		if string(b.Text()) != string(text) {
			t.Fatalf("a change of nothing changed %q into %q", text, b.Text())
		}
		for i, h := range b.All() {
			h.ClientID, h.Proxy, h.CAFile, h.Methods = "0123456", "", "/etc/ssl/acme.pem", []string{"pat"}
			attempt(t, b, i, h)
			h.ClientID, h.Proxy, h.CAFile, h.Methods = "", "http://proxy:3128", "", nil
			attempt(t, b, i, h)
		}
		attempt(t, b, len(b.All()), completed(providers.Host{URL: "https://new.example", Provider: providers.GitHubEnterprise}))
	})
}

func attempt(t *testing.T, b *hosts.Book, i int, h providers.Host) {
	t.Helper()
	before, want := string(b.Text()), append(b.All(), h)
	if i < len(want)-1 {
		want = want[:len(want)-1]
	}
	want[i] = h
	err := b.Set(h)
	var wrong *hosts.FileError
	if errors.As(err, &wrong) && wrong.Problem == hosts.Rigid {
		if string(b.Text()) != before {
			t.Fatalf("a refused change changed %q into %q", before, b.Text())
		}
		return
	}
	if err != nil {
		t.Fatalf("%v: %q", err, before)
	}
	again, err := hosts.Parse("/config/hosts.yaml", b.Text(), known)
	if err != nil {
		t.Fatalf("%v: %q", err, b.Text())
	}
	if diff := cmp.Diff(want, again.All()); diff != "" {
		t.Fatalf("%s%q", diff, b.Text())
	}
}
