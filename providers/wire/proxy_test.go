package wire_test

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// proxy is an HTTP proxy that tunnels what its rule lets through.
func proxy(t *testing.T, rule func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rule(w, r) {
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = there.Close()
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(there, here)
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestTheProxyOfAProfileSeesNoToken(t *testing.T) {
	ours := newAuthority(t)
	server := ours.serve(&tls.Config{Certificates: []tls.Certificate{ours.pair(forLoopback())}}, func(http.ResponseWriter, *http.Request) {})
	var line, agent, credentials string
	through := proxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		agent = r.UserAgent()
		line, credentials = r.Method+" "+r.RequestURI, r.Header.Get("Authorization")+r.Header.Get("Proxy-Authorization")
		return true
	})
	c := client(t, wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}, CAFile: ours.file, Proxy: through})
	if _, err := c.Do(t.Context(), wire.Request{URL: server.URL + "/user", Auth: auth()}); err != nil {
		t.Fatal(err)
	}
	if want := "CONNECT " + server.Listener.Addr().String(); line != want || credentials != "" || agent != "gitgrant/test" {
		t.Errorf("the proxy saw %q and %q from %q", line, credentials, agent)
	}
}

func TestWhatGoesToThisMachineInPlainGoesThroughNoProxy(t *testing.T) {
	asked := false
	through := proxy(t, func(w http.ResponseWriter, _ *http.Request) bool {
		asked = true
		w.WriteHeader(http.StatusForbidden)
		return false
	})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	c := client(t, wire.Options{Bases: []string{server.URL}, Proxy: through})
	a, err := c.Do(t.Context(), wire.Request{URL: server.URL + "/user", Auth: auth()})
	if err != nil || a.Status != http.StatusOK || asked {
		t.Errorf("%d, %v, and the proxy was asked: %v", a.Status, err, asked)
	}
}

func TestAProxyThatDoesNotConnectIsTheCause(t *testing.T) {
	withoutNames(t)
	refusing := func(status int) string {
		return proxy(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			return false
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := silent.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				_ = conn.Close()
			}
		}
	}()
	t.Cleanup(func() { _ = silent.Close() })
	for name, test := range map[string]struct {
		through string
		status  int
	}{
		"it wants a password":   {refusing(http.StatusProxyAuthRequired), http.StatusProxyAuthRequired},
		"it forbids the host":   {refusing(http.StatusForbidden), http.StatusForbidden},
		"it does not reach it":  {refusing(http.StatusBadGateway), http.StatusBadGateway},
		"nothing answers there": {gone.URL, 0},
		"there is no such name": {"http://gone.example:3128", 0},
		"it is no SOCKS proxy":  {"socks5://" + silent.Addr().String(), 0},
		"it speaks no TLS":      {strings.Replace(refusing(http.StatusOK), "http", "https", 1), 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := client(t, wire.Options{Bases: []string{"https://github.com"}, Proxy: test.through})
			_, err := c.Do(t.Context(), wire.Request{URL: "https://github.com/user", Auth: auth()})
			_, host, _ := strings.Cut(test.through, "://")
			wantCause(t, err, cause.Cause{Kind: cause.ProxyRefused, Host: "github.com", Status: test.status, Detail: host})
		})
	}
}

func TestAProxyIsAskedInItsOwnNameAlone(t *testing.T) {
	const password = "proxy-hunter2"
	var got string
	through := proxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		got = r.Header.Get("Proxy-Authorization")
		w.WriteHeader(http.StatusProxyAuthRequired)
		return false
	})
	c := client(t, wire.Options{Bases: []string{"https://github.com"}, Proxy: strings.Replace(through, "http://", "http://me:"+password+"@", 1)})
	_, err := c.Do(t.Context(), wire.Request{URL: "https://github.com/user", Auth: auth()})
	wantCause(t, err, cause.Cause{Kind: cause.ProxyRefused, Host: "github.com", Status: 407, Detail: strings.TrimPrefix(through, "http://")})
	if want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+password)); got != want {
		t.Errorf("the proxy was asked with %q", got)
	}
	if strings.Contains(err.Error(), password) {
		t.Errorf("the error holds its password: %v", err)
	}
}
