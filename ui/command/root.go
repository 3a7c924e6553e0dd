package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitgrant/ui/words"
)

// The groups of the help.
const (
	groupSetUp     = "set-up"
	groupLookAfter = "look-after"
	groupHandOver  = "hand-over"
	groupConfigure = "configure"
	groupTry       = "try"
	groupMore      = "more"
)

const about = `Gitgrant takes you through authorizing Git access for a GitOps runtime: the
runtime token, with which the runtime itself clones and creates webhooks, and
your user token, with which you clone and push. It shows every scope that is
needed, stores the token in your keychain, and later says how it is doing.

Without a command it opens the list of your runtimes, or the install wizard
where there is none yet.

Environment:
  GITGRANT_CONFIG_DIR             where hosts.yaml is
  GITGRANT_DATA_DIR               where the list of runtimes and the vault are
  GITGRANT_STORE                  system, vault or memory
  GITGRANT_VAULT_PASSPHRASE_FILE  opens a vault where nobody can type
  GITGRANT_VAULT_IDENTITY_FILE    the same by an age identity, which comes first
  ACCESSIBLE                      like --plain
  TERM=dumb                       like --plain, on a terminal
  NO_COLOR                        like --no-color
  BROWSER                         what opens pages
  HTTPS_PROXY, NO_PROXY           the way to the hosts
  SSL_CERT_FILE                   certificates to trust

Exit codes:
  0  done; every token checked is fine
  1  failed
  2  used wrongly, or an answer is missing that nobody may be asked for
  3  a token ends soon
  4  a token cannot be used
  5  a token could not be checked
  130  interrupted`

// commands are what the program can do, by name.
var commands = []struct {
	name string
	make func(*session) *cobra.Command
}{
	{"install", newInstall},
	{"check", newCheck},
	{"token", newToken},
	{"export", newExport},
	{"exec", newExec},
	{"git", newGit},
	{"git-credential", newGitCredential},
	{"status", newStatus},
	{"watch", newWatch},
	{"reauthorize", newReauthorize},
	{"reuse", newReuse},
	{"forget", newForget},
	{"rotate", newRotate},
	{"revoke", newRevoke},
	{"providers", newProviders},
	{"hosts", newHosts},
	{"keyring", newKeyring},
	{"demo", newDemo},
	{"sandbox", newSandbox},
	{"doctor", newDoctor},
	{"completion", newCompletion},
	{"version", newVersion},
}

// addCommands adds the command that is named by the arguments, since making all
// of them takes longer than many a command. Whatever else may be meant by the
// arguments, help, completions and mistakes, is about all of them, and so is the
// manual.
func (s *session) addCommands(root *cobra.Command, args []string) {
	name := firstWord(args, root.PersistentFlags())
	for _, c := range commands {
		if c.name == name {
			root.AddCommand(c.make(s))
			return
		}
	}
	for _, c := range commands {
		root.AddCommand(c.make(s))
	}
	root.AddCommand(newMan(s))
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = func(_ *cobra.Command, args []string) error { // help about what is not there is no help
			about, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			return nothing(about, rest)
		}
	}
}

// firstWord is the first argument that is neither a flag of every command nor
// the value of one.
func firstWord(args []string, flags *pflag.FlagSet) string {
	for i := 0; i < len(args); i++ {
		name, dashes := strings.CutPrefix(args[i], "--")
		if !dashes {
			return args[i]
		}
		if flag := flags.Lookup(name); flag != nil && flag.NoOptDefVal == "" {
			i++ // the value
		}
	}
	return ""
}

// newRoot makes what understands these arguments.
func newRoot(s *session, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "gitgrant",
		Short: "Git tokens for GitOps runtimes, from the sign-in to the keychain",
		Long:  about,
		Example: `  gitgrant demo
  gitgrant install prod
  gitgrant status -o json`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          nothing,
	}
	// A version template of cobra would bring the template language along, and
	// with it every exported method of everything.
	asked := root.Flags().BoolP("version", "v", false, "print the version")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asked {
			_, err := fmt.Fprintln(s.out, "gitgrant "+version)
			return err
		}
		return s.openList(cmd)
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.errs)
	root.SetFlagErrorFunc(flagProblem)
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) { s.begin(cmd) }
	s.bindEverywhere(root)
	root.AddGroup(
		&cobra.Group{ID: groupSetUp, Title: "Set up:"},
		&cobra.Group{ID: groupLookAfter, Title: "Look after:"},
		&cobra.Group{ID: groupHandOver, Title: "Hand over:"},
		&cobra.Group{ID: groupConfigure, Title: "Configure:"},
		&cobra.Group{ID: groupTry, Title: "Try out:"},
		&cobra.Group{ID: groupMore, Title: "More:"},
	)
	root.SetHelpCommandGroupID(groupMore)
	root.SetArgs(args)
	s.addCommands(root, args)
	return root
}

// bindEverywhere adds the flags that every command takes.
func (s *session) bindEverywhere(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.BoolVar(&s.lines, "plain", false, "ask and answer in plain lines, for screen readers")
	flags.BoolVar(&s.noInput, "no-input", false, "never ask, never open a browser")
	flags.BoolVar(&s.noColor, "no-color", false, "no colours")
	flags.BoolVar(&s.noMotion, "no-motion", false, "nothing on the screen moves by itself")
	flags.BoolVar(&s.debug, "debug", false, "say on standard error what happens, without any secret")
	flags.StringVar(&s.configDir, "config-dir", "", "folder of hosts.yaml")
	flags.StringVar(&s.dataDir, "data-dir", "", "folder of the list of runtimes and of the vault")
	themes := []string{"auto", "dark", "light"}
	s.theme = themes[0]
	flags.Var(choiceOf(&s.theme, "--theme", themes...), "theme", "colours: "+alternatives(themes))
	flags.Var(choiceOf(&s.store, "--store", stores...), "store", "where tokens rest: "+alternatives(texts(stores)))
	complete(root, "theme", fixed(themes))
	complete(root, "store", fixed(texts(stores)))
	for _, name := range []string{"config-dir", "data-dir"} {
		if err := root.MarkPersistentFlagDirname(name); err != nil {
			panic(err) // it was bound above
		}
	}
}

// nothing is for commands without arguments, and for those that only hold other
// commands: a word behind them is meant as one.
func nothing(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		cmd.SuggestionsMinimumDistance = 2
		return misused(words.UnknownCommand(args[0], cmd.CommandPath(), cmd.SuggestionsFor(args[0])))
	default:
		return misused(words.TooManyArguments(args[0], cmd.CommandPath()))
	}
}

// one is for commands about one thing, such as "a runtime".
func one(thing string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return misused(words.MissingArgument(thing, cmd.CommandPath()))
		case len(args) > 1:
			return misused(words.TooManyArguments(args[1], cmd.CommandPath()))
		default:
			return nil
		}
	}
}

// atMostOne is for commands that may go without.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return misused(words.TooManyArguments(args[1], cmd.CommandPath()))
	}
	return nil
}

// flagProblem puts what the flag library found into our words.
func flagProblem(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		bare    *pflag.ValueRequiredError
		bad     *pflag.InvalidValueError
		ours    words.Message
	)
	command := cmd.CommandPath()
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case errors.As(err, &ours):
		return misused(ours)
	case errors.As(err, &unknown):
		return misused(words.UnknownFlag(dashed(unknown.GetSpecifiedName()), command))
	case errors.As(err, &bare):
		return misused(words.FlagWithoutValue(dashed(bare.GetSpecifiedName()), command))
	case errors.As(err, &bad):
		return misused(badValue(bad, command))
	default:
		return misused(words.BadFlag("a flag", err.Error(), command))
	}
}

// badValue says what a flag takes that was given something else: most say that
// themselves.
func badValue(bad *pflag.InvalidValueError, command string) words.Message {
	flag := dashed(bad.GetFlag().Name)
	switch bad.GetFlag().Value.Type() {
	case "bool":
		return words.BadSwitch(bad.GetValue(), flag)
	case "uint16":
		return words.BadPort(bad.GetValue(), flag)
	default:
		return words.BadFlag(flag, bad.Unwrap().Error(), command)
	}
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func alternatives(takes []string) string {
	if len(takes) < 2 {
		return strings.Join(takes, "")
	}
	return strings.Join(takes[:len(takes)-1], ", ") + " or " + takes[len(takes)-1]
}
