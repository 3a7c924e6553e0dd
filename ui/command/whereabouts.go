package command

import (
	"context"
	"os/exec"
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
)

// remote is the address of a git remote in the folder that the program runs in.
func (s *session) remote(ctx context.Context, name string) (string, bool) {
	out, err := exec.CommandContext(ctx, "git", "remote", "get-url", name).Output()
	address := strings.TrimSpace(string(out))
	return address, err == nil && address != ""
}

// whereabouts finds the host behind what --host names: the address of anything
// on it will do, and the name of a remote, and --provider is then not needed.
func (s *session) whereabouts(ctx context.Context, d *flows.Desk, old *keyring.Grant, a flows.Answers) (flows.Answers, error) {
	if a.Host == "" || old != nil && a.Host == old.Host {
		return a, nil
	}
	found, err := d.Place(ctx, a.Provider, a.Host)
	if err != nil {
		return a, err
	}
	a.Provider, a.Host = found.Provider.Kind(), found.Host.URL
	return a, nil
}
