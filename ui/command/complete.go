package command

import (
	"slices"

	"github.com/spf13/cobra"
)

// completer proposes words for a flag or an argument.
type completer = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

func complete(cmd *cobra.Command, flag string, with completer) {
	// The one error is a flag that does not exist, which the first run shows.
	if err := cmd.RegisterFlagCompletionFunc(flag, with); err != nil {
		panic(err)
	}
}

func fixed(proposals []string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return proposals, cobra.ShellCompDirectiveNoFileComp
	}
}

// runtimes proposes the names of runtimes that are not on the line already; at
// most as many as the command takes, or any number where that is 0.
func (s *session) runtimes(most int) completer {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		d, err := s.desk()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		grants, err := d.Ring.Grants()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, g := range grants {
			if !slices.Contains(args, g.Runtime) {
				names = append(names, g.Runtime)
			}
		}
		return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
	}
}

// hosts proposes the hosts that have a profile.
func (s *session) hosts(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	book, err := s.book()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, h := range book.All() {
		names = append(names, h.URL)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
