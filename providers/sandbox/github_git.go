package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

var (
	badGitCredentials = &gitRefusal{401, "Invalid username or token. Password authentication is not supported for Git operations."}
	noGitRepository   = &gitRefusal{404, "Repository not found."}
	noWriteAccess     = &gitRefusal{403, "Write access to repository not granted."}
	archivedForGit    = &gitRefusal{403, "This repository was archived so it is read-only."}
	noDumbGit         = &gitRefusal{403, "Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http."}
)

// git answers every request of a clone, and the first of a push.
func (h *gitHub) git(w http.ResponseWriter, r *http.Request) {
	service := asksGit(r)
	if refusal := h.refuseGit(r, service); refusal != nil {
		refusal.send(w, "GitHub")
		return
	}
	serveGit(w, r, service)
}

// refuseGit decides on a request in the order that GitHub does: who asks,
// whether the repository shows, then whether it may be written.
func (h *gitHub) refuseGit(r *http.Request, service string) *gitRefusal {
	if service == "" {
		return noDumbGit
	}
	pushing := service == receivePack
	repo := repositoryOf(r.PathValue("owner"), strings.TrimSuffix(r.PathValue("repo"), ".git"))
	username, password, signed := r.BasicAuth()
	if !signed {
		// Without a credential a repository that is hidden and one that is
		// not there look alike.
		if pushing || h.private() || !(*grant)(nil).sees(repo) {
			return badGitCredentials
		}
		return nil
	}
	g := h.grantOf(password)
	if g == nil || username == "" {
		return badGitCredentials
	}
	if g.fault.git != "" {
		return &gitRefusal{403, g.fault.git}
	}
	if !g.sees(repo) {
		return noGitRepository
	}
	if !pushing {
		if !g.kind.scoped() && repo.private && g.contents < read {
			return noWriteAccess
		}
		return nil
	}
	switch {
	case repo.archived:
		return archivedForGit
	case repo.roleOf(g.login) < pusher || g.kind.scoped() && !g.mayPush(repo):
		return &gitRefusal{403, fmt.Sprintf("Permission to %s/%s.git denied to %s.", organization, repo.name, g.login)}
	case !g.mayPush(repo):
		return noWriteAccess
	default:
		return nil
	}
}
