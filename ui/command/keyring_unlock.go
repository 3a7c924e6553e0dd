package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gitgrant/keyring"
	"gitgrant/keyring/vault"
	"gitgrant/ui/words"
)

type keyringUnlockOptions struct {
	*session
	span string
}

func newKeyringUnlock(s *session) *cobra.Command {
	o := &keyringUnlockOptions{session: s}
	cmd := &cobra.Command{
		Use:   "unlock",
		Short: "Unlock the keychain, or keep the vault open for a while",
		Long: `Has the desktop ask for the password of the keychain. A vault is opened by its
passphrase and kept open for later commands, so that git can ask often: its key
rests in the memory of the Linux kernel, for this user and no longer than --for
says. The files of the vault stay sealed.

Nobody can open a vault without its passphrase, and nobody can reset it. Where
that is lost, move vault.key.age and vault.age out of the data folder: the list
stays, and gitgrant reauthorize fills a new vault.`,
		Example: `  gitgrant keyring unlock
  gitgrant keyring unlock --for 8h`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.Flags().Changed("for"))
		},
	}
	cmd.Flags().StringVar(&o.span, "for", "8h", "how long a vault stays open: 30m, 8h or 1d")
	return cmd
}

func (o *keyringUnlockOptions) run(ctx context.Context, forVault bool) error {
	span, err := readSpan("--for", o.span)
	if err != nil {
		return err
	}
	if span < time.Second || span > maxOpen {
		return misused(words.BadValue(o.span, "--for", "a length of time from 1s to 30d"))
	}
	d, err := o.desk()
	if err != nil {
		return err
	}
	if store := d.Ring.Store(); store.Kind() == keyring.System && !forVault {
		if err := o.ready(ctx, store); err != nil {
			return err
		}
		fmt.Fprintln(o.out, words.Opened(keyring.System))
		return nil
	}
	return o.keepOpen(ctx, span)
}

// maxOpen is longer than anybody should leave a vault open.
const maxOpen = 30 * 24 * time.Hour

func (o *keyringUnlockOptions) keepOpen(ctx context.Context, span time.Duration) error {
	if err := vault.Keeps(); err != nil {
		return err
	}
	if at := o.vault.Probe(ctx); at.State == keyring.Missing {
		return at // to open a vault is not the wish to make one
	}
	if err := o.ready(ctx, o.vault); err != nil {
		return err
	}
	if err := o.vault.KeepOpen(span); err != nil {
		return err
	}
	fmt.Fprintln(o.out, words.KeptOpen(span))
	return nil
}

type keyringLockOptions struct{ *session }

func newKeyringLock(s *session) *cobra.Command {
	o := &keyringLockOptions{s}
	return &cobra.Command{
		Use:   "lock",
		Short: "End what unlock began: the vault asks for its passphrase again",
		Args:  nothing,
		RunE:  func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
}

func (o *keyringLockOptions) run(ctx context.Context) error {
	if _, err := o.desk(); err != nil {
		return err
	}
	if err := o.vault.Close(); err != nil {
		return err
	}
	fmt.Fprintln(o.out, words.VaultLocked(o.vault.Probe(ctx)))
	return nil
}
