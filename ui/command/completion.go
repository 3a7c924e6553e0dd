package command

import (
	"github.com/spf13/cobra"

	"gitgrant/ui/words"
)

// shells are those that completions can be written for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Write a completion script for your shell",
		Example: `  source <(gitgrant completion bash)
  gitgrant completion zsh > "${fpath[1]}/_gitgrant"
  gitgrant completion fish > ~/.config/fish/completions/gitgrant.fish
  gitgrant completion powershell | Out-String | Invoke-Expression`,
		GroupID:               groupMore,
		Args:                  one("the name of a shell"),
		ValidArgs:             shells,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.out, true)
			case "zsh":
				return root.GenZshCompletion(s.out)
			case "fish":
				return root.GenFishCompletion(s.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(s.out)
			default:
				return misused(words.BadValue(args[0], "completion", shells...))
			}
		},
	}
}
