package command

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/ui/git"
	"gitgrant/ui/plain"
	"gitgrant/ui/words"
)

type gitCredentialOptions struct {
	*session
	runtime string
	purpose providers.Purpose
}

func newGitCredential(s *session) *cobra.Command {
	o := &gitCredentialOptions{session: s}
	cmd := &cobra.Command{
		Use:   "git-credential get|store|erase",
		Short: "Answer git, which asks for a user name and a token",
		Long: `What git runs once git setup has written it into the configuration: a credential
helper. git says on standard input where it wants to go, and gets the user token
that fits by host, by path (the repositories that a token was proven against)
and by user name.

What is not its own it leaves alone, and it never serves a token that has ended
or was refused. store keeps nothing; erase, by which git reports a refusal, marks
the token as rejected and deletes nothing.`,
		Example: `  printf 'protocol=https\nhost=github.com\n' | gitgrant git-credential get
  git -c credential.helper='!gitgrant git-credential --runtime prod --purpose runtime' clone https://github.com/acme/app`,
		GroupID:   groupHandOver,
		Args:      one("what to do: get, store or erase"),
		ValidArgs: []string{"get", "store", "erase"},
		RunE:      func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().StringVar(&o.runtime, "runtime", "", "answer for this runtime alone")
	complete(cmd, "runtime", s.runtimes(0))
	o.purpose = providers.User
	bindChoice(cmd, &o.purpose, "purpose", "which tokens: user, or runtime where git is to act as the runtime", providers.Purposes...)
	return cmd
}

func (o *gitCredentialOptions) run(ctx context.Context, operation string) error {
	if o.purpose == providers.Runtime && o.runtime == "" {
		return misused(words.RuntimeByName())
	}
	switch operation {
	case "get", "erase":
	default:
		return nil // store, and what a later git may add
	}
	q, err := git.Read(o.in)
	if err != nil {
		return misused(err)
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	asked := flows.GitQuery{
		Protocol: q.Protocol, Host: q.Host, Path: q.Path, Username: q.Username, Runtime: o.runtime, Purpose: o.purpose, Headers: q.Headers,
	}
	if operation == "erase" {
		o.masks.learn(q.Secret)
		return d.GitRefused(ctx, asked, q.Secret)
	}
	return o.get(ctx, d, asked, q)
}

// get answers, or says on standard error why a token that fits is not served.
// To git the lack of an answer is no failure: it asks others.
func (o *gitCredentialOptions) get(ctx context.Context, d *flows.Desk, asked flows.GitQuery, q git.Request) error {
	g, token, err := o.open(ctx, d, asked)
	var dead *flows.DeadError
	switch {
	case errors.As(err, &dead):
		about := words.About(d, dead.Grant)
		o.warn(words.NotServed(dead.Grant, words.Message{What: words.Reason(dead.Verdict, about), Next: words.Next(dead.Verdict, about).Do}))
		return nil
	case err != nil:
		return err
	case g == nil:
		return nil
	}
	o.masks.learn(token)
	s, err := d.Handover(*g)
	if err != nil {
		return err
	}
	answer := git.Answer{Username: s.Names.Git, Token: token, ExpiresAt: g.ExpiresAt, Bearer: s.Names.Bearer, Ephemeral: flows.ShortLived(*g)}
	if answer.Username == "" && !(answer.Bearer && q.Headers) {
		return words.NoNameForGit(*g)
	}
	return answer.Write(o.out, q)
}

// open finds the token. A vault that is locked is opened by whoever sits at the
// terminal: standard input is git's.
func (o *gitCredentialOptions) open(ctx context.Context, d *flows.Desk, asked flows.GitQuery) (*keyring.Grant, secret.Secret, error) {
	g, token, err := d.GitCredential(ctx, asked)
	var at keyring.Condition
	if !errors.As(err, &at) || !flows.TakesPassphrase(at) || at.State != keyring.Locked {
		return g, token, err
	}
	typed, found := o.typedBesideGit()
	if !found {
		return g, token, err
	}
	before := o.input
	o.input = typed
	defer func() { o.input = before }()
	o.warn(words.GitWaits())
	if err := o.openVault(ctx, at); err != nil {
		return nil, secret.Secret{}, err
	}
	return d.GitCredential(ctx, asked)
}

// typedBesideGit is what a person types while standard input and output belong
// to git, which asks on the terminal itself unless it was told not to.
func (s *session) typedBesideGit() (*plain.Input, bool) {
	if s.noInput || !isTerminal(s.errs) || os.Getenv("GIT_TERMINAL_PROMPT") == "0" {
		return nil, false
	}
	name := "/dev/tty"
	if runtime.GOOS == "windows" {
		name = "CONIN$"
	}
	terminal, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, false
	}
	return plain.NewInput(terminal), true
}
