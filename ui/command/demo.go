package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/ui"
	"gitgrant/ui/plain"
	"gitgrant/ui/words"
)

type demoOptions struct{ *session }

func newDemo(s *session) *cobra.Command {
	o := &demoOptions{s}
	return &cobra.Command{
		Use:   "demo",
		Short: "Try everything against built-in Git hosts; nothing is kept",
		Long: `Opens gitgrant against Git hosts that are built in. Nothing has to be installed,
nothing leaves this machine, and nothing is kept.

Without a terminal it plays one pass in plain lines: an installation by OAuth2,
one by token, a token that lacks a scope, and the status of them all.`,
		Example: `  gitgrant demo
  gitgrant demo --plain
  gitgrant demo | cat`,
		GroupID: groupTry,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
}

// demoPause is how long the built-in hosts have a sign-in wait between two
// questions: no longer than somebody who watches wants to.
const demoPause = time.Second

func (o *demoOptions) run(ctx context.Context) error {
	play := o.manner() == unasked
	approval := sandbox.OnPage
	if play {
		approval = sandbox.Auto
	}
	server, err := sandbox.Start(sandbox.Options{Approve: approval, Interval: demoPause, Now: o.now}, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	d, err := o.demoDesk(server)
	if err != nil {
		return err
	}
	o.opened = d
	if play {
		return o.play(ctx, d)
	}
	if err := furnish(ctx, d); err != nil {
		return err
	}
	return o.browse(ctx, ui.Options{Desk: d, Demo: true, Approve: server.Approve})
}

// demoDesk works with the built-in hosts, and keeps everything in memory.
func (o *demoOptions) demoDesk(server *sandbox.Server) (*flows.Desk, error) {
	book, err := hosts.Parse(hosts.FileName, server.HostsYAML(server.URL()), all.Providers())
	if err != nil {
		return nil, err
	}
	ring, err := keyring.Open(keyring.Options{Store: memory.New(), Others: []keyring.Store{&strongbox{Store: memory.New()}}, Now: o.now})
	if err != nil {
		return nil, err
	}
	return &flows.Desk{
		Providers: all.Providers(), Hosts: book, Ring: ring, UserAgent: userAgent(), Now: o.now, Log: o.log, Within: flows.DefaultWithin,
	}, nil
}

// play shows one pass to whoever reads standard output.
func (o *demoOptions) play(ctx context.Context, d *flows.Desk) error {
	token := func(name string) string { return sandbox.MustToken(string(providers.GitHub), name).Text }
	oauth, pat := words.Method(providers.Device), words.Method(providers.PAT)
	github := words.Provider(providers.GitHub)
	for _, scene := range []struct {
		title   string
		answers []string
	}{
		{words.DemoOAuth, []string{"prod", github, oauth, "", "", words.Choice(flows.Finish)}},
		{words.DemoToken, []string{"staging", github, pat, token("runtime"), "", "", words.Choice(flows.Finish)}},
		{words.DemoMissing, []string{"lab", github, pat, token("no-webhooks"), words.Choice(flows.Leave)}},
	} {
		fmt.Fprintln(o.out, scene.title)
		person := &plain.Person{In: plain.Script(scene.answers...), Out: o.out, Now: o.now, Demo: true}
		if _, err := person.Authorize(ctx, d, nil, flows.Answers{}); err != nil {
			return err
		}
		fmt.Fprintln(o.out)
	}
	fmt.Fprintln(o.out, words.DemoStatus)
	status := statusOptions{session: o.session, output: table}
	grants, err := named(d, nil)
	if err != nil {
		return err
	}
	verdicts, err := d.Status(ctx, grants, nil)
	if err != nil {
		return err
	}
	status.table(d, grants, verdicts)
	return nil
}
