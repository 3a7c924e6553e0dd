package oauth

import (
	"context"
	"net/url"

	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Refresh trades a refresh token for a new token. Most hosts rotate it: what
// comes back replaces both, and is to be kept before it is used. Where the host
// names no new refresh token the old one goes on.
//
// The error is a cause.Cause: Lapsed where the host does not accept the refresh
// token any more, and whatever else stood in the way where it could not be
// tried.
func (a Application) Refresh(ctx context.Context, c *wire.Client, refresh secret.Secret) (Token, error) {
	if !refresh.Sendable() {
		return Token{}, cause.Cause{Kind: cause.Lapsed, Host: hostOf(a.Site)} // no host ever issued it
	}
	token, code, err := a.issue(ctx, c, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()},
	}, refresh)
	switch code {
	case "bad_refresh_token", "invalid_grant":
		why := cause.Of(err)
		why.Kind = cause.Lapsed
		return Token{}, why
	case "incorrect_client_credentials", "invalid_client":
		if !a.Secret.Empty() {
			why := cause.Of(err)
			why.Kind, why.Detail = cause.SecretRefused, "" // it was good when the token was issued
			return Token{}, why
		}
	}
	if err == nil && token.Refresh.Empty() {
		token.Refresh = refresh
	}
	return token, err
}

// Revoke asks a host, at its endpoint for that (RFC 7009), to end an access token
// that it issued to the application. What the answer means is the host's own.
func (a Application) Revoke(ctx context.Context, c *wire.Client, endpoint string, token secret.Secret) (wire.Answer, error) {
	a.TokenURL = endpoint
	return a.ask(ctx, c, url.Values{"token": {token.Reveal()}, "token_type_hint": {"access_token"}}, token)
}
