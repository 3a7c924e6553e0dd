package all_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// What a hostile host puts into every text that it sends: a title for the
// window, a sequence of one byte, an override of the direction, letters without
// width, line ends, bytes of no text.
var injections = []string{
	"\x1b]0;owned\x07", "\u009b31m", "\u202e\u2066", "\u200b\ufeff", "\r\n\x00\x7f", "\u2028",
}

// hostile stands between a sandbox and who asks it, and spoils every text of its
// answers. It returns the profiles that lead to it.
func hostile(t *testing.T, injection string) *hosts.Book {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Approve: sandbox.Auto, Interval: time.Second}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	behind, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ModifyResponse = func(a *http.Response) error {
		for name, values := range a.Header {
			if name == "Content-Type" || name == "Content-Length" || name == "Location" {
				continue
			}
			for i := range values {
				values[i] += strings.Map(visible, injection)
			}
		}
		body, err := io.ReadAll(a.Body)
		if err != nil {
			return err
		}
		var value any
		if json.Unmarshal(body, &value) == nil {
			if body, err = json.Marshal(spoilt(value, injection)); err != nil {
				return err
			}
		}
		a.Body, a.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		a.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	book, err := hosts.Parse("hosts.yaml", server.HostsYAML(front.URL), all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// visible leaves out what no header can hold: the library itself refuses it.
func visible(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

func spoilt(value any, injection string) any {
	switch v := value.(type) {
	case string:
		return injection + v + injection
	case []any:
		for i := range v {
			v[i] = spoilt(v[i], injection)
		}
	case map[string]any:
		for name := range v {
			if name != "access_token" && name != "device_code" && name != "refresh_token" {
				v[name] = spoilt(v[name], injection)
			}
		}
	}
	return value
}

// dirty names the texts in a value that could not be shown as they are.
func dirty(v reflect.Value, path string) []string {
	switch v.Kind() {
	case reflect.String:
		unfit := func(r rune) bool {
			return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
		}
		if strings.ContainsFunc(v.String(), unfit) {
			return []string{fmt.Sprintf("%s: %q", path, v.String())}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return dirty(v.Elem(), path)
		}
	case reflect.Slice, reflect.Array:
		var all []string
		for i := range v.Len() {
			all = append(all, dirty(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
		return all
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[secret.Secret]() || v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		var all []string
		for i := range v.NumField() {
			all = append(all, dirty(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
		return all
	}
	return nil
}

// wantClean looks at all that came of a question, its cause included.
func wantClean(t *testing.T, about string, value any, err error) {
	t.Helper()
	problems := dirty(reflect.ValueOf(value), about)
	var why cause.Cause
	if errors.As(err, &why) {
		problems = append(problems, dirty(reflect.ValueOf(why), about+" cause")...)
	} else if err != nil {
		problems = append(problems, dirty(reflect.ValueOf(err.Error()), about+" error")...)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

// telling are the tokens whose answers hold every sort of text that hosts send.
// The others are of hosts that break, or take their time.
var telling = []string{
	"runtime", "user", "fine-grained", "project-bot", "oauth", "workspace-token", "repository-token", "sso", "restricted", "terms",
	"hostile-login", "hostile-error", "hostile-name", "rate-limit-403",
}

func TestWhatAHostSendsIsCleanWhateverItIs(t *testing.T) {
	for _, injection := range injections {
		book := hostile(t, injection)
		for _, h := range book.All() {
			p := providerOf(t, h.Provider)
			t.Run(fmt.Sprintf("%s %q", h.Provider, injection), func(t *testing.T) {
				c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{h.WebURL, h.APIURL}})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				version, err := p.Meet(t.Context(), c, h)
				wantClean(t, "version", version, err)
				told := 0
				for _, token := range sandbox.Tokens() {
					if token.Provider == string(h.Provider) && slices.Contains(telling, token.Name) {
						if askAll(t, p, c, h, token) {
							told++
						}
					}
				}
				if told == 0 {
					t.Error("no answer was understood: nothing was tried")
				}
				signIn(t, p, c, h)
			})
		}
	}
}

func providerOf(t *testing.T, kind providers.Kind) providers.Provider {
	t.Helper()
	for _, p := range all.Providers() {
		if p.Kind() == kind {
			return p
		}
	}
	t.Fatalf("there is no %s", kind)
	return nil
}

// askAll asks all about a token, and reports whether the host told whose it is.
func askAll(t *testing.T, p providers.Provider, c *wire.Client, h providers.Host, token sandbox.Token) (told bool) {
	t.Helper()
	cred := providers.Credential{Token: secret.New(token.Text), Method: providers.PAT, Email: token.Email}
	in, err := p.Inspect(t.Context(), c, h, cred)
	wantClean(t, token.Name+" inspection", in, err)
	proofs, err := p.Prove(t.Context(), c, h, cred, providers.Question{
		Repository: "acme/app", Kind: in.Kind, Rights: []providers.Right{providers.Clone, providers.Push, providers.Webhooks},
	})
	wantClean(t, token.Name+" proofs", proofs, err)
	return in.Account.Login != ""
}

func signIn(t *testing.T, p providers.Provider, c *wire.Client, h providers.Host) {
	t.Helper()
	for _, m := range p.Methods() {
		if m != providers.Device {
			continue
		}
		device := p.Device(h, []string{"repo"})
		code, err := device.Start(t.Context(), c)
		wantClean(t, "code", code, err)
		token, err := oauth.Application{Site: device.Site, TokenURL: device.TokenURL, ID: device.ID}.Refresh(t.Context(), c, secret.New("refresh-token-of-nobody"))
		wantClean(t, "refresh", token, err)
	}
}
