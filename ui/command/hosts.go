package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/hosts"
	"gitgrant/ui/words"
)

const schemaHosts = "gitgrant.hosts/v1"

type hostsReport struct {
	Schema string       `json:"schema"`
	Hosts  []hostReport `json:"hosts"`
}

type hostReport struct {
	Host       string         `json:"host"`
	Provider   providers.Kind `json:"provider"`
	WebURL     string         `json:"web_url"`
	APIURL     string         `json:"api_url"`
	ClientID   string         `json:"client_id,omitempty"`
	Redirect   string         `json:"redirect,omitempty"`
	Life       string         `json:"tokens,omitempty"`
	CAFile     string         `json:"ca_file,omitempty"`
	ClientCert string         `json:"client_cert,omitempty"`
	ClientKey  string         `json:"client_key,omitempty"`
	Proxy      string         `json:"proxy,omitempty"`
	Methods    []string       `json:"methods,omitempty"`
	// Files are those that say something about the host, the latest first.
	Files []string `json:"files"`
}

func newHosts(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hosts",
		Short: "Look at and change the profiles of Git hosts",
		Long: `A profile says how a Git host is reached: its addresses, its OAuth application,
the authority that signs its certificates, and a proxy. The profiles are in
hosts.yaml in the config folder, which you may edit yourself.

Whoever looks after this machine can share such a file with everybody, as
gitgrant/hosts.yaml in the system-wide config folder (/etc/xdg on Linux). What
you write yourself lies over it, field by field; a limit on the methods can be
narrowed and not lifted.`,
		GroupID: groupConfigure,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newHostsList(s), newHostsProbe(s), newHostsSet(s), newHostsRemove(s))
	return cmd
}

type hostsListOptions struct {
	*session
	output format
}

func newHostsList(s *session) *cobra.Command {
	o := &hostsListOptions{session: s}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the profiles",
		Args:  nothing,
		RunE:  func(*cobra.Command, []string) error { return o.run() },
	}
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *hostsListOptions) run() error {
	book, err := o.book()
	if err != nil {
		return err
	}
	report := hostsReport{Schema: schemaHosts, Hosts: []hostReport{}}
	var rows [][]string
	for _, h := range book.All() {
		report.Hosts = append(report.Hosts, hostReport{
			h.URL, h.Provider, h.WebURL, h.APIURL, h.ClientID, h.Redirect, h.Life, h.CAFile, h.ClientCert, h.ClientKey, h.Proxy, h.Methods, book.Files(h.URL),
		})
		rows = append(rows, []string{
			words.HostName(h.URL), string(h.Provider), h.WebURL, h.APIURL, h.ClientID, words.ProfileFrom(book.Path(), book.Files(h.URL)),
		})
	}
	switch {
	case o.output != table:
		return o.print(o.output, report)
	case len(rows) == 0:
		fmt.Fprintln(o.out, words.NoProfiles())
	default:
		columns(o.out, []string{"HOST", "PROVIDER", "WEB", "API", "CLIENT ID", "FROM"}, rows)
	}
	return nil
}

type hostsProbeOptions struct {
	*session
	provider providers.Kind
	output   format
}

func newHostsProbe(s *session) *cobra.Command {
	o := &hostsProbeOptions{session: s}
	cmd := &cobra.Command{
		Use:   "probe HOST",
		Short: "Ask a host, without a token, whether it is there and what it is",
		Long: `Takes the address of a host or of anything on it: a page, a file, a repository to
clone over https or SSH, or the name of a git remote here. Where --provider does
not say what it is, it is asked as every kind of Git host.`,
		Example: `  gitgrant hosts probe github.com
  gitgrant hosts probe https://git.example.com/gitlab/acme/app
  gitgrant hosts probe git@git.example.com:acme/app.git
  gitgrant hosts probe origin`,
		Args:              one("the address of a host"),
		ValidArgsFunction: s.hosts,
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	bindProvider(cmd, &o.provider)
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

type probeReport struct {
	Schema   string         `json:"schema"`
	Host     string         `json:"host"`
	Provider providers.Kind `json:"provider"`
	WebURL   string         `json:"web_url"`
	APIURL   string         `json:"api_url"`
	Version  string         `json:"version,omitempty"`
}

func (o *hostsProbeOptions) run(ctx context.Context, named string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	found, err := d.Place(ctx, o.provider, named)
	if err != nil {
		return err
	}
	h, version := found.Host, found.Version
	if !found.Met {
		if version, err = d.Meet(ctx, found.Provider, h); err != nil {
			return err
		}
	}
	if o.output != table {
		return o.print(o.output, probeReport{"gitgrant.probe/v1", h.URL, h.Provider, h.WebURL, h.APIURL, version})
	}
	_, err = fmt.Fprintln(o.out, words.HostIs(h.Provider, h.URL, version))
	return err
}

// bindProvider adds --provider to a command about one host.
func bindProvider(cmd *cobra.Command, to *providers.Kind) {
	cmd.Flags().StringVar((*string)(to), "provider", "", "kind of Git host, where the address does not tell")
	complete(cmd, "provider", fixed(texts(kinds())))
}

// hostNamed is the host of that name. Where no provider is given, it is the one
// of its profile, or the one whose own cloud it is.
func hostNamed(d *flows.Desk, kind providers.Kind, named string) (providers.Provider, providers.Host, error) {
	if d.Astray(named) {
		return nil, providers.Host{}, address.ErrHost
	}
	if kind != "" {
		p, ok := d.Provider(kind)
		if !ok {
			return nil, providers.Host{}, &flows.UnknownProviderError{Kind: string(kind)}
		}
		h, err := d.Hosts.Resolve(p, named)
		return p, h, err
	}
	if _, err := address.Parse(named); err != nil {
		return nil, providers.Host{}, err
	}
	for _, p := range d.Providers {
		h, err := d.Hosts.Resolve(p, named)
		if err != nil {
			continue
		}
		cloud, noCloud := p.Locate("")
		if _, profiled := d.Hosts.(*hosts.Book).Find(h.URL); profiled || noCloud == nil && cloud.URL == h.URL {
			return p, h, nil
		}
	}
	return nil, providers.Host{}, misused(words.WhichProvider(texts(kinds())))
}

type hostsRemoveOptions struct{ *session }

func newHostsRemove(s *session) *cobra.Command {
	o := &hostsRemoveOptions{s}
	return &cobra.Command{
		Use:               "remove HOST",
		Short:             "Remove a profile, and the secret of its OAuth application",
		Args:              one("the address of a host"),
		ValidArgsFunction: s.hosts,
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
}

func (o *hostsRemoveOptions) run(ctx context.Context, named string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	book := d.Hosts.(*hosts.Book)
	before := book.All()
	if err := book.Remove(named); err != nil {
		return err
	}
	after := book.All()
	for _, h := range before {
		if slices.ContainsFunc(after, func(kept providers.Host) bool { return kept.URL == h.URL }) {
			continue
		}
		if err := d.Ring.ForgetHostSecret(ctx, h.URL); err != nil {
			return err
		}
		grants, err := d.Ring.Grants()
		if err != nil {
			return err
		}
		if grants = slices.DeleteFunc(grants, func(g keyring.Grant) bool { return g.Host != h.URL }); len(grants) > 0 {
			o.warn(words.StillAt(h.URL, grants))
		}
	}
	_, err = fmt.Fprintln(o.out, words.ProfileRemoved(strings.TrimPrefix(named, "https://")))
	return err
}
