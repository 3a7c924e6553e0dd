// Package sandbox is the Git hosts of gitgrant, built in: what they answer,
// how they fail and the pages that a person sees there, for the demo, for
// tests and for other people's programs.
//
// Rules of this package:
//
//   - It speaks the hosts' wire, and knows nothing of the providers that it is
//     held against: neither imports the other, so neither can be wrong in the
//     other's favour.
//   - One handler serves every host; they are told apart by the first part of
//     the path, and a token of one is unknown to the other.
//   - A failure is chosen by the token or by the client id that a request
//     carries, never by a switch somewhere else. Tokens and Clients list them.
//   - Everything is in memory and nothing is real: the tokens are fakes that
//     any reader recognises, and a Server listens on loopback alone.
//   - Time comes from Options.Now, chance from Options.Random.
package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Approval says what becomes of a device code that was handed out.
type Approval string

// With OnPage a code waits for its page or for Sandbox.Approve and
// Sandbox.Deny; with Auto it is approved as it is handed out.
const (
	OnPage Approval = "page"
	Auto   Approval = "auto"
)

// ErrUnknownCode means that no host waits for an answer to this user code: it
// was never handed out, is decided already, or ran out.
var ErrUnknownCode = errors.New("no sign-in waits for this code")

// Options shape a sandbox. The zero value is ready for use.
type Options struct {
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Random feeds codes and minted tokens; crypto/rand where it is nil.
	Random io.Reader
	// Approve is OnPage where it is empty.
	Approve Approval
	// Login is the account that is signed in at the pages; octocat, a person,
	// where it is empty.
	Login string
	// Interval is the pause that a device flow asks for, 5 seconds where it is
	// zero. The wire tells whole seconds, rounded up.
	Interval time.Duration
	// Private puts GitHub Enterprise Server into private mode, where even
	// /meta needs a token.
	Private bool
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Login == "" {
		o.Login = person
	}
	if o.Interval == 0 {
		o.Interval = 5 * time.Second
	}
	return o
}

// profile is what a hosts.yaml says of one host.
type profile struct {
	name, provider, web, api, clientID string
}

// host is one Git host of the sandbox.
type host interface {
	profile() profile
	register(mux *http.ServeMux)
	// decide settles the sign-in that waits for a user code, if one does.
	decide(userCode, login string, approved bool) bool
}

// Sandbox is a set of Git hosts with what was minted at them so far.
type Sandbox struct {
	options Options
	hosts   []host
	handler http.Handler
	journal journal

	// mu guards what the hosts remember.
	mu sync.Mutex
}

// New builds the hosts. Their failures and good cases are those of Tokens and
// Clients; times in them count from now.
func New(o Options) *Sandbox {
	s := &Sandbox{options: o.withDefaults()}
	s.hosts = []host{newGitHub(s), newGitHubEnterprise(s), newGitLab(s), newGitLabServer(s), newBitbucket(s), newDataCenter(s)}
	mux := http.NewServeMux()
	for _, h := range s.hosts {
		h.register(mux)
	}
	s.handler = s.journal.record(mux)
	return s
}

// Handler serves all hosts: GitHub below /github, with its REST API below
// /github/api, GitHub Enterprise Server below /ghes, gitlab.com below /gitlab,
// a self-managed GitLab below /gl/gitlab, bitbucket.org below /bitbucket, with
// its REST API below /bitbucket-api, and a Bitbucket Data Center below
// /bbs/bitbucket.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Approve does what the button of the device page does, as Options.Login.
func (s *Sandbox) Approve(userCode string) error { return s.decide(userCode, true) }

// Deny refuses the sign-in that waits for the code.
func (s *Sandbox) Deny(userCode string) error { return s.decide(userCode, false) }

func (s *Sandbox) decide(userCode string, approved bool) error {
	for _, h := range s.hosts {
		if h.decide(userCode, s.options.Login, approved) {
			return nil
		}
	}
	return ErrUnknownCode
}

// Requests lists the requests so far, oldest first. A sandbox that serves for
// long forgets the oldest.
func (s *Sandbox) Requests() []Request { return s.journal.requests() }

// HostsYAML is a hosts.yaml that points at the sandbox; base is the address
// that it is served at, such as Server.URL.
func (s *Sandbox) HostsYAML(base string) []byte {
	base = strings.TrimRight(base, "/")
	var b strings.Builder
	b.WriteString("hosts:\n")
	for _, h := range s.hosts {
		p := h.profile()
		fmt.Fprintf(&b, "  - host: %s\n    provider: %s\n", p.name, p.provider)
		fmt.Fprintf(&b, "    web_url: %s\n    api_url: %s\n", base+p.web, base+p.api)
		fmt.Fprintf(&b, "    oauth: {client_id: %s}\n", p.clientID)
	}
	return []byte(b.String())
}

func (s *Sandbox) now() time.Time { return s.options.Now() }

// pick draws n characters of the alphabet.
func (s *Sandbox) pick(alphabet string, n int) string {
	raw := make([]byte, n)
	if _, err := io.ReadFull(s.options.Random, raw); err != nil {
		panic("sandbox: the source of chance ran dry: " + err.Error())
	}
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw)
}
