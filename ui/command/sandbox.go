package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gitgrant/providers"
	"gitgrant/providers/sandbox"
	"gitgrant/ui/words"
)

type sandboxOptions struct {
	*session
	port    uint16
	approve sandbox.Approval
}

func newSandbox(s *session) *cobra.Command {
	o := &sandboxOptions{session: s, approve: sandbox.OnPage}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the built-in Git hosts on loopback, for tests of other programs",
		Long: `Serves Git hosts that are built in, on this machine alone. It prints a hosts.yaml
that leads to them, then the word ready, and serves until it is interrupted.

What a host does is chosen by the token or by the client id that a request
carries. They are fakes, and every sandbox knows the same ones.`,
		Example: `  gitgrant sandbox --port 8080
  gitgrant sandbox --approve auto`,
		GroupID: groupTry,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.Long += "\n\n" + inventory()
		cmd.Parent().HelpFunc()(cmd, args)
	})
	cmd.Flags().Uint16Var(&o.port, "port", 0, "port to listen on; any free one by default")
	bindChoice(cmd, &o.approve, "approve", "what becomes of device codes: page or auto", sandbox.OnPage, sandbox.Auto)
	return cmd
}

func (o *sandboxOptions) run(ctx context.Context) error {
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(o.port)))
	server, err := sandbox.Start(sandbox.Options{Approve: o.approve}, at)
	if taken := (*net.OpError)(nil); errors.As(err, &taken) {
		return words.NoPort(o.port, taken.Err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	if _, err := fmt.Fprintf(o.out, "%sready\n", server.HostsYAML(server.URL())); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// inventory lists the tokens and applications of the sandbox by provider. They
// stand in no columns: one long token would push all the others aside.
func inventory() string {
	var b strings.Builder
	for _, kind := range providers.Kinds {
		var tokens, clients []string
		for _, t := range sandbox.Tokens() {
			if t.Provider == string(kind) {
				tokens = append(tokens, item(t.Name, t.Text, words.GoesBeside(t.About, t.Email)))
			}
		}
		for _, c := range sandbox.Clients() {
			if c.Provider == string(kind) {
				clients = append(clients, item(c.Name, c.ID, words.HasSecret(c.About, c.Secret)))
			}
		}
		for _, part := range []struct {
			head  string
			items []string
		}{{"Tokens of " + words.Provider(kind), tokens}, {"OAuth applications of " + words.Provider(kind), clients}} {
			if len(part.items) > 0 {
				fmt.Fprintf(&b, "%s:\n%s\n", part.head, strings.Join(part.items, ""))
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

func item(name, text, does string) string {
	return "  " + name + "  " + text + "\n      " + does + "\n"
}
