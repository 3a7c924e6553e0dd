package bitbucket

import (
	"encoding/json"
	"slices"
	"strings"

	"gitgrant/providers"
	"gitgrant/providers/wire"
)

const (
	scopesHeader = "X-OAuth-Scopes"
	kindHeader   = "X-Credential-Type"

	fromHeader  = "x-oauth-scopes header"
	fromRefusal = "scopes in the refusal"
	fromNowhere = "no x-oauth-scopes header"
)

// mostScopes is more than Bitbucket has.
const mostScopes = 200

// rightsIn are the scopes that an answer tells, which is any answer to a token
// that is known. What a refusal compares will do where the header is lost.
func rightsIn(a wire.Answer) providers.Rights {
	if a.Has(scopesHeader) {
		return providers.Rights{Known: true, Scopes: list(a.Header(scopesHeader)), Evidence: fromHeader}
	}
	if said, ok := read(a); ok && said.granted != nil {
		return providers.Rights{Known: true, Scopes: said.granted, Evidence: fromRefusal}
	}
	return providers.Rights{Evidence: fromNowhere}
}

// list reads scopes in one text. They are separated by commas in headers, and
// by blanks elsewhere.
func list(text string) []string {
	names := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	return tidy(names)
}

// scopesIn reads scopes in a body, where they are a list or one text. What is
// neither tells nothing, which is nil; a list of nothing is empty.
func scopesIn(told json.RawMessage) []string {
	var names []string
	if json.Unmarshal(told, &names) == nil && names != nil {
		return tidy(names)
	}
	var text string
	if json.Unmarshal(told, &text) == nil && text != "" {
		return list(text)
	}
	return nil
}

// tidy cleans scopes and leaves each once. It is never nil.
func tidy(names []string) []string {
	all := []string{}
	for _, name := range names {
		name = wire.Clean(name)
		if name != "" && !slices.Contains(all, name) && len(all) < mostScopes {
			all = append(all, name)
		}
	}
	return all
}

// granular reports whether a scope is in the vocabulary of API tokens.
func granular(scope string) bool { return strings.HasSuffix(scope, ":bitbucket") }

var kinds = map[string]providers.TokenKind{
	"api_token":              providers.APIToken,
	"repo_access_token":      providers.RepositoryToken,
	"project_access_token":   providers.ProjectToken,
	"workspace_access_token": providers.WorkspaceToken,
}

// kindIn is the kind that an answer tells. For an OAuth token no value is
// documented, and a new kind may come: then the way that the token came by
// decides, else its looks, else the vocabulary of its scopes.
func kindIn(a wire.Answer, cred providers.Credential, rights providers.Rights) providers.TokenKind {
	if kind, known := kinds[a.Header(kindHeader)]; known {
		return kind
	}
	if cred.Method.OAuth() {
		return providers.OAuthToken
	}
	looks := guess(cred.Token)
	switch {
	case looks != providers.UnknownKind || len(rights.Scopes) == 0:
		return looks
	case slices.ContainsFunc(rights.Scopes, granular):
		return providers.APIToken
	default:
		return providers.OAuthToken
	}
}

// personless reports whether a kind of token belongs to no account.
func personless(kind providers.TokenKind) bool {
	return kind == providers.RepositoryToken || kind == providers.ProjectToken || kind == providers.WorkspaceToken
}
