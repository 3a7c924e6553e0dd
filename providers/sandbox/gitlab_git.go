package sandbox

import (
	"net/http"
	"slices"
)

var (
	badGitLabCredentials = &gitRefusal{401, "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password. If a token was provided, it was either incorrect, expired, or improperly scoped."}
	noGitLabProject      = &gitRefusal{404, "The project you were looking for could not be found or you don't have permission to view it."}
	noDownload           = &gitRefusal{403, "You are not allowed to download code from this project."}
	noPush               = &gitRefusal{403, "You are not allowed to push code to this project."}
	archivedProject      = &gitRefusal{403, "You can't push code to an archived project."}
)

// git answers every request of a clone, and the first of a push, at any depth of
// groups; other addresses are none of this sandbox.
func (h *gitLab) git(w http.ResponseWriter, r *http.Request) {
	path, found := gitPath(r)
	service := asksGit(r)
	switch {
	case !found, service == "":
		http.NotFound(w, r)
		return
	case r.Method == http.MethodHead:
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if refusal := h.refuseGit(r, gitLabProjectOf(path), service == receivePack); refusal != nil {
		refusal.send(w, "GitLab")
		return
	}
	serveGit(w, r, service)
}

// refuseGit decides on a request in the order that GitLab does: who asks,
// whether the project shows, then what the token and the account may do.
func (h *gitLab) refuseGit(r *http.Request, p *gitLabProject, pushing bool) *gitRefusal {
	username, password, signed := r.BasicAuth()
	if !signed {
		if pushing || !p.shows("") {
			return badGitLabCredentials
		}
		return nil
	}
	t, known := h.use(password)
	switch {
	case !known, !h.alive(t), username == "":
		return badGitLabCredentials
	case t.oauth() && username != "oauth2":
		return badGitLabCredentials
	case gitLabUserOf(t.owner).bot && !p.shows(t.owner):
		return badGitLabCredentials
	case !p.shows(t.owner):
		return noGitLabProject
	}
	level := p.members[t.owner].level()
	switch {
	case pushing && p.archived:
		return archivedProject
	case pushing && (level < developer || !t.pushes()):
		return noPush
	case !pushing && !p.public && (level < reporter || !t.downloads()):
		return noDownload
	default:
		return nil
	}
}

func (t gitLabToken) downloads() bool {
	return holdsAny(t.scopes, "api", "read_api", "read_repository", "write_repository") || slices.Contains(t.permissions, readCode)
}

func (t gitLabToken) pushes() bool {
	return holdsAny(t.scopes, "api", "write_repository") || slices.Contains(t.permissions, writeCode)
}
