package command

import (
	"context"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

type checkOptions struct {
	*session
	answerFlags
	output format
}

func newCheck(s *session) *cobra.Command {
	o := &checkOptions{session: s}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check a token from standard input and store nothing",
		Long: `Asks the Git host what the token is and may do, and holds that against what its
purpose needs. Nothing is stored, and nothing is changed at the host.

It takes the same flags as install, so that a line can be tried here first.`,
		Example: `  gitgrant check --provider github < token
  gitgrant check --provider github --purpose user --repo acme/app -o json < token`,
		GroupID: groupSetUp,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.bind(cmd)
	for _, name := range []string{"client-id", "client-secret-stdin", "force", "yes"} {
		if err := cmd.Flags().MarkHidden(name); err != nil { // they say how to store
			panic(err)
		}
	}
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *checkOptions) run(ctx context.Context) error {
	if o.provider == "" && o.host == "" {
		return misused(words.MissingArgument("--provider", "gitgrant check"))
	}
	if o.purpose == "" {
		o.purpose = providers.Runtime
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	subject, err := o.subject(ctx, d)
	if err != nil {
		return err
	}
	verdict, err := d.Check(ctx, subject, nil)
	if err != nil {
		return err
	}
	about := words.Subject{
		Purpose: o.purpose, Provider: subject.Provider, Host: subject.Host, Method: subject.Credential.Method, Now: o.now(),
	}
	if o.output == table {
		o.describe(about, verdict)
	} else if err := o.print(o.output, checkReport{schemaCheck, reportOf(about, verdict)}); err != nil {
		return err
	}
	return endWith(codeOfStatus(verdict.Status))
}

// subject is the token and what it is held against. The token is read last, so
// that a slip in a flag does not cost it.
func (o *checkOptions) subject(ctx context.Context, d *flows.Desk) (flows.Subject, error) {
	found, err := d.Place(ctx, o.provider, o.host)
	if err != nil {
		return flows.Subject{}, err
	}
	p, h := found.Provider, found.Host
	s := flows.Subject{Provider: p, Host: h, Purpose: o.purpose}
	if s.Known, err = o.stated(); err != nil {
		return flows.Subject{}, err
	}
	if o.email != "" {
		if o.email, err = flows.ReadEmail(o.email); err != nil {
			return flows.Subject{}, err
		}
	}
	if o.username, err = flows.ReadUsername(o.username); err != nil {
		return flows.Subject{}, err
	}
	for _, named := range o.repositories {
		repo, err := providers.RepositoryOf(p, h, named)
		if err != nil {
			return flows.Subject{}, err
		}
		s.Repositories = append(s.Repositories, repo)
	}
	if o.clientSecretStdin {
		return flows.Subject{}, misused(words.Together("check", "--client-secret-stdin", "The token comes from standard input."))
	}
	if o.method == "" {
		o.method = providers.PAT
	}
	token, err := o.readToken(ctx)
	if err != nil {
		return flows.Subject{}, err
	}
	if providers.LooksMistyped(p, token) {
		o.warn(words.Mistyped())
	}
	s.Credential = providers.Credential{Token: token, Method: o.method, Email: o.email, Username: o.username}
	if s.Credential.Email == "" && p.Wants(token).Email {
		err = misused(words.MissingAnswers([]string{words.Flag(flows.Question{Topic: flows.Email})}, o.noInput))
	}
	return s, err
}
