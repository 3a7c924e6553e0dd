package github

import (
	"context"
	"net/http"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/wire"
)

// DotCom is github.com, which alone ends tokens by an API.
type DotCom struct{ *Provider }

// Revoke reports the token as one to be ended, and the refresh token with it,
// which would buy another. GitHub takes such a report from anybody and refuses it
// where it is signed with a token.
func (DotCom) Revoke(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) error {
	ended := []secret.Secret{cred.Token}
	if !cred.Refresh.Empty() {
		ended = append(ended, cred.Refresh)
	}
	var texts []string
	for _, s := range ended {
		texts = append(texts, s.Reveal())
	}
	a, err := c.Do(ctx, wire.Request{
		URL:     h.APIURL + "/credentials/revoke",
		Secrets: ended,
		JSON:    map[string][]string{"credentials": texts},
		Header:  map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": apiVersion},
	})
	switch {
	case err != nil:
		return err
	case a.Status == http.StatusAccepted:
		return nil
	case a.Status == http.StatusNotFound, a.Status == http.StatusUnprocessableEntity:
		return providers.ErrNoSuchAPI // not there, or not for this kind of token
	default:
		return refusal(h, a)
	}
}
