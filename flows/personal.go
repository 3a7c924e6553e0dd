package flows

import (
	"regexp"
	"sync"

	"gitgrant/providers"
)

// Concern is something about a token, mostly about its owner, that a person may
// want to know before it is stored. It never stops anybody.
type Concern string

// The concerns about a runtime token.
const (
	NoConcern     Concern = ""
	Personal      Concern = "personal"       // it seems to be a person's: it ends with their access
	OneProject    Concern = "one-project"    // it reaches a single project
	OneRepository Concern = "one-repository" // it reaches a single repository
	Fleeting      Concern = "fleeting"       // it is of a sort that ends within hours
)

var robotName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^a-z])(bot|ci|cd|robot|svc|service|automation|deploy|runtime|argo|argocd)([^a-z]|$)|bot$`)
})

// ConcernOf is what there is to say about a token of a kind of host. Whether an
// account is a person's is a guess: the host does not call it a robot, and
// neither does its name.
func ConcernOf(host providers.Kind, purpose providers.Purpose, v Verdict) Concern {
	switch {
	case fleeting(providers.PolicyOf(host), purpose, v):
		return Fleeting
	case purpose != providers.Runtime:
		return NoConcern
	case v.Kind == providers.ProjectToken && v.Account.Login != "":
		return OneProject // where a project has no account, it is a set of repositories
	case v.Kind == providers.RepositoryToken:
		return OneRepository
	case v.Account.Login != "" && !v.Account.Robot && !robotName().MatchString(v.Account.Login):
		return Personal
	default:
		return NoConcern
	}
}

// fleeting reports whether a token cannot do what its purpose is for long: tokens
// of its sort end within hours, or this one does, since its application has them
// expire, and nobody but gitgrant renews it.
func fleeting(policy providers.Policy, purpose providers.Purpose, v Verdict) bool {
	brief := purpose == providers.Runtime && v.Expiry == providers.ExpiryOAuth && !v.ExpiresAt.IsZero()
	return brief || !policy.Serves(purpose, v.Kind) || !policy.Lasts(purpose, v.Kind)
}
