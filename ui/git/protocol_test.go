package git_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gitgrant/keyring/secret"
	"gitgrant/ui/git"
)

func TestARequestIsReadOrRefusedAsAWhole(t *testing.T) {
	const site = "protocol=https\nhost=git.example.com\n"
	filler := strings.Repeat("x", 65535-len("host="))
	for name, tc := range map[string]struct {
		text string
		want git.Request
		err  error
	}{
		"as git sends it":             {site + "path=acme/app.git\nusername=octocat\n\n", git.Request{Protocol: "https", Host: "git.example.com", Path: "acme/app.git", Username: "octocat"}, nil},
		"with a port":                 {"protocol=https\nhost=git.example.com:8443\n\n", git.Request{Protocol: "https", Host: "git.example.com:8443"}, nil},
		"that ends with the input":    {"protocol=https\nhost=git.example.com", git.Request{Protocol: "https", Host: "git.example.com"}, nil},
		"what follows is not read":    {site + "\nhost=evil.example\n", git.Request{Protocol: "https", Host: "git.example.com"}, nil},
		"the last of two counts":      {site + "host=other.example\n", git.Request{Protocol: "https", Host: "other.example"}, nil},
		"a value holds equal signs":   {site + "path=a=b=c\n", git.Request{Protocol: "https", Host: "git.example.com", Path: "a=b=c"}, nil},
		"names that nobody knows":     {site + "state[]=x\nwwwauth[]=Basic realm=\"a\"\nfoo=bar\n", git.Request{Protocol: "https", Host: "git.example.com"}, nil},
		"git that takes headers":      {"capability[]=authtype\ncapability[]=state\n" + site, git.Request{Protocol: "https", Host: "git.example.com", Headers: true}, nil},
		"git with other capabilities": {"capability[]=state\n" + site, git.Request{Protocol: "https", Host: "git.example.com"}, nil},
		"a line as long as can be":    {"protocol=https\nhost=" + filler + "\n", git.Request{Protocol: "https", Host: filler}, nil},
		"a longer line":               {"protocol=https\nhost=" + filler + "x\n", git.Request{}, git.ErrTooLong},
		"a line without end":          {"protocol=https\nhost=" + strings.Repeat("x", 1<<20), git.Request{}, git.ErrTooLong},
		"lines without end":           {site + strings.Repeat("wwwauth[]=Basic\n", 1<<17), git.Request{}, git.ErrTooLong},
		"a carriage return":           {"protocol=https\nhost=git.example.com\r\n\n", git.Request{}, git.ErrCharacters},
		"one in the middle":           {"protocol=https\nhost=a\rhost=b\n", git.Request{}, git.ErrCharacters},
		"one where nobody looks":      {site + "foo=a\rb\n", git.Request{}, git.ErrCharacters},
		"a NUL":                       {"protocol=https\nhost=git\x00.example.com\n", git.Request{}, git.ErrCharacters},
		"what steers a terminal":      {site + "path=a\x1b[2Jb\n", git.Request{}, git.ErrCharacters},
		"what steers one in one byte": {site + "username=a\u009b2Jb\n", git.Request{}, git.ErrCharacters},
		"a delete":                    {site + "foo=a\x7fb\n", git.Request{}, git.ErrCharacters},
		"a tab in a header":           {site + "wwwauth[]=Basic\trealm=\"a\"\n", git.Request{Protocol: "https", Host: "git.example.com"}, nil},
		"a line without a value":      {site + "quit\n", git.Request{}, git.ErrLine},
		"a value without a name":      {site + "=x\n", git.Request{}, git.ErrLine},
		"no host":                     {"protocol=https\n\n", git.Request{}, git.ErrNoHost},
		"no protocol":                 {"host=git.example.com\n\n", git.Request{}, git.ErrNoHost},
		"nothing":                     {"", git.Request{}, git.ErrNoHost},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := git.Read(strings.NewReader(tc.text))
			if !errors.Is(err, tc.err) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(git.Request{}, "Secret")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatGitErasesComesAsPasswordOrAsCredential(t *testing.T) {
	for _, text := range []string{
		"protocol=https\nhost=a\nusername=u\npassword=tok=en\n",
		"protocol=https\nhost=a\nauthtype=Bearer\ncredential=tok=en\n",
	} {
		q, err := git.Read(strings.NewReader(text))
		if err != nil || q.Secret.Reveal() != "tok=en" {
			t.Errorf("%q was read as %d bytes, %v", text, q.Secret.Len(), err)
		}
	}
}

func TestAnAnswerSaysWhatThisGitUnderstands(t *testing.T) {
	ends := time.Unix(1767225599, 0)
	for name, tc := range map[string]struct {
		a    git.Answer
		q    git.Request
		want string
	}{
		"a user name and a password": {git.Answer{Username: "oauth2", Token: secret.New("t")}, git.Request{Headers: true}, "username=oauth2\npassword=t\n"},
		"with its end":               {git.Answer{Username: "oauth2", Token: secret.New("t"), ExpiresAt: ends}, git.Request{}, "username=oauth2\npassword=t\npassword_expiry_utc=1767225599\n"},
		"a header":                   {git.Answer{Username: "x-token-auth", Token: secret.New("t"), Bearer: true}, git.Request{Headers: true}, "capability[]=authtype\nauthtype=Bearer\ncredential=t\n"},
		"a header for hours":         {git.Answer{Token: secret.New("t"), ExpiresAt: ends, Bearer: true, Ephemeral: true}, git.Request{Headers: true}, "capability[]=authtype\nauthtype=Bearer\ncredential=t\nephemeral=1\npassword_expiry_utc=1767225599\n"},
		"hours without headers":      {git.Answer{Username: "oauth2", Token: secret.New("t"), Ephemeral: true}, git.Request{Headers: true}, "username=oauth2\npassword=t\n"},
		"to a git without headers":   {git.Answer{Username: "x-token-auth", Token: secret.New("t"), Bearer: true}, git.Request{}, "username=x-token-auth\npassword=t\n"},
		"a name with a line in it":   {git.Answer{Username: "a\nhost=b", Token: secret.New("t")}, git.Request{}, ""},
		"a name with a return in it": {git.Answer{Username: "a\rb", Token: secret.New("t")}, git.Request{}, ""},
		"a token with a line in it":  {git.Answer{Username: "a", Token: secret.New("t\nu")}, git.Request{}, ""},
		"no token":                   {git.Answer{Username: "a"}, git.Request{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			err := tc.a.Write(&b, tc.q)
			if b.String() != tc.want || (err != nil) != (tc.want == "") {
				t.Errorf("answered %q, %v", b.String(), err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("protocol=https\nhost=git.example.com\npath=a/b\nusername=c\npassword=d\ncapability[]=authtype\n\n"))
	f.Add([]byte("protocol=https\r\nhost=a\r\n\r\n"))
	f.Add([]byte("host=a\x00b\n=\n\n"))
	f.Add([]byte("url=https://a@b/c\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		q, err := git.Read(bytes.NewReader(text))
		if err != nil {
			if q.Protocol+q.Host+q.Path+q.Username != "" || !q.Secret.Empty() || q.Headers {
				t.Errorf("a request that was refused left something behind")
			}
			return
		}
		if q.Protocol == "" || q.Host == "" {
			t.Error("it is for no host")
		}
		// What was read is what anybody reads who takes the lines one by one.
		last := map[string]string{}
		for line := range strings.SplitSeq(string(text), "\n") {
			if line == "" {
				break
			}
			name, value, _ := strings.Cut(line, "=")
			last[name] = value
		}
		for name, got := range map[string]string{"protocol": q.Protocol, "host": q.Host, "path": q.Path, "username": q.Username} {
			if got != last[name] || strings.ContainsAny(got, "\r\n\x00") {
				t.Errorf("%s was read as %q, not %q", name, got, last[name])
			}
		}
	})
}
