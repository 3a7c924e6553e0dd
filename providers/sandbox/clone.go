package sandbox

import (
	_ "embed" // one commit, packed by git
	"fmt"
	"io"
	"net/http"
	"strings"
)

// What there is to clone is the same in every repository: a commit with one file,
// as git pack-objects writes it. Nothing that is pushed is taken.
//
//go:embed clone.pack
var clonePack string

// tip is that commit.
const tip = "4944e2810ae95279f23bd60e12e27b4db6751f51"

// asksGit is the service that a request of git is for: for its refs, or for
// content. Empty is for neither.
func asksGit(r *http.Request) string {
	service := r.URL.Query().Get("service")
	switch refs := strings.HasSuffix(r.URL.Path, "/info/refs"); {
	case refs && r.Method != http.MethodPost && (service == uploadPack || service == receivePack):
		return service
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/"+uploadPack):
		return uploadPack
	default:
		return ""
	}
}

// gitPath is the repository at an address that git asks.
func gitPath(r *http.Request) (path string, found bool) {
	path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/info/refs"), "/"+uploadPack)
	return strings.CutSuffix(path, ".git")
}

// serveGit answers a request of git that may be answered.
func serveGit(w http.ResponseWriter, r *http.Request, service string) {
	w.Header().Set("Cache-Control", "no-cache, max-age=0, must-revalidate")
	if r.Method != http.MethodPost {
		advertise(w, r, service)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-"+uploadPack+"-result")
	_, _ = io.WriteString(w, upload(string(body), speaksV2(r)))
}

func speaksV2(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Git-Protocol"), "version=2")
}

// upload is what comes of a request for content. What git has already does not
// matter: there is only this commit, and whoever asks for it is without it.
func upload(asked string, v2 bool) string {
	const end, part = "0000", "0001"
	content := packet("\x01"+clonePack) + end
	done := strings.Contains(asked, "0009done\n")
	switch {
	case !v2 && !done:
		return packet("NAK\n")
	case !v2:
		return packet("NAK\n") + content
	case strings.Contains(asked, "command=ls-refs"):
		return packet(tip+" HEAD symref-target:refs/heads/main\n") + packet(tip+" refs/heads/main\n") + end
	case !done:
		return packet("acknowledgments\n") + packet("NAK\n") + end
	default:
		return packet("packfile\n") + content
	}
}

// packet is one pkt-line: its length, with the four digits that tell it.
func packet(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }
