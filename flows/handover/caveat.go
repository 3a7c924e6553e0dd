package handover

import "gitgrant/providers"

// Caveat is a reason why a consumer may not work with this token. It stops
// nobody: some of the reasons are the consumer's and may be mended there.
type Caveat string

// The caveats.
const (
	// OneName: the chart has one user name for REST and git, and this token
	// wants two.
	OneName Caveat = "one-user-name"
	// FineGrained: the chart's own validation knows classic tokens of GitHub
	// alone.
	FineGrained Caveat = "fine-grained"
	// ProjectBot: the chart's own validation refuses the bots of GitLab projects.
	ProjectBot Caveat = "project-bot"
	// BearerOnly: the consumer sends a user name, and this token wants none.
	BearerOnly Caveat = "bearer-only"
	// Renewed: the token ends within hours and is renewed here, not in a
	// cluster.
	Renewed Caveat = "renewed-here"
	// Persons: a user token is about to be given to the runtime.
	Persons Caveat = "user-token"
)

// Caveats are what may go wrong with a token in a format. renewed says that the
// token ends within hours, since its host has a new one on demand.
func Caveats(f Format, s Subject, renewed bool) []Caveat {
	var list []Caveat
	note := func(c Caveat, when bool) {
		if when {
			list = append(list, c)
		}
	}
	chart := f == HelmValues || f == KubernetesSecret && s.Purpose == providers.Runtime
	note(OneName, chart && s.Names.REST != "" && s.Names.REST != s.Names.Git)
	note(BearerOnly, chart && s.Names.Bearer)
	note(FineGrained, chart && s.Kind == providers.FineGrainedPAT)
	note(ProjectBot, chart && s.Kind == providers.ProjectToken && isGitLab(s.Host.Provider))
	note(Renewed, renewed && f != Dotenv && f.Secret())
	note(Persons, s.Purpose == providers.User && (f == HelmValues || f == RepoCreds || f == ArgoEvents))
	return list
}

func isGitLab(kind providers.Kind) bool {
	return kind == providers.GitLab || kind == providers.GitLabServer
}
