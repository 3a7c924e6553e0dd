package command

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/git"
	"gitgrant/ui/words"
)

func newGit(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "git",
		Short:   "Let git itself use the user tokens",
		Long:    `Writes gitgrant into the global configuration of git, or takes it out again.`,
		GroupID: groupHandOver,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newGitSetup(s), newGitRemove(s))
	return cmd
}

type gitSetupOptions struct {
	*session
	host string
	yes  bool
}

func newGitSetup(s *session) *cobra.Command {
	o := &gitSetupOptions{session: s}
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Have git ask gitgrant for the hosts that have a user token",
		Long: `Shows what it would write into the global configuration of git, and writes it once
you agree: a credential helper for each host with a user token, and for no other.
Helpers that git would ask otherwise are taken out for these hosts, since those
that keep what they see would write the token into a file of their own. Where
several runtimes share a host, git names the path too, which tells them apart.

git remove takes out what was written, and nothing else.`,
		Example: `  gitgrant git setup
  gitgrant git setup --host https://github.com --yes`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.host, "host", "", "this host alone; every host with a user token where it is not given")
	complete(cmd, "host", s.hosts)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	return cmd
}

func (o *gitSetupOptions) run(ctx context.Context) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	hosts, err := d.GitHosts()
	if err != nil {
		return err
	}
	if o.host != "" {
		hosts = slices.DeleteFunc(hosts, func(h flows.GitHost) bool { return !meant(d, o.host, h.Host.WebURL) })
	}
	if len(hosts) == 0 {
		return misused(words.NothingForGit(o.host))
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	config, err := git.Open(own)
	if err != nil {
		return err
	}
	helpers, err := o.missing(ctx, config, hosts, o.helperCommand(own))
	if err != nil {
		return err
	}
	if len(helpers) == 0 {
		_, err := fmt.Fprintln(o.out, words.GitIsSetUp)
		return err
	}
	o.show(helpers)
	if agreed, err := o.agreed(ctx, words.AskToSetUp, o.yes); !agreed {
		return err
	}
	return o.write(ctx, config, helpers)
}

// helperCommand is what git is to run. Folders and store that were named by
// flags are named to it too; what the environment says, it says to git as well.
func (s *session) helperCommand(own string) string {
	command := "!" + git.Program(own)
	for _, flag := range []struct{ name, value string }{
		{"config-dir", s.configDir}, {"data-dir", s.dataDir}, {"store", string(s.store)},
	} {
		switch {
		case flag.value == "":
		case flag.name == "store":
			command += " --store " + git.Quote(flag.value)
		default:
			command += " --" + flag.name + " " + git.Quote(folder(flag.value, "", ""))
		}
	}
	return command + " git-credential"
}

// missing are the helpers that are not there as they should be.
func (o *gitSetupOptions) missing(ctx context.Context, config *git.Config, hosts []flows.GitHost, command string) ([]git.Helper, error) {
	var list []git.Helper
	for _, h := range hosts {
		helper := git.Helper{URL: h.Host.WebURL, Command: command, ByPath: h.ByPath}
		has, err := config.Has(ctx, helper)
		if err != nil {
			return nil, err
		}
		if !has {
			list = append(list, helper)
		}
	}
	return list, nil
}

func (o *gitSetupOptions) show(helpers []git.Helper) {
	fmt.Fprintf(o.out, "%s\n\n", words.GitWillRead)
	for _, h := range helpers {
		fmt.Fprintln(o.out, h.Text())
	}
	fmt.Fprintf(o.out, "\n%s\n", words.GitAsksNobodyElse)
}

// write puts helpers in the place of those from before.
func (o *gitSetupOptions) write(ctx context.Context, config *git.Config, helpers []git.Helper) error {
	before, err := config.List(ctx)
	if err != nil {
		return err
	}
	for _, h := range helpers {
		for _, old := range before {
			if old.URL != h.URL {
				continue
			}
			if err := config.Remove(ctx, old); err != nil {
				return err
			}
		}
		if err := config.Add(ctx, h); err != nil {
			return err
		}
		behind, err := config.Behind(ctx, h)
		if err != nil {
			return err
		}
		if len(behind) > 0 {
			o.warn(words.OthersAsked(h.URL, behind))
		}
	}
	_, err = fmt.Fprintln(o.out, words.GitSetUp(urlsOf(helpers)))
	return err
}

type gitRemoveOptions struct {
	*session
	host string
}

func newGitRemove(s *session) *cobra.Command {
	o := &gitRemoveOptions{session: s}
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Take gitgrant out of the configuration of git",
		Long:  `Takes out what git setup wrote, for all hosts or for one, and leaves the rest as it is.`,
		Example: `  gitgrant git remove
  gitgrant git remove --host https://github.com`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.host, "host", "", "this host alone")
	cmd.Flags().Bool("yes", false, "as git setup takes it; nothing is asked here")
	complete(cmd, "host", s.hosts)
	return cmd
}

func (o *gitRemoveOptions) run(ctx context.Context) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	config, err := git.Open(own)
	if err != nil {
		return err
	}
	helpers, err := config.List(ctx)
	if err != nil {
		return err
	}
	if o.host != "" {
		d, err := o.desk()
		if err != nil {
			return err
		}
		helpers = slices.DeleteFunc(helpers, func(h git.Helper) bool { return !meant(d, o.host, h.URL) })
	}
	if len(helpers) == 0 {
		_, err := fmt.Fprintln(o.out, words.GitIsNot)
		return err
	}
	for _, h := range helpers {
		if err := config.Remove(ctx, h); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(o.out, words.GitRemoved(urlsOf(helpers)))
	return err
}

// meant reports whether a person who names a host means the one that people
// clone from at an address.
func meant(d *flows.Desk, named, web string) bool {
	return strings.TrimRight(named, "/") == web || slices.ContainsFunc(d.Providers, func(p providers.Provider) bool {
		h, err := d.Hosts.Resolve(p, named)
		return err == nil && h.WebURL == web
	})
}

func urlsOf(helpers []git.Helper) []string {
	var urls []string
	for _, h := range helpers {
		urls = append(urls, h.URL)
	}
	return slices.Compact(urls)
}
