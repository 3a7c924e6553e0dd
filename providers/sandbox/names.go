package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Token is a token that every sandbox knows from its start, and that always
// does the same thing.
type Token struct {
	// Name is what its listing calls it, unique among those of its provider.
	Name string
	// Text is the token itself: a fake that says so.
	Text string
	// Provider is the kind of host that knows it, as --provider writes it.
	Provider string
	// Email is the address that it goes beside; empty where it takes none.
	Email string
	// About is a sentence on what happens with it.
	About string
}

// Client is an OAuth application that every sandbox knows from its start; its
// id chooses how the device flow goes.
type Client struct {
	Name     string
	ID       string
	Secret   string // empty where it has none that anybody knows
	Provider string
	About    string
}

// Tokens lists the named tokens of all hosts.
func Tokens() []Token {
	return slices.Concat(gitHubTokens(cloud), gitHubTokens(enterprise), gitLabTokens(gitLabCloud), gitLabTokens(gitLabServer), bitbucketTokens(), dataCenterTokens())
}

// Clients lists the named OAuth applications of all hosts. The first of a
// provider is the one that works, which HostsYAML names.
func Clients() []Client {
	return slices.Concat(gitHubClients(cloud), gitHubClients(enterprise), gitLabClients(gitLabCloud), gitLabClients(gitLabServer), bitbucketClients(), dataCenterClients())
}

// MustToken is the named token of a provider. It panics where there is none,
// since a name is written by a programmer.
func MustToken(provider, name string) Token {
	for _, t := range Tokens() {
		if t.Provider == provider && t.Name == name {
			return t
		}
	}
	panic("sandbox: no token " + name + " at " + provider)
}

// MustClient is the named OAuth application of a provider. It panics where
// there is none.
func MustClient(provider, name string) Client {
	for _, c := range Clients() {
		if c.Provider == provider && c.Name == name {
			return c
		}
	}
	panic("sandbox: no client " + name + " at " + provider)
}

// fake makes a text of n characters that carries its name for the eye and a
// tail of its own for searches, the same in every sandbox.
func fake(prefix, name string, n int) string {
	text := label(prefix, name)
	sum := sha256.Sum256([]byte(text))
	return (text + hex.EncodeToString(sum[:]))[:n]
}

// label writes a name as one word behind a prefix.
func label(prefix, name string) string {
	for word := range strings.SplitSeq(name, "-") {
		prefix += strings.ToUpper(word[:1]) + word[1:]
	}
	return prefix
}
