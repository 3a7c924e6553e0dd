package wire_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"gitgrant/internal/canary"
	"gitgrant/internal/tinyproxy"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// What the environment says of proxies and authorities is read once a process,
// so each of these cases is asked by a process of its own: the test binary with
// this variable.
const asking = "GITGRANT_TEST_WIRE_ASKS"

// question is what such a process asks, and outcome what it prints.
type (
	question struct {
		URL, CAFile, Proxy string
	}
	outcome struct {
		Status int
		Cause  cause.Cause
	}
)

// askFromHere is the life of such a process.
func askFromHere(text string) error {
	var q question
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		return err
	}
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{q.URL}, CAFile: q.CAFile, Proxy: q.Proxy})
	if err != nil {
		return err
	}
	defer c.Close()
	a, err := c.Do(context.Background(), wire.Request{URL: q.URL + "/user", Auth: auth()})
	o := outcome{Status: a.Status}
	if err != nil && !errors.As(err, &o.Cause) {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

// ask asks in an environment, and looks for the password of the proxy in all
// that comes back.
func ask(t *testing.T, q question, env ...string) outcome {
	t.Helper()
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(strings.ToUpper(variable), "="); !strings.HasSuffix(name, "_PROXY") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(append(cmd.Env, asking+"="+string(text)), env...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if found := canary.Search(proxyPassword, map[string][]byte{"what it said": said}); found != nil {
		t.Error(found)
	}
	var o outcome
	if err := json.Unmarshal(said, &o); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return o
}

// away is an address of this machine that is not loopback: for loopback no
// proxy of the environment is ever used.
func away(t *testing.T) net.IP {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP
		}
	}
	t.Skip("this machine has no address beside loopback")
	return nil
}

// hostAway is a Git host at such an address, certified by an authority. It
// counts who asks it with the token.
func hostAway(t *testing.T, ours *authority) (url string, asked *atomic.Int32) {
	t.Helper()
	ip := away(t)
	template := forLoopback()
	template.IPAddresses = []net.IP{ip}
	asked = &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+token {
			asked.Add(1)
		}
	}))
	_ = server.Listener.Close()
	listener, err := net.Listen("tcp", net.JoinHostPort(ip.String(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	server.Listener = listener
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ours.pair(template)}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, asked
}

const (
	proxyUser     = "mia"
	proxyPassword = "Pq8-proxy-canary-71Zx"
)

func TestTheProxyOfTheEnvironmentIsUsedAsTheEnvironmentSays(t *testing.T) {
	ours := newAuthority(t)
	host, asked := hostAway(t, ours)
	_, port, _ := strings.Cut(strings.TrimPrefix(host, "https://"), ":")
	open, closed := tinyproxy.Start(t, tinyproxy.Options{}), tinyproxy.Start(t, tinyproxy.Options{Port: "443"})
	private := tinyproxy.Start(t, tinyproxy.Options{User: proxyUser, Password: proxyPassword})
	with := "http://" + proxyUser + ":" + proxyPassword + "@" + private.Host()
	refused := func(status int, detail string) outcome {
		return outcome{Status: 0, Cause: cause.Cause{Kind: cause.ProxyRefused, Host: strings.TrimPrefix(host, "https://"), Status: status, Detail: detail}}
	}
	answered := outcome{Status: 200}

	for name, test := range map[string]struct {
		env     []string
		proxy   string // of the profile
		want    outcome
		through *tinyproxy.Proxy
	}{
		"without credentials":                {[]string{"HTTPS_PROXY=http://" + open.Host()}, "", answered, open},
		"by the name in small letters":       {[]string{"https_proxy=http://" + open.Host()}, "", answered, open},
		"with its credentials":               {[]string{"HTTPS_PROXY=" + with}, "", answered, private},
		"without those that it wants":        {[]string{"HTTPS_PROXY=http://" + private.Host()}, "", refused(407, private.Host()), nil},
		"with wrong ones":                    {[]string{"HTTPS_PROXY=" + strings.Replace(with, proxyUser, "max", 1)}, "", refused(401, private.Host()), nil},
		"that does not allow the host":       {[]string{"HTTPS_PROXY=http://" + closed.Host()}, "", refused(403, closed.Host()), nil},
		"not for a host without":             {[]string{"HTTPS_PROXY=http://" + closed.Host(), "NO_PROXY=" + strings.Trim(strings.TrimSuffix(strings.TrimPrefix(host, "https://"), port), ":")}, "", answered, nil},
		"not for a host and port without":    {[]string{"HTTPS_PROXY=http://" + closed.Host(), "NO_PROXY=example.com," + strings.TrimPrefix(host, "https://")}, "", answered, nil},
		"not at all":                         {[]string{"HTTPS_PROXY=http://" + closed.Host(), "NO_PROXY=*"}, "", answered, nil},
		"not where a profile names another":  {[]string{"HTTPS_PROXY=http://" + closed.Host()}, "http://" + open.Host(), answered, open},
		"for the credentials of a profile's": {[]string{"HTTPS_PROXY=" + with}, "http://" + private.Host(), answered, private},
		"but not for those of another":       {[]string{"HTTPS_PROXY=http://" + proxyUser + ":" + proxyPassword + "@" + open.Host()}, "http://" + private.Host(), refused(407, private.Host()), nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := asked.Load()
			got := ask(t, question{URL: host, CAFile: ours.file, Proxy: test.proxy}, test.env...)
			if got != test.want {
				t.Errorf("it is %+v, want %+v", got, test.want)
			}
			if reached := asked.Load() - before; (reached == 1) != (test.want.Status == 200) {
				t.Errorf("the host was asked %d times", reached)
			}
			if test.through != nil && !test.through.Saw("CONNECT "+strings.TrimPrefix(host, "https://")) {
				t.Error("the proxy was not asked")
			}
			for _, p := range []*tinyproxy.Proxy{open, closed, private} {
				if p.Saw(token) {
					t.Error("a proxy saw the token")
				}
			}
		})
	}
}

func TestAnAuthorityOfAProfileStandsBesideThoseOfTheSystem(t *testing.T) {
	systems, ours, nobodys := newAuthority(t), newAuthority(t), newAuthority(t)
	for name, test := range map[string]struct {
		signer *authority
		want   cause.Kind
	}{
		"the system's":  {systems, ""},
		"the profile's": {ours, ""},
		"neither":       {nobodys, cause.UnknownIssuer},
	} {
		t.Run(name, func(t *testing.T) {
			server := test.signer.serve(&tls.Config{Certificates: []tls.Certificate{test.signer.pair(forLoopback())}}, func(http.ResponseWriter, *http.Request) {})
			got := ask(t, question{URL: server.URL, CAFile: ours.file}, "SSL_CERT_FILE="+systems.file)
			if got.Cause.Kind != test.want {
				t.Errorf("it is %+v", got)
			}
		})
	}
}
