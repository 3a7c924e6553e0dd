package command

import (
	"errors"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/providers"
)

// MainWithFault is Main of a program that breaks over a token as soon as a
// provider is chosen.
func MainWithFault(token string) int {
	return runWith(func(s *session, args []string) *cobra.Command {
		root := newRoot(s, args)
		before := root.PersistentPreRun
		root.PersistentPreRun = func(cmd *cobra.Command, args []string) {
			before(cmd, args)
			if d, err := s.desk(); err == nil {
				d.Hosts = brokenHosts{d.Hosts, token}
			}
		}
		return root
	})
}

type brokenHosts struct {
	flows.Hosts
	token string
}

func (b brokenHosts) Resolve(providers.Provider, string) (providers.Host, error) {
	panic(errors.New("no host for " + b.token))
}
