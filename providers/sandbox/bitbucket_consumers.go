package sandbox

import (
	"net/netip"
	"net/url"
	"strings"
)

// bitbucketConsumer is an OAuth consumer of a workspace, and how its sign-ins
// go. Its scopes are those of every token that it gets, whatever a request asks
// for.
type bitbucketConsumer struct {
	name, about string
	// title is what the pages call it; gitgrant where it is empty.
	title string
	// made is the pair of one that was registered at the page.
	made     [2]string
	callback string
	scopes   []string
	// private consumers may act without a person.
	private bool
	// legacy answers with the key scopes, as all did before May 2026.
	legacy bool
	// refuses makes every refresh fail.
	refuses bool
}

func (c bitbucketConsumer) key() string {
	if c.made[0] != "" {
		return c.made[0]
	}
	return fake("bbKey", c.name, 18)
}

func (c bitbucketConsumer) secret() string {
	if c.made[1] != "" {
		return c.made[1]
	}
	return fake("bbSecret", c.name, 32)
}

func bitbucketClients() []Client {
	var clients []Client
	for _, c := range namedBitbucketConsumers {
		clients = append(clients, Client{Name: c.name, ID: c.key(), Secret: c.secret(), Provider: bitbucketCloud, About: c.about})
	}
	return clients
}

var namedBitbucketConsumers = []bitbucketConsumer{
	{name: "default", about: "Ticks what a runtime needs: PKCE or none, any port of http://127.0.0.1/callback, refresh tokens.", callback: loopbackCallback, scopes: runtimeClassic},
	{name: "localhost", about: "The same, registered for http://localhost:34106/, whose port must match.", callback: "http://localhost:34106/", scopes: runtimeClassic},
	{name: "no-callback", about: "Registered without a callback: 400 invalid_request.", scopes: runtimeClassic},
	{name: "few-scopes", about: "Ticks Account: Read and Repositories: Read alone, whatever is asked for.", callback: loopbackCallback, scopes: []string{"account", "repository"}},
	{name: "no-team", about: "Does not tick Workspace membership.", callback: loopbackCallback, scopes: []string{"account", "repository:write", "repository:admin", "webhook"}},
	{name: "legacy-scopes", about: "Tells the scopes of a token under the key scopes, as all did before May 2026.", callback: loopbackCallback, scopes: runtimeClassic, legacy: true},
	{name: "private", about: "A private consumer: it may act without a person too, and then gets no refresh token.", callback: loopbackCallback, scopes: runtimeClassic, private: true},
	{name: "refresh-refused", about: "Works, but every refresh answers invalid_grant.", callback: loopbackCallback, scopes: runtimeClassic, refuses: true},
}

// extends compares an address with the registered callback, which it may go on
// from. The port does not count where both are the same loopback address.
func extends(asked *url.URL, registered string) bool {
	r, err := url.Parse(registered)
	if err != nil || registered == "" {
		return false
	}
	host := asked.Host
	if ip, err := netip.ParseAddr(asked.Hostname()); err == nil && ip.IsLoopback() && asked.Hostname() == r.Hostname() {
		host = r.Host
	}
	rest, found := strings.CutPrefix(asked.Path, r.Path)
	whole := rest == "" || strings.HasPrefix(rest, "/") || strings.HasSuffix(r.Path, "/")
	return asked.Scheme == r.Scheme && host == r.Host && asked.User == nil && found && whole
}
