package sandbox

import (
	"net/http"
)

var (
	badBitbucketCredentials = &gitRefusal{401, "Unauthorized"}
	noBitbucketScope        = &gitRefusal{403, lackingScopes}
	noBitbucketAccess       = &gitRefusal{403, "You may not have access to this repository or it no longer exists in this workspace. If you think this repository exists and you have access, make sure you are authenticated."}
	noBitbucketRepository   = &gitRefusal{404, "Repository not found"}
	noBitbucketPush         = &gitRefusal{403, "You do not have write access to this repository."}
)

// git answers every request of a clone, and the first of a push; other addresses
// are none of this sandbox.
func (h *bitbucket) git(w http.ResponseWriter, r *http.Request) {
	path, found := gitPath(r)
	service := asksGit(r)
	if r.Method == http.MethodHead || !found || service == "" {
		http.NotFound(w, r)
		return
	}
	repo := bitbucketRepositoryOf(path)
	if refusal := h.refuseGit(r, repo, service == receivePack); refusal != nil {
		refusal.send(w, "Bitbucket.org HTTP")
		return
	}
	serveGit(w, r, service)
}

// gitUsers are the user names that stand beside a token for git. An e-mail
// address is none of them.
func gitUsers(t bitbucketToken) []string {
	if t.kind == apiToken {
		return []string{"x-bitbucket-api-token-auth", bitbucketUserOf(t.owner).username}
	}
	return []string{"x-token-auth"}
}

func (h *bitbucket) refuseGit(r *http.Request, repo *bitbucketRepository, pushing bool) *gitRefusal {
	user, text, signed := r.BasicAuth()
	if !signed {
		if pushing || repo == nil || !repo.public {
			return badBitbucketCredentials
		}
		return nil
	}
	t, known := h.find(text)
	switch {
	case !known, !h.alive(t), !holdsAny(gitUsers(t), user):
		return badBitbucketCredentials
	case repo == nil:
		return noBitbucketRepository
	case !t.mayGit(pushing):
		return noBitbucketScope
	}
	permission := repo.permission(t)
	switch {
	case permission == "" && !repo.public:
		return noBitbucketAccess
	case pushing && permission != "write" && permission != "admin":
		return noBitbucketPush
	default:
		return nil
	}
}

func (t bitbucketToken) mayGit(pushing bool) bool {
	switch {
	case t.kind == apiToken && pushing:
		return holdsScope(t.scopes, "write:repository:bitbucket")
	case t.kind == apiToken:
		return holdsScope(t.scopes, "read:repository:bitbucket")
	case pushing:
		return holdsScope(t.scopes, "repository:write")
	default:
		return holdsScope(t.scopes, "repository")
	}
}
