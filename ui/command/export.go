package command

import (
	"context"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/flows/handover"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/ui/words"
)

type exportOptions struct {
	*session
	which
	handover.Options
	as   handover.Format
	show bool
}

func newExport(s *session) *cobra.Command {
	o := &exportOptions{session: s}
	cmd := &cobra.Command{
		Use:   "export RUNTIME --as FORMAT",
		Short: "Hand a token to a cluster or a shell, in the form that it reads",
		Long: `Writes the runtime token in the form of one of its consumers:

  kubernetes-secret   a Secret with the key token
  helm-values         values of the chart, which refer to that Secret and hold no
                      token: charts write all their values into the cluster
  argocd-repo-creds   what Argo CD clones with, for all addresses that begin like
                      --repo; without it, for the whole host
  argo-events         the Secret that the event sources of Argo Events refer to
  dotenv              lines for a shell, with the variables that exec sets

Each gets the user name that this host wants there beside this kind of token.
What holds a token is not printed on a terminal, where it would stay in sight,
unless you say --show.`,
		Example: `  gitgrant export prod --as kubernetes-secret --namespace prod | kubectl apply -f -
  gitgrant export prod --as helm-values > prod-values.yaml
  gitgrant export prod --as argocd-repo-creds --repo https://github.com/acme --namespace argocd | kubeseal --format yaml > creds.yaml`,
		GroupID:           groupHandOver,
		Args:              one("the name of a runtime"),
		ValidArgsFunction: s.runtimes(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	o.which.bind(cmd)
	flags := cmd.Flags()
	bindChoice(cmd, &o.as, "as", "the form: "+alternatives(texts(handover.Formats)), handover.Formats...)
	flags.StringVar(&o.Namespace, "namespace", "", "namespace of the Secret; that of kubectl where it is not given")
	flags.StringVar(&o.Name, "name", "", "name of the Secret; RUNTIME-git-runtime-token where it is not given")
	flags.StringVar(&o.Repository, "repo", "", "what Argo CD uses the token for: an address, or how addresses begin")
	flags.StringVar(&o.Env, "env", "", "one more variable that gets the token")
	flags.BoolVar(&o.show, "show", false, "print it to a terminal too")
	return cmd
}

func (o *exportOptions) run(ctx context.Context, runtime string) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.purpose == "" {
		o.purpose = providers.Runtime
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := o.of(d, runtime)
	if err != nil {
		return err
	}
	g, err := only(runtime, grants)
	if err != nil {
		return err
	}
	s, err := d.Handover(g)
	if err != nil {
		return err
	}
	if isTerminal(o.out) && o.as.Secret() && !o.show {
		return misused(words.ExportOnScreen(runtime, o.as))
	}
	// What cannot be written so is said before a store is opened or a token renewed.
	if _, err := handover.Write(o.as, s, o.Options); err != nil {
		return misused(err)
	}
	if o.as.Secret() {
		if g, s.Token, err = o.take(ctx, d, g); err != nil {
			return err
		}
	}
	text, err := handover.Write(o.as, s, o.Options)
	if err != nil {
		return misused(err)
	}
	o.advise(ctx, d, g, s)
	_, err = o.out.Write(text)
	return err
}

// check refuses flags that the form has no use for.
func (o *exportOptions) check() error {
	if o.as == "" {
		return misused(words.NoForm(texts(handover.Formats)))
	}
	beside := "--as " + string(o.as)
	switch {
	case o.Repository != "" && o.as != handover.RepoCreds:
		return misused(words.NoUseFor("--repo", beside))
	case o.Env != "" && o.as != handover.Dotenv:
		return misused(words.NoUseFor("--env", beside))
	case o.Name != "" && o.as == handover.Dotenv:
		return misused(words.NoUseFor("--name", beside))
	case o.Namespace != "" && o.as == handover.Dotenv:
		return misused(words.NoUseFor("--namespace", beside))
	}
	return nil
}

// take is the token of a grant on its way out, refreshed where it is about to
// end, with a warning where its state is not good.
func (s *session) take(ctx context.Context, d *flows.Desk, g keyring.Grant) (keyring.Grant, secret.Secret, error) {
	if err := s.unseal(ctx, []keyring.Grant{g}); err != nil {
		return g, secret.Secret{}, err
	}
	fresh, err := d.Fresh(ctx, g)
	if err != nil {
		return g, secret.Secret{}, err
	}
	g = fresh.Grant
	s.masks.learn(fresh.Credential.Token)
	s.masks.learn(fresh.Credential.Refresh)
	if why := fresh.Problem; why != nil && !cause.Of(why).Dead() {
		s.warn(words.Unrenewed(why, s.now()))
	}
	if v := d.LastKnown(g); v.Status.Class() == flows.Bad || v.Status == flows.Expiring {
		about := words.About(d, g)
		s.warn(words.Message{What: words.Reason(v, about), Next: words.Next(v, about).Do})
	}
	return g, fresh.Credential.Token, nil
}

// advise says where the consumer or the separation of the purposes asks for
// another token, and what the consumer has to know.
func (o *exportOptions) advise(ctx context.Context, d *flows.Desk, g keyring.Grant, s handover.Subject) {
	for _, c := range handover.Caveats(o.as, s, flows.ShortLived(g)) {
		o.warn(words.Caveat(c, s))
	}
	if s.Purpose == providers.Runtime && o.as.Manifest() {
		o.guard(ctx, d, g, s.Token)
	}
	if o.as == handover.ArgoEvents {
		o.warn(words.EventSource(handover.EventSource(s, o.Options)))
	}
}

// guard says where the two purposes are not kept apart. It stops nobody.
func (s *session) guard(ctx context.Context, d *flows.Desk, g keyring.Grant, token secret.Secret) {
	concerns, err := d.Guard(ctx, g, token, flows.Remembered(g))
	if err != nil {
		s.log.Debug("not guarded", "error", err)
	}
	for _, c := range concerns {
		s.warn(words.Message{What: words.Concern(c, g.Account)})
	}
}
