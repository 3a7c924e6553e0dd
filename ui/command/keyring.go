package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/ui/words"
)

const schemaKeyring = "gitgrant.keyring/v1"

type keyringReport struct {
	Schema string        `json:"schema"`
	Use    keyring.Kind  `json:"use"` // where new tokens rest
	Stores []storeReport `json:"stores"`
}

type storeReport struct {
	Store  keyring.Kind  `json:"store"`
	State  keyring.State `json:"state"`
	Seal   string        `json:"seal,omitempty"`
	Tokens int           `json:"tokens"`
	Reason string        `json:"reason,omitempty"`
	Next   string        `json:"next,omitempty"`
}

func newKeyring(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keyring",
		Short: "Look after where tokens rest",
		Long: `Tokens rest in the keychain of the system, or in an encrypted vault in the data
folder where there is none. The list of runtimes beside them holds no secret.`,
		GroupID: groupConfigure,
		Args:    nothing,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newKeyringStatus(s), newKeyringUse(s), newKeyringUnlock(s), newKeyringLock(s), newKeyringMigrate(s), newKeyringRepair(s),
	)
	return cmd
}

type keyringStatusOptions struct {
	*session
	output format
}

func newKeyringStatus(s *session) *cobra.Command {
	o := &keyringStatusOptions{session: s}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say in which state keychain and vault are, without a prompt",
		Example: `  gitgrant keyring status
  gitgrant keyring status -o json`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *keyringStatusOptions) run(ctx context.Context) error {
	d, err := o.desk()
	if err != nil {
		return err
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		return err
	}
	report := keyringReport{Schema: schemaKeyring, Use: d.Ring.Store().Kind(), Stores: []storeReport{}}
	for _, store := range d.Ring.Stores() {
		at := o.probe(ctx, store)
		told := words.Condition(at)
		report.Stores = append(report.Stores, storeReport{
			store.Kind(), at.State, at.Seal, restingIn(grants, store.Kind()), words.Message{What: told.What, Why: told.Why}.String(), told.Next,
		})
	}
	if o.output != table {
		return o.print(o.output, report)
	}
	o.table(report)
	interrupted, err := d.Ring.Pending()
	if err == nil && len(interrupted) > 0 {
		o.warn(words.Interrupted(interrupted))
	}
	return err
}

// probe finds the state of a store; for those who debug, with what the system
// says of it.
func (s *session) probe(ctx context.Context, store keyring.Store) keyring.Condition {
	at := store.Probe(ctx)
	s.log.Debug("probed", "store", at.Store, "state", at.State, "detail", at.Detail)
	return at
}

func restingIn(grants []keyring.Grant, kind keyring.Kind) (n int) {
	for _, g := range grants {
		if g.Store == kind {
			n++
		}
	}
	return n
}

func (o *keyringStatusOptions) table(report keyringReport) {
	var rows [][]string
	for _, at := range report.Stores {
		use := ""
		if at.Store == report.Use {
			use = "new tokens"
		}
		rows = append(rows, []string{string(at.Store), string(at.State), strconv.Itoa(at.Tokens), use})
	}
	columns(o.out, []string{"STORE", "STATE", "TOKENS", "USED FOR"}, rows)
	for _, at := range report.Stores {
		fmt.Fprintf(o.out, "\n%s: %s\n", at.Store, at.Reason)
		if at.Next != "" {
			fmt.Fprintln(o.out, "  "+at.Next)
		}
	}
}

// ready sees to it that a store can be used: where it is not open, a person
// types the passphrase of the vault or answers the desktop.
func (s *session) ready(ctx context.Context, store keyring.Store) error {
	at := store.Probe(ctx)
	opener, canOpen := store.(keyring.Opener)
	switch {
	case at.Usable():
		return nil
	case flows.TakesPassphrase(at) && s.mayType():
		return s.openVault(ctx, at)
	case at.Store == keyring.System && canOpen && !s.noInput:
		return opener.Open(ctx, secret.Secret{})
	default:
		return at
	}
}

// openVault opens the vault by its passphrase, or makes it.
func (s *session) openVault(ctx context.Context, at keyring.Condition) error {
	for range maxTries {
		passphrase, err := s.passphrase(ctx, at)
		if err != nil {
			return err
		}
		err = s.vault.Open(ctx, passphrase)
		if !errors.As(err, &at) || !flows.TakesPassphrase(at) {
			return err
		}
	}
	return at
}
