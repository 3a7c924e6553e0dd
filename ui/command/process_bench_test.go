package command_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a short command takes from its start to its end, measured from outside:
// the stripped program, started again and again.

// timed runs one command again and again. Of the times that it takes, the least
// is what a machine does that has nothing else to do.
func timed(b *testing.B, command func() *exec.Cmd, holds string) {
	var times []time.Duration
	var processor time.Duration
	for b.Loop() {
		for range 20 {
			cmd := command()
			start := time.Now()
			out, err := cmd.Output()
			times = append(times, time.Since(start))
			if err != nil || !strings.Contains(string(out), holds) {
				b.Fatalf("%d bytes, %v", len(out), err)
			}
			processor += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
	}
	quantiles(b, times)
	b.ReportMetric(float64(slices.Min(times).Microseconds())/1000, "least-ms")
	b.ReportMetric(float64(processor.Microseconds())/1000/float64(len(times)), "processor-ms")
}

// BenchmarkStart is how long the program takes to say which one it is.
func BenchmarkStart(b *testing.B) {
	m := newMachine(b)
	m.program = stripped(b)
	timed(b, func() *exec.Cmd { return m.gitgrant("version") }, "gitgrant ")
}

// BenchmarkStatusOffline is how long a prompt or a script waits for what is known
// of some grants.
func BenchmarkStatusOffline(b *testing.B) {
	m := newMachine(b)
	m.program = stripped(b)
	for n := range 12 {
		if out, err := m.install(fmt.Sprint("cluster-", n)).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
	timed(b, func() *exec.Cmd { return m.gitgrant("status", "--offline") }, "cluster-11")
}

// BenchmarkGitIsAnswered is how long git waits for a token.
func BenchmarkGitIsAnswered(b *testing.B) {
	program := stripped(b)
	b.Run("from a vault that an identity opens", func(b *testing.B) {
		m := newMachine(b)
		m.program = program
		answered(b, m)
	})
	b.Run("from a vault that is kept open", func(b *testing.B) {
		m := newMachine(b)
		m.program = program
		if out, err := m.install("other").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		if out, err := m.gitgrant("keyring", "unlock", "--for", "1h").CombinedOutput(); err != nil {
			b.Skipf("a vault cannot be kept open here: %s", out)
		}
		b.Cleanup(func() { _ = m.gitgrant("keyring", "lock").Run() })
		answered(b, m, "GITGRANT_VAULT_IDENTITY_FILE=")
	})
	b.Run("from a keychain", func(b *testing.B) {
		needKeychain(b)
		found, end, err := startKeychain()
		if err != nil {
			b.Fatal(err)
		}
		defer end()
		m := newMachine(b)
		m.program = program
		m.env = append(m.env, "GITGRANT_STORE=system", "GITGRANT_VAULT_IDENTITY_FILE=")
		for name, value := range found {
			m.env = append(m.env, name+"="+value)
		}
		answered(b, m)
	})
}

// answered has git's question answered, where the environment is changed after
// the token was stored.
func answered(b *testing.B, m *machine, env ...string) {
	if out, err := m.install("prod").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	m.env = append(m.env, env...)
	hosts, err := m.gitgrant("hosts", "list", "-o", "json").Output()
	if err != nil {
		b.Fatal(err)
	}
	var book struct {
		Hosts []struct {
			WebURL string `json:"web_url"`
		} `json:"hosts"`
	}
	if err := json.Unmarshal(hosts, &book); err != nil || len(book.Hosts) == 0 {
		b.Fatalf("%v: %s", err, hosts)
	}
	scheme, rest, _ := strings.Cut(book.Hosts[0].WebURL, "://")
	host, path, _ := strings.Cut(rest, "/")
	question := fmt.Sprintf("protocol=%s\nhost=%s\npath=%s/acme/app.git\n\n", scheme, host, path)
	timed(b, func() *exec.Cmd {
		cmd := m.gitgrant("git-credential", "--runtime", "prod", "--purpose", "runtime", "get")
		cmd.Stdin = strings.NewReader(question)
		return cmd
	}, "password=")
}
