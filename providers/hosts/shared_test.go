package hosts_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/hosts"
)

// folders are those of a person and of two admins, by what is written there.
type folders struct {
	t                  *testing.T
	mine, ours, theirs string
}

func laid(t *testing.T, mine, ours, theirs string) folders {
	t.Helper()
	f := folders{t, t.TempDir(), t.TempDir(), t.TempDir()}
	for dir, text := range map[string]string{f.mine: mine, f.ours: ours, f.theirs: theirs} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, hosts.FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f folders) open() *hosts.Book {
	f.t.Helper()
	b, err := hosts.Open(f.mine, known, f.ours, f.theirs)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

func (f folders) written(dir string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, hosts.FileName))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

func file(dir string) string { return filepath.Join(dir, hosts.FileName) }

const gitHubAnd = "hosts: [{host: github.com, provider: github, "

func TestWhatAnAdminSharesLiesBeneathThePersonsOwn(t *testing.T) {
	f := laid(t,
		gitHubAnd+"oauth: {client_id: mine}}]",
		gitHubAnd+"oauth: {client_id: ours}, tls: {ca_file: ca.pem}, proxy: http://proxy.acme.example:3128}]",
		"hosts: [{host: github.com, provider: github, proxy: http://old.acme.example:3128, web_url: https://mirror.acme.example}, {host: ghe.acme.example, provider: github-enterprise}]",
	)
	b := f.open()
	want := []providers.Host{
		{
			URL: "https://github.com", Provider: providers.GitHub, WebURL: "https://mirror.acme.example", APIURL: "https://api.github.com",
			ClientID: "mine", CAFile: filepath.Join(f.ours, "ca.pem"), Proxy: "http://proxy.acme.example:3128",
		},
		{URL: "https://ghe.acme.example", Provider: providers.GitHubEnterprise, WebURL: "https://ghe.acme.example", APIURL: "https://ghe.acme.example/api/v3"},
	}
	if diff := cmp.Diff(want, b.All()); diff != "" {
		t.Error(diff)
	}
	for url, want := range map[string][]string{
		"https://github.com":       {file(f.mine), file(f.ours), file(f.theirs)},
		"https://ghe.acme.example": {file(f.theirs)},
		"https://git.acme.example": nil,
	} {
		if diff := cmp.Diff(want, b.Files(url)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheLimitOfAnAdminIsNarrowedAndNeverLifted(t *testing.T) {
	for name, test := range map[string]struct {
		mine, ours string
		want       []string
		by         func(folders) string
	}{
		"nobody limits":                {"", "", nil, nil},
		"the person alone":             {"methods: [pat]", "", []string{"pat"}, func(f folders) string { return file(f.mine) }},
		"the admin alone":              {"", "methods: [pat]", []string{"pat"}, func(f folders) string { return file(f.ours) }},
		"the person says nothing":      {"oauth: {client_id: mine}", "methods: [pat]", []string{"pat"}, func(f folders) string { return file(f.ours) }},
		"the person would widen it":    {"methods: [pat, oauth]", "methods: [pat]", []string{"pat"}, func(f folders) string { return file(f.ours) }},
		"the person wants the other":   {"methods: [oauth]", "methods: [pat]", []string{"pat"}, func(f folders) string { return file(f.ours) }},
		"the person narrows it":        {"methods: [oauth]", "methods: [oauth, pat]", []string{"oauth"}, func(f folders) string { return file(f.mine) }},
		"the person says the same":     {"methods: [pat]", "methods: [pat]", []string{"pat"}, func(f folders) string { return file(f.ours) }},
		"a list of none is no mention": {"methods: []", "methods: [pat]", []string{"pat"}, func(f folders) string { return file(f.ours) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := laid(t, gitHubAnd+test.mine+"}]", gitHubAnd+test.ours+"}]", "")
			b := f.open()
			h, _ := b.Find("https://github.com")
			if diff := cmp.Diff(test.want, h.Methods); diff != "" {
				t.Error(diff)
			}
			by := ""
			if test.by != nil {
				by = test.by(f)
			}
			if got := b.LimitedBy("https://github.com"); got != by {
				t.Errorf("limited by %q, want %q", got, by)
			}
		})
	}
}

func TestAHostOfAnotherKindTakesNothingFromASharedProfile(t *testing.T) {
	f := laid(t, "hosts: [{host: git.acme.example, provider: github-enterprise}]", "hosts: [{host: git.acme.example, provider: gitlab-server, proxy: http://proxy.acme.example:3128}]", "")
	h, _ := f.open().Find("https://git.acme.example")
	if h.Provider != providers.GitHubEnterprise || h.Proxy != "" {
		t.Errorf("it is %+v", h)
	}
}

func TestAChangeGoesIntoThePersonsFileAndOnlyWhatIsTheirs(t *testing.T) {
	shared := gitHubAnd + "tls: {ca_file: ca.pem}, proxy: http://proxy.acme.example:3128, methods: [oauth]}]"
	f := laid(t, "", shared, "")
	b := f.open()
	h, _ := b.Find("https://github.com")
	h.ClientID = "0123456"
	if err := b.Set(h); err != nil {
		t.Fatal(err)
	}
	if got, want := f.written(f.mine), "hosts:\n  - host: github.com\n    provider: github\n    oauth: {client_id: \"0123456\"}\n"; got != want {
		t.Errorf("written is\n%s", got)
	}
	if f.written(f.ours) != shared {
		t.Error("the shared file was changed")
	}
	again, _ := f.open().Find("https://github.com")
	if diff := cmp.Diff(h, again); diff != "" {
		t.Error(diff)
	}
	h.Proxy = "http://mine.acme.example:3128"
	if err := b.Set(h); err != nil {
		t.Fatal(err)
	}
	if again, _ = f.open().Find("https://github.com"); again.Proxy != h.Proxy || again.CAFile == "" {
		t.Errorf("it is %+v", again)
	}
	if err := b.Remove("github.com"); err != nil {
		t.Fatal(err)
	}
	if again, _ = f.open().Find("https://github.com"); again.ClientID != "" || again.Proxy != "http://proxy.acme.example:3128" {
		t.Errorf("without the person's own it is %+v", again)
	}
}

func TestWhatIsSharedIsNeitherTakenOutNorLifted(t *testing.T) {
	f := laid(t, "", gitHubAnd+"proxy: http://proxy.acme.example:3128, methods: [pat]}]", "")
	b := f.open()
	for problem, change := range map[hosts.Problem]func(*providers.Host){
		hosts.Shared:  func(h *providers.Host) { h.Proxy = "" },
		hosts.Limited: func(h *providers.Host) { h.Methods = []string{"oauth", "pat"} },
	} {
		h, _ := b.Find("https://github.com")
		change(&h)
		var wrong *hosts.FileError
		if err := b.Set(h); !errors.As(err, &wrong) || wrong.Problem != problem {
			t.Errorf("%v, want %s", err, problem)
		}
	}
	if err := b.Remove("github.com"); !errors.Is(err, hosts.ErrShared) {
		t.Errorf("removing: %v", err)
	}
	if err := b.Remove("ghe.acme.example"); !errors.Is(err, hosts.ErrUnknown) {
		t.Errorf("removing what is not there: %v", err)
	}
	if _, err := os.Stat(file(f.mine)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the person has a file now: %v", err)
	}
}

func TestASharedFileThatIsBrokenIsNamed(t *testing.T) {
	f := laid(t, "", gitHubAnd+"methods: [magic]}]", "")
	_, err := hosts.Open(f.mine, known, f.ours)
	var wrong *hosts.FileError
	if !errors.As(err, &wrong) || wrong.File != file(f.ours) || wrong.Problem != hosts.UnknownMethod || wrong.Line != 1 {
		t.Errorf("error is %v", err)
	}
}

func TestTheSameFolderIsNotReadTwice(t *testing.T) {
	f := laid(t, gitHubAnd+"methods: [pat]}]", "", "")
	b, err := hosts.Open(f.mine, known, f.mine)
	if err != nil || len(b.Files("https://github.com")) != 1 {
		t.Errorf("%v, %v", b.Files("https://github.com"), err)
	}
}
