package keyring

import (
	"context"

	"gitgrant/keyring/secret"
)

// The secret of an OAuth application belongs to a host and to no runtime. It
// rests as the credential of a grant does, under a key that no grant can have,
// and no list of grants shows it.
const hostPurpose = "client-secret"

func hostKey(host string) Key { return Key{Purpose: hostPurpose, Account: host} }

func (e entry) isHost() bool { return e.Runtime == "" && e.Purpose == hostPurpose }

// SaveHostSecret stores the secret of a host's OAuth application.
func (r *Ring) SaveHostSecret(ctx context.Context, host string, s secret.Secret) error {
	_, err := r.Save(ctx, Grant{Key: hostKey(host), Host: host}, Credential{Access: s})
	return err
}

// HostSecret reads the secret of a host's OAuth application.
func (r *Ring) HostSecret(ctx context.Context, host string) (secret.Secret, error) {
	c, err := r.Credential(ctx, hostKey(host))
	return c.Access, err
}

// HostSecrets are the hosts whose secret rests in a store.
func (r *Ring) HostSecrets() ([]string, error) {
	x, err := r.load()
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, e := range x.Entries {
		if e.isHost() {
			hosts = append(hosts, e.Host)
		}
	}
	return hosts, nil
}

// ForgetHostSecret deletes the secret of a host's OAuth application.
func (r *Ring) ForgetHostSecret(ctx context.Context, host string) error {
	return r.Forget(ctx, hostKey(host))
}
