package sandbox

import (
	"io"
	"net/http"
	"strings"
)

// The two services of git's smart HTTP.
const (
	uploadPack  = "git-upload-pack"  // clone and fetch
	receivePack = "git-receive-pack" // push
)

// gitRefusal is what git gets in place of refs.
type gitRefusal struct {
	status int
	text   string
}

func (refusal *gitRefusal) send(w http.ResponseWriter, realm string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if refusal.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="`+realm+`"`)
	}
	w.WriteHeader(refusal.status)
	_, _ = io.WriteString(w, refusal.text)
}

// advertise is what git reads before a clone or a push.
func advertise(w http.ResponseWriter, r *http.Request, service string) {
	w.Header().Set("Content-Type", "application/x-"+service+"-advertisement")
	var b strings.Builder
	b.WriteString(packet("# service="+service+"\n") + "0000")
	switch main := tip + " refs/heads/main"; {
	case service == receivePack:
		b.WriteString(packet(main + "\x00report-status delete-refs side-band-64k ofs-delta agent=git/gitgrant-sandbox\n"))
	case speaksV2(r):
		b.WriteString(packet("version 2\n") + packet("agent=git/gitgrant-sandbox\n") + packet("ls-refs=unborn\n") + packet("fetch=shallow\n"))
	default:
		b.WriteString(packet(tip + " HEAD\x00multi_ack_detailed side-band-64k ofs-delta symref=HEAD:refs/heads/main agent=git/gitgrant-sandbox\n"))
		b.WriteString(packet(main + "\n"))
	}
	b.WriteString("0000")
	_, _ = io.WriteString(w, b.String())
}
