package github

import (
	"context"
	"net/http"
	"strings"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Headers that carry GitHub's answers about a token.
const (
	headerScopes  = "X-OAuth-Scopes"
	headerExpiry  = "GitHub-Authentication-Token-Expiration"
	headerVersion = "X-GitHub-Enterprise-Version"
	headerRequest = "X-GitHub-Request-Id"
	headerSSO     = "X-GitHub-SSO"
)

func get(ctx context.Context, c *wire.Client, to string, cred providers.Credential) (wire.Answer, error) {
	return c.Do(ctx, wire.Request{
		URL:  to,
		Auth: wire.Auth{Token: cred.Token},
		Header: map[string]string{
			"Accept":               "application/vnd.github+json",
			"X-GitHub-Api-Version": apiVersion,
		},
	})
}

// Meet reads /meta, which needs no token; a server in private mode refuses it
// but shows its version all the same.
func (p *Provider) Meet(ctx context.Context, c *wire.Client, h providers.Host) (string, error) {
	a, err := get(ctx, c, h.APIURL+"/meta", providers.Credential{})
	if err != nil {
		return "", err
	}
	if a.Status >= http.StatusInternalServerError {
		return "", refusal(h, a)
	}
	var meta struct {
		Version *string `json:"installed_version"`
		Verify  *bool   `json:"verifiable_password_authentication"`
	}
	known := a.Has(headerVersion) || a.Has(headerRequest)
	if a.Status == http.StatusOK && a.JSON(&meta) == nil && (meta.Version != nil || meta.Verify != nil) {
		known = true
	}
	if !known {
		return "", cause.Cause{Kind: cause.WrongHost, Host: a.Host, Status: a.Status}
	}
	if version := version(a); version != "" {
		return version, nil
	}
	if meta.Version != nil {
		return wire.Clean(*meta.Version), nil
	}
	return "", nil
}

// Inspect reads /user once: the body tells the account, the headers the rest.
func (p *Provider) Inspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	a, err := get(ctx, c, h.APIURL+"/user", cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	if a.Status != http.StatusOK {
		return providers.Inspection{}, refusal(h, a)
	}
	var user struct {
		Login string `json:"login"`
		Name  string `json:"name"`
		Type  string `json:"type"`
	}
	if err := a.JSON(&user); err != nil {
		return providers.Inspection{}, err
	}
	login := wire.Clean(user.Login)
	if login == "" {
		return providers.Inspection{}, a.NotUnderstood()
	}
	return providers.Inspection{
		Account: providers.Account{Login: login, Name: wire.Clean(user.Name), Robot: user.Type == "Bot"},
		Kind:    p.kindOf(a, cred),
		Rights:  rights(a),
		Expiry:  expiry(a),
		Version: version(a),
	}, nil
}

// kindOf trusts the header before the prefix: only classic and OAuth tokens
// have scopes.
func (p *Provider) kindOf(a wire.Answer, cred providers.Credential) providers.TokenKind {
	guess := p.Guess(cred.Token)
	switch {
	case !a.Has(headerScopes) && guess == providers.FineGrainedPAT:
		return providers.FineGrainedPAT
	case !a.Has(headerScopes):
		return providers.UnknownKind
	case guess == providers.OAuthToken || cred.Method.OAuth():
		return providers.OAuthToken
	default:
		return providers.ClassicPAT
	}
}

func rights(a wire.Answer) providers.Rights {
	if !a.Has(headerScopes) {
		return providers.Rights{Evidence: "no x-oauth-scopes header"}
	}
	r := providers.Rights{Known: true, Evidence: "x-oauth-scopes header"}
	for scope := range strings.SplitSeq(a.Header(headerScopes), ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			r.Scopes = append(r.Scopes, scope)
		}
	}
	return r
}

func version(a wire.Answer) string { return wire.Clean(a.Header(headerVersion)) }

// expiry reads both formats that GitHub sends. A zone by its name is UTC alone:
// of any other, Go would take the name and not the time.
func expiry(a wire.Answer) providers.Expiry {
	text := a.Header(headerExpiry)
	for _, layout := range []string{"2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return providers.Expiry{At: at.UTC(), Source: providers.ExpiryProvider}
		}
	}
	return providers.Expiry{Source: providers.ExpiryUnknown}
}
