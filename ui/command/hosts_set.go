package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/hosts"
	"gitgrant/ui/words"
)

type hostsSetOptions struct {
	*session
	provider          providers.Kind
	change            providers.Host
	clientSecretStdin bool
	given             func(flag string) bool
}

func newHostsSet(s *session) *cobra.Command {
	o := &hostsSetOptions{session: s}
	cmd := &cobra.Command{
		Use:   "set HOST",
		Short: "Add a profile or change the one that is there",
		Long: `Changes what the flags name and leaves everything else as it is, comments in the
file included. An empty value takes a field out.

A host is asked whether it takes the OAuth application, as far as it tells that
before anybody signs in. One that is refused is not kept; where the host could not
be asked, it is, and that is said.`,
		Example: `  gitgrant hosts set git.example.com --provider github-enterprise --client-id Ov23liExample
  gitgrant hosts set git.example.com --ca-file /etc/ssl/example.pem --proxy http://proxy.example.com:3128
  gitgrant hosts set github.com --methods pat`,
		Args:              one("the address of a host"),
		ValidArgsFunction: s.hosts,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), args[0])
		},
	}
	bindProvider(cmd, &o.provider)
	flags := cmd.Flags()
	flags.StringVar(&o.change.WebURL, "web-url", "", "address of pages, sign-in and clones")
	flags.StringVar(&o.change.APIURL, "api-url", "", "root of the API as the provider documents it")
	flags.StringVar(&o.change.ClientID, "client-id", "", "OAuth application")
	flags.StringVar(&o.change.Redirect, "redirect", "", "address that it is registered with, where that is not the proposed one")
	flags.StringVar(&o.change.Life, "tokens", "", "user tokens that a sign-in asks GitHub for: long-lived, or short-lived and renewed here")
	complete(cmd, "tokens", fixed([]string{providers.LongTokens, providers.ShortTokens}))
	flags.BoolVar(&o.clientSecretStdin, "client-secret-stdin", false, "read its secret from standard input, for the keychain")
	flags.StringVar(&o.change.CAFile, "ca-file", "", "file with the authority that signs the host's certificate")
	flags.StringVar(&o.change.ClientCert, "client-cert", "", "file with a client certificate")
	flags.StringVar(&o.change.ClientKey, "client-key", "", "file with its key")
	flags.StringVar(&o.change.Proxy, "proxy", "", "address of a proxy")
	flags.StringSliceVar(&o.change.Methods, "methods", nil, "ways to authorize that the host allows: oauth, pat")
	complete(cmd, "methods", fixed([]string{"oauth", "pat"}))
	return cmd
}

func (o *hostsSetOptions) run(ctx context.Context, named string) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	p, h, err := hostNamed(d, o.provider, named)
	if err != nil {
		return err
	}
	if _, renews := p.(providers.Renewing); o.given("tokens") && o.change.Life != "" && !renews {
		return misused(words.NoUseFor("--tokens", words.Provider(p.Kind())))
	}
	if o.given("client-id") && o.change.ClientID != "" {
		if err := p.CheckApplication(o.change.ClientID); err != nil {
			return err
		}
	}
	former := h.ClientID
	o.lay(&h)
	if err := d.Hosts.(*hosts.Book).Bars(h); err != nil {
		return o.barred(err)
	}
	var given secret.Secret
	if o.clientSecretStdin {
		if given, err = o.readClientSecret(ctx); err != nil {
			return err
		}
	}
	if err := o.try(ctx, d, p, h, given); err != nil {
		return err
	}
	if err := d.KeepProfile(ctx, h, given, former); err != nil {
		return o.barred(err)
	}
	if err := d.Usable(h); err != nil {
		o.warn(words.Problem(err))
	}
	_, err = fmt.Fprintln(o.out, words.ProfileKept(h.URL))
	return err
}

// barred is the end where a profile cannot be as it was asked for.
func (o *hostsSetOptions) barred(err error) error {
	var inFile *hosts.FileError
	if errors.As(err, &inFile) && inFile.Line == 0 {
		return misused(words.ProfileRefused(inFile))
	}
	return err
}

// try asks the host about an application that is new or changed. What the way to
// the host does says nothing about it.
func (o *hostsSetOptions) try(ctx context.Context, d *flows.Desk, p providers.Provider, h providers.Host, given secret.Secret) error {
	changed := o.given("client-id") || o.given("redirect") || o.clientSecretStdin
	if !changed || h.ClientID == "" || !h.Allows(providers.Browser) {
		return nil
	}
	err := d.TryApplication(ctx, p, h, given)
	if err == nil || ctx.Err() != nil || flows.Refuses(err) {
		return err
	}
	o.warn(words.ApplicationUntried(h.URL, words.Problem(err)))
	return nil
}

// lay puts the flags that were given over a profile.
func (o *hostsSetOptions) lay(h *providers.Host) {
	for flag, field := range map[string][2]*string{
		"web-url":     {&h.WebURL, &o.change.WebURL},
		"api-url":     {&h.APIURL, &o.change.APIURL},
		"client-id":   {&h.ClientID, &o.change.ClientID},
		"redirect":    {&h.Redirect, &o.change.Redirect},
		"tokens":      {&h.Life, &o.change.Life},
		"ca-file":     {&h.CAFile, &o.change.CAFile},
		"client-cert": {&h.ClientCert, &o.change.ClientCert},
		"client-key":  {&h.ClientKey, &o.change.ClientKey},
		"proxy":       {&h.Proxy, &o.change.Proxy},
	} {
		if o.given(flag) {
			*field[0] = *field[1]
		}
	}
	for _, file := range []*string{&h.CAFile, &h.ClientCert, &h.ClientKey} {
		// A file on the command line is meant from here, one in hosts.yaml from there.
		if absolute, err := filepath.Abs(*file); err == nil && *file != "" {
			*file = absolute
		}
	}
	if o.given("methods") {
		h.Methods = o.change.Methods
	}
}
