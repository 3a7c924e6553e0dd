package sandbox

import (
	"net/http"
	"strings"
)

var (
	badDataCenterSignIn = &gitRefusal{401, badCredentialsText}
	needsCaptcha        = &gitRefusal{403, captchaText}
	noDataCenterRepo    = &gitRefusal{404, "Repository not found\nThe requested repository does not exist, or you do not have permission to access it.\n"}
	noDataCenterPush    = &gitRefusal{403, "You are not permitted to push to this repository\n"}
)

// git answers every request of a clone, and the first of a push.
func (h *dataCenter) git(w http.ResponseWriter, r *http.Request) {
	slug, found := strings.CutSuffix(r.PathValue("repository"), ".git")
	service := asksGit(r)
	if !found || service == "" {
		http.NotFound(w, r)
		return
	}
	if refusal := h.refuseGit(r, slug, service == receivePack); refusal != nil {
		refusal.send(w, "Atlassian Bitbucket")
		return
	}
	serveGit(w, r, service)
}

// refuseGit decides on a request: who asks, whether the repository shows, then
// what token and account may do.
func (h *dataCenter) refuseGit(r *http.Request, slug string, pushing bool) *gitRefusal {
	c := h.callerOf(r)
	p := dataCenterProjectOf(r.PathValue("project"))
	repo := p.repository(slug)
	switch {
	case c.locked:
		return needsCaptcha
	case c.refused:
		return badDataCenterSignIn
	case repo != nil && c.inRepository(p, repo) >= writeLevel, repo != nil && !pushing && c.inRepository(p, repo) >= readLevel:
		return nil
	case c.user == nil:
		return badDataCenterSignIn
	case repo == nil || c.inRepository(p, repo) == noLevel:
		return noDataCenterRepo
	default:
		return noDataCenterPush
	}
}
