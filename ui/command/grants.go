package command

import (
	"slices"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// which is the flags that tell the grants of a runtime apart.
type which struct {
	purpose providers.Purpose
	account string
}

func (w *which) bind(cmd *cobra.Command) {
	bindChoice(cmd, &w.purpose, "purpose", "which token: runtime or user", providers.Purposes...)
	w.bindAccount(cmd)
}

func (w *which) bindAccount(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.account, "account", "", "whose user token, where there are several")
}

// of are the grants of a runtime that the flags fit.
func (w which) of(d *flows.Desk, runtime string) ([]keyring.Grant, error) {
	grants, err := d.Ring.Of(runtime)
	if err != nil {
		return nil, err
	}
	if len(grants) == 0 {
		return nil, misused(words.UnknownRuntimes([]string{runtime}))
	}
	grants = slices.DeleteFunc(grants, func(g keyring.Grant) bool {
		return w.purpose != "" && g.Purpose != string(w.purpose) || w.account != "" && g.Account != w.account
	})
	if len(grants) == 0 {
		return nil, misused(words.NoSuchGrant(runtime, string(w.purpose), w.account))
	}
	return grants, nil
}

// only is the one grant among those that fit, or why there is not one.
func only(runtime string, grants []keyring.Grant) (keyring.Grant, error) {
	if len(grants) == 1 {
		return grants[0], nil
	}
	var purposes, accounts []string
	for _, g := range grants {
		purposes, accounts = append(purposes, g.Purpose), append(accounts, g.Account)
	}
	slices.Sort(purposes)
	if purposes = slices.Compact(purposes); len(purposes) > 1 {
		return keyring.Grant{}, misused(words.SeveralGrants(runtime, "--purpose", purposes))
	}
	return keyring.Grant{}, misused(words.SeveralGrants(runtime, "--account", accounts))
}

// preferUser are the user tokens where there are any.
func preferUser(grants []keyring.Grant) []keyring.Grant {
	mine := slices.DeleteFunc(slices.Clone(grants), func(g keyring.Grant) bool { return g.Purpose != string(providers.User) })
	if len(mine) == 0 {
		return grants
	}
	return mine
}
