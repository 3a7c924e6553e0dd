package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitgrant/flows/handover"
	"gitgrant/ui/words"
)

// What a shell says of a program that it did not start.
const (
	exitNotStarted = 126
	exitNotFound   = 127
)

type execOptions struct {
	*session
	which
	env string
}

func newExec(s *session) *cobra.Command {
	o := &execOptions{session: s}
	cmd := &cobra.Command{
		Use:   "exec RUNTIME -- COMMAND...",
		Short: "Run a command with a token in its environment, and nowhere else",
		Long: `Runs a command that finds the token in GIT_TOKEN and in GITHUB_TOKEN, GITLAB_TOKEN
or BITBUCKET_TOKEN, whichever belongs to the host, and its user name in GIT_USER.
What was in these variables before is replaced. Variables that programs read in
their stead are taken out, so that no other token is used: GH_TOKEN, GL_TOKEN or
BB_TOKEN, and for GitHub Enterprise GH_ENTERPRISE_TOKEN and
GITHUB_ENTERPRISE_TOKEN; name one with --env and it gets the token. All others
stay as they are. It is your user token when there is one, else the runtime token.

Terminal, signals and exit status are the command's own; 128 and the number of
the signal is the status of one that a signal ended.`,
		Example: `  gitgrant exec prod --purpose runtime -- flux bootstrap github --token-auth --owner acme --repository fleet
  gitgrant exec prod --env RENOVATE_TOKEN -- renovate`,
		GroupID:           groupHandOver,
		ValidArgsFunction: s.runtimes(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			runtime, command, err := commandLine(cmd, args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), runtime, command)
		},
	}
	o.which.bind(cmd)
	cmd.Flags().StringVar(&o.env, "env", "", "one more variable that gets the token")
	return cmd
}

// commandLine is what stands before the two hyphens and behind them.
func commandLine(cmd *cobra.Command, args []string) (runtime string, command []string, err error) {
	before, behind := args, []string(nil)
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		before, behind = args[:at], args[at:]
	}
	switch {
	case len(behind) == 0 && len(before) > 0:
		return "", nil, misused(words.NothingToRun(cmd.CommandPath()))
	case len(before) != 1:
		return "", nil, one("the name of a runtime")(cmd, before)
	}
	return before[0], behind, nil
}

func (o *execOptions) run(ctx context.Context, runtime string, command []string) error {
	program, err := exec.LookPath(command[0])
	if err != nil {
		return notFound(command[0], err)
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := o.of(d, runtime)
	if err != nil {
		return err
	}
	g, err := only(runtime, preferUser(grants))
	if err != nil {
		return err
	}
	s, err := d.Handover(g)
	if err != nil {
		return err
	}
	if _, err := handover.Environment(s, handover.Options{Env: o.env}); err != nil {
		return misused(err)
	}
	if _, s.Token, err = o.take(ctx, d, g); err != nil {
		return err
	}
	given, err := handover.Environment(s, handover.Options{Env: o.env})
	if err != nil {
		return misused(err)
	}
	o.close()
	o.coresAgain()
	child := exec.Command(program, command[1:]...) //nolint:noctx // it ends when it wants to: a signal reaches it as any other
	child.Args[0] = command[0]
	child.Env = environment(os.Environ(), given, handover.ReadBefore(s.Host.Provider))
	child.Stdin, child.Stdout, child.Stderr = o.in, o.out.File, o.errs
	return o.outlive(ctx, child, command[0])
}

// environment replaces variables, leaves out those that would overrule them and
// keeps the others as they are. The names of files that open the vault stay: they
// are no secrets, and a git that the command runs may ask gitgrant in turn.
func environment(inherited []string, given []handover.Variable, overruling []string) []string {
	gone := slices.Clone(overruling)
	for _, v := range given {
		gone = append(gone, v.Name)
	}
	env := slices.DeleteFunc(slices.Clone(inherited), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return slices.ContainsFunc(gone, func(other string) bool { return sameVariable(name, other) })
	})
	for _, v := range given {
		env = append(env, v.Name+"="+v.Value.Reveal())
	}
	return env
}

// sameVariable compares names as the system does.
func sameVariable(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// outlive runs a command to its end and passes on the signals that reach this
// process alone. One that came before there was anything to pass it on to has
// ended the context.
func (s *session) outlive(ctx context.Context, child *exec.Cmd, name string) error {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passedOn...)
	defer signal.Stop(signals)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := child.Start(); err != nil {
		return notFound(name, err)
	}
	over := make(chan error, 1)
	go func() { over <- child.Wait() }()
	for {
		select {
		case signal := <-signals:
			if !s.fromTerminal(signal) {
				_ = child.Process.Signal(signal) // it may have ended by now
			}
		case err := <-over:
			var ended *exec.ExitError
			if err != nil && !errors.As(err, &ended) {
				return err
			}
			return &childEnded{exitStatus(child.ProcessState)}
		}
	}
}

// childEnded is the end of a command that was run: its status is the status of
// the program, and everything has been said.
type childEnded struct{ status int }

func (e *childEnded) Error() string { return "the command has ended" }

func notFound(name string, err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return &ending{code: exitNotFound, err: words.NoSuchProgram(name)}
	}
	why := err
	var of *exec.Error
	var path *os.PathError
	switch {
	case errors.As(err, &path):
		why = path.Err
	case errors.As(err, &of):
		why = of.Err
	}
	return &ending{code: exitNotStarted, err: words.NotStarted(name, why.Error())}
}
