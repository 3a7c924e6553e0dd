package command

import (
	"github.com/spf13/cobra"
)

type installOptions struct {
	authorization
}

func newInstall(s *session) *cobra.Command {
	o := &installOptions{authorization{session: s}}
	cmd := &cobra.Command{
		Use:   "install [RUNTIME]",
		Short: "Authorize Git access for a runtime and store the token",
		Long: `Takes you through provider, host, method, authorization and the check of every
scope, and stores the token: the runtime token first, then your user token.

With every answer given by flags nothing is asked: the token is checked, stored
where it is good enough, and reported.`,
		Example: `  gitgrant install
  gitgrant install prod --provider github --method device
  gitgrant install prod --provider github --method pat --token-stdin < token
  gitgrant install prod --purpose user --provider github --token-stdin -o json < token`,
		GroupID:           groupSetUp,
		Args:              atMostOne,
		ValidArgsFunction: s.runtimes(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			answers, err := o.answers(cmd.Context(), s)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				answers.Runtime = args[0]
			}
			return o.run(cmd.Context(), nil, answers)
		},
	}
	o.bind(cmd)
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}
