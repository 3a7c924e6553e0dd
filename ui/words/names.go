package words

import (
	"slices"
	"strconv"
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// Provider is how a kind of Git host is called.
func Provider(kind providers.Kind) string {
	switch kind {
	case providers.GitHub:
		return "GitHub"
	case providers.GitHubEnterprise:
		return "GitHub Enterprise"
	case providers.GitLab:
		return "GitLab Cloud"
	case providers.GitLabServer:
		return "GitLab Server"
	case providers.Bitbucket:
		return "Bitbucket Cloud"
	case providers.BitbucketServer:
		return "Bitbucket Server"
	default:
		return string(kind)
	}
}

// Method is how a way to authorize is called.
func Method(m providers.Method) string {
	switch {
	case m.OAuth():
		return "OAuth2"
	case m == providers.PAT:
		return "Personal access token"
	default:
		return string(m)
	}
}

// Purpose is how a purpose is called at the head of something.
func Purpose(p providers.Purpose) string {
	switch p {
	case providers.Runtime:
		return "Runtime token"
	case providers.User:
		return "User token"
	default:
		return string(p)
	}
}

// Kind is how a sort of token is called, with its article.
func Kind(kind providers.TokenKind) string {
	switch kind {
	case providers.ClassicPAT:
		return "a classic token"
	case providers.FineGrainedPAT:
		return "a fine-grained token"
	case providers.OAuthToken:
		return "an OAuth token"
	case providers.PersonalAccessToken:
		return "a personal access token"
	case providers.ProjectToken:
		return "a project token"
	case providers.GroupToken:
		return "a group token"
	case providers.ServiceAccountToken:
		return "a service account token"
	case providers.APIToken:
		return "an API token"
	case providers.RepositoryToken:
		return "a repository token"
	case providers.WorkspaceToken:
		return "a workspace token"
	case providers.HTTPAccessToken:
		return "an HTTP access token"
	case providers.AppPassword:
		return "an app password"
	default:
		return "a token of an unknown sort"
	}
}

// Status is a status as a person reads it.
func Status(s flows.Status) string {
	switch s {
	case flows.MissingScopes:
		return "missing scopes"
	case flows.SSORequired:
		return "needs single sign-on"
	case flows.RateLimited:
		return "rate limited"
	default:
		return string(s)
	}
}

// State is how a requirement stands, as a person reads it.
func State(s providers.State) string {
	switch s {
	case providers.Unverifiable:
		return "cannot be verified"
	case providers.NotApplicable:
		return "not needed here"
	default:
		return string(s)
	}
}

// Right is something that a token may do with a repository.
func Right(r providers.Right) string {
	switch r {
	case providers.Clone:
		return "clone"
	case providers.Push:
		return "push"
	case providers.Webhooks:
		return "manage webhooks"
	case providers.RepositoryAdmin:
		return "change its settings"
	case providers.ProjectAdmin:
		return "administer the project"
	default:
		return string(r)
	}
}

// Store is how a store is called, with its article.
func Store(kind keyring.Kind) string {
	switch kind {
	case keyring.System:
		return "the keychain"
	case keyring.Vault:
		return "the vault"
	case keyring.Memory:
		return "the memory of this program"
	default:
		return string(kind)
	}
}

// Scope is what the page of a provider calls a requirement, short enough for
// the middle of a sentence: its label, or the name that the label begins with.
func Scope(f providers.Finding) string {
	if f.Label == "" || strings.HasPrefix(f.Label, f.Name+":") {
		return f.Name
	}
	return f.Label
}

// hostName is an address as people say it.
func hostName(url string) string {
	if url == "" {
		return "the host"
	}
	return strings.TrimPrefix(url, "https://")
}

// mostNamed is how many runtimes are named where many share a fate.
const mostNamed = 8

// few are the first of many names, and how many more there are.
func few(names []string) []string {
	more := len(names) - mostNamed
	if more <= 1 {
		return names
	}
	return append(slices.Clone(names[:mostNamed]), strconv.Itoa(more)+" more")
}

// TokensOf names tokens by their runtimes, those of one purpose together. The
// tokens of one runtime follow each other.
func TokensOf(grants []keyring.Grant) string {
	var purposes []string
	of := map[string][]string{}
	for _, g := range grants {
		names := of[g.Purpose]
		if names == nil {
			purposes = append(purposes, g.Purpose)
		}
		if n := len(names); n == 0 || names[n-1] != g.Runtime { // of several accounts
			of[g.Purpose] = append(names, g.Runtime)
		}
	}
	var parts []string
	for _, purpose := range purposes {
		names, tokens := of[purpose], purpose+" token"
		if len(names) > 1 {
			tokens += "s"
		}
		parts = append(parts, list(few(names), "and")+", "+tokens)
	}
	return strings.Join(parts, ", and ")
}
