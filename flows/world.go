package flows

import "gitgrant/keyring"

// World is what a conversation that begins now knows. ask says that a person is
// there to answer.
func (d *Desk) World(ask bool) (World, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return World{}, err
	}
	secrets, err := d.Ring.HostSecrets()
	if err != nil {
		return World{}, err
	}
	return World{
		Providers: d.Providers,
		Hosts:     d.Hosts,
		Grants:    grants,
		Store:     d.Ring.Store().Kind(),
		CanVault:  d.OpenVault != nil,
		Ask:       ask,
		Now:       d.Now,
		Remotes:   d.Remote != nil,
		Place:     d.Here,
		Secrets:   secrets,
	}, nil
}

// Begin begins the installation of a new grant, or the re-authorization of the
// one that is given.
func Begin(w World, old *keyring.Grant, beforehand Answers) (*Conversation, []Effect, error) {
	if old != nil {
		return Reauthorize(w, *old, beforehand)
	}
	return Install(w, beforehand)
}
