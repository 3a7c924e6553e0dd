// Package tinyproxy runs a real HTTP proxy, Debian's tinyproxy, for tests that
// must not believe a proxy of our own alone.
//
// Rules of this package:
//
//   - A test that cannot have the proxy is skipped and says what to install.
//   - The proxy listens on loopback, on a port of its own, and ends with its
//     test.
//
// It is for tests alone.
package tinyproxy

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience bounds the start of the proxy. Only a failure ever reaches it.
const patience = 60 * time.Second

// Options are what the proxy allows.
type Options struct {
	// User and Password are asked for where they are not empty.
	User, Password string
	// Port is the only one that may be connected to; every one where it is empty.
	Port string
}

// Proxy is a running proxy.
type Proxy struct {
	t    testing.TB
	host string
	log  string
}

// Start starts a proxy that ends with the test.
func Start(t testing.TB, o Options) *Proxy {
	t.Helper()
	program, err := exec.LookPath("tinyproxy")
	if err != nil {
		t.Skip("tinyproxy is not installed: on Debian, apt-get install tinyproxy-bin")
	}
	dir := t.TempDir()
	p := &Proxy{t: t, host: free(t), log: filepath.Join(dir, "log")}
	_, port, _ := net.SplitHostPort(p.host)
	text := fmt.Sprintf("Port %s\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\nLogFile %q\n", port, p.log)
	if o.User != "" {
		text += fmt.Sprintf("BasicAuth %s %s\n", o.User, o.Password)
	}
	if o.Port != "" {
		text += "ConnectPort " + o.Port + "\n"
	}
	file := filepath.Join(dir, "tinyproxy.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-d", "-c", file) // until the cleanup
	var complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &complaints, &complaints
	if err := cmd.Start(); err != nil {
		t.Fatalf("cannot start tinyproxy: %v", err)
	}
	ended := make(chan struct{})
	var end error
	go func() { end = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // nothing of it is kept
		<-ended
	})
	for since := time.Now(); time.Since(since) < patience; {
		if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.host); err == nil {
			_ = conn.Close()
			return p
		}
		select {
		case <-ended:
			t.Fatalf("tinyproxy did not start: %v\n%s", end, complaints.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("tinyproxy does not listen")
	return nil
}

// free is a loopback address that nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Host is the address of the proxy as host and port.
func (p *Proxy) Host() string { return p.host }

// Saw reports whether the proxy was asked for something that holds text: it
// writes every request line down.
func (p *Proxy) Saw(text string) bool {
	p.t.Helper()
	log, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Contains(string(log), text)
}
