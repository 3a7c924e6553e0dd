package flows

import (
	"net/url"
	"slices"
	"sort"

	"gitgrant/providers"
)

// GitHost is a host that git can be given user tokens for.
type GitHost struct {
	Host   providers.Host
	ByPath bool // several runtimes share it: the path tells which is meant
}

// GitHosts are the hosts with a user token, in the order of their addresses.
func (d *Desk) GitHosts() ([]GitHost, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, err
	}
	var list []GitHost
	runtimes := map[string][]string{} // by the site that git asks for
	for _, g := range grants {
		if g.Purpose != string(providers.User) {
			continue
		}
		_, h, err := d.HostOf(g)
		if err != nil {
			continue // a profile that cannot be used leads nowhere
		}
		if !slices.ContainsFunc(list, func(other GitHost) bool { return other.Host.WebURL == h.WebURL }) {
			list = append(list, GitHost{Host: h})
		}
		if site := siteOf(h); !slices.Contains(runtimes[site], g.Runtime) {
			runtimes[site] = append(runtimes[site], g.Runtime)
		}
	}
	for i, h := range list {
		list[i].ByPath = len(runtimes[siteOf(h.Host)]) > 1
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Host.WebURL < list[j].Host.WebURL })
	return list, nil
}

func siteOf(h providers.Host) string {
	u, err := url.Parse(h.WebURL)
	if err != nil {
		return h.WebURL
	}
	return u.Scheme + "://" + portless(u.Host, u.Scheme)
}
