package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

const tip = "5f0c1a2b3d4e5f60718293a4b5c6d7e8f9012345"

// gitRefusal is what git gets in place of refs.
type gitRefusal struct {
	status int
	text   string
}

var (
	badGitCredentials = &gitRefusal{401, "Invalid username or token. Password authentication is not supported for Git operations."}
	noGitRepository   = &gitRefusal{404, "Repository not found."}
	noWriteAccess     = &gitRefusal{403, "Write access to repository not granted."}
	archivedForGit    = &gitRefusal{403, "This repository was archived so it is read-only."}
	noDumbGit         = &gitRefusal{403, "Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http."}
)

// infoRefs is the first request of every clone and push.
func (h *gitHub) infoRefs(w http.ResponseWriter, r *http.Request) {
	service := r.URL.Query().Get("service")
	if refusal := h.refuseGit(r, service); refusal != nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if refusal.status == 401 {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
		}
		w.WriteHeader(refusal.status)
		_, _ = io.WriteString(w, refusal.text) //nolint:gosec // plain text, as its type says
		return
	}
	w.Header().Set("Content-Type", "application/x-"+service+"-advertisement")
	w.Header().Set("Cache-Control", "no-cache, max-age=0, must-revalidate")
	var b strings.Builder
	b.WriteString(packet("# service="+service+"\n") + "0000")
	if service == "git-upload-pack" && strings.Contains(r.Header.Get("Git-Protocol"), "version=2") {
		b.WriteString(packet("version 2\n") + packet("agent=git/gitgrant-sandbox\n") + packet("ls-refs=unborn\n") + packet("fetch=shallow\n"))
	} else {
		capabilities := map[string]string{
			"git-upload-pack":  "multi_ack side-band-64k ofs-delta symref=HEAD:refs/heads/main agent=git/gitgrant-sandbox",
			"git-receive-pack": "report-status delete-refs side-band-64k ofs-delta agent=git/gitgrant-sandbox",
		}[service]
		b.WriteString(packet(tip + " refs/heads/main\x00" + capabilities + "\n"))
	}
	b.WriteString("0000")
	_, _ = io.WriteString(w, b.String())
}

// packet is one pkt-line: its length, with the four digits that tell it.
func packet(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }

// refuseGit decides on a request in the order that GitHub does: who asks,
// whether the repository shows, then whether it may be written.
func (h *gitHub) refuseGit(r *http.Request, service string) *gitRefusal {
	if service != "git-upload-pack" && service != "git-receive-pack" {
		return noDumbGit
	}
	pushing := service == "git-receive-pack"
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
