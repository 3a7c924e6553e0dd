package providers_test

import (
	"errors"
	"testing"

	"gitgrant/providers"
)

func TestARepositoryIsNamedByTheHostOrByItsProfile(t *testing.T) {
	mirror := providers.Host{URL: "https://github.com", WebURL: "http://127.0.0.1:8080/github"}
	git := providers.Host{URL: "https://ghe.acme.example:8443/git", WebURL: "https://ghe.acme.example:8443/git"}
	for _, test := range []struct {
		host  providers.Host
		named string
		want  string
	}{
		{mirror, "https://github.com/acme/app", "acme/app"},
		{mirror, "https://github.com/acme/app.git", "acme/app"},
		{mirror, "https://github.com/acme/app/", "acme/app"},
		{mirror, "http://127.0.0.1:8080/github/acme/app", "acme/app"},
		{mirror, "acme/app", "acme/app"},
		{mirror, "/acme/app.git/", "acme/app"},
		{mirror, "acme/.github", "acme/.github"},
		{mirror, "acme/a_b-c.d~e", "acme/a_b-c.d~e"},
		{git, "https://ghe.acme.example:8443/git/group/sub/app.git", "group/sub/app"},

		{mirror, "", ""},
		{mirror, "acme", ""},
		{mirror, "acme/", ""},
		{mirror, "acme//app", ""},
		{mirror, "acme/.git", ""},
		{mirror, "https://github.com", ""},
		{mirror, "https://github.com/", ""},
		{mirror, "https://github.com/acme", ""},
		{mirror, "https://github.com.evil.example/acme/app", ""},
		{mirror, "https://evil.example/acme/app", ""},
		{mirror, "https://token@github.com/acme/app", ""},
		{mirror, "http://github.com/acme/app", ""},
		{mirror, "http://127.0.0.1:8081/github/acme/app", ""},
		{mirror, "http://127.0.0.1:8080/acme/app", ""},
		{mirror, "git@github.com:acme/app.git", ""},
		{mirror, "ssh://git@github.com/acme/app.git", ""},
		{mirror, "file:///srv/acme/app", ""},
		{mirror, "acme/app?private_token=x", ""},
		{mirror, "acme/app#readme", ""},
		{mirror, "acme/../app", ""},
		{mirror, "acme/./app", ""},
		{mirror, "acme/a%2fb", ""},
		{mirror, "acme/a b", ""},
		{mirror, "acme/a\x1b[31m", ""},
		{mirror, "acme/äpp", ""},
		{mirror, `acme\app`, ""},
		{git, "https://ghe.acme.example:8443/acme/app", ""},
		{git, "https://ghe.acme.example:8443/git/../acme/app", ""},
	} {
		got, err := test.host.Repository(test.named)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q is %q (%v), want %q", test.named, got, err, test.want)
		}
		if err != nil && !errors.Is(err, providers.ErrForeignRepository) {
			t.Errorf("%q: error is %v", test.named, err)
		}
	}
}

func TestAProfileAllowsItsMethodsAlone(t *testing.T) {
	for _, test := range []struct {
		methods              []string
		device, browser, pat bool
	}{
		{nil, true, true, true},
		{[]string{"oauth", "pat"}, true, true, true},
		{[]string{"oauth"}, true, true, false},
		{[]string{"pat"}, false, false, true},
	} {
		h := providers.Host{Methods: test.methods}
		if h.Allows(providers.Device) != test.device || h.Allows(providers.Browser) != test.browser || h.Allows(providers.PAT) != test.pat {
			t.Errorf("%v allows device %v, browser %v, pat %v", test.methods, h.Allows(providers.Device), h.Allows(providers.Browser), h.Allows(providers.PAT))
		}
	}
}
