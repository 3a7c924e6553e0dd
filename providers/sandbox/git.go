package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The two services of git's smart HTTP.
const (
	uploadPack  = "git-upload-pack"  // clone and fetch
	receivePack = "git-receive-pack" // push
)

const tip = "5f0c1a2b3d4e5f60718293a4b5c6d7e8f9012345"

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
	w.Header().Set("Cache-Control", "no-cache, max-age=0, must-revalidate")
	var b strings.Builder
	b.WriteString(packet("# service="+service+"\n") + "0000")
	if service == uploadPack && strings.Contains(r.Header.Get("Git-Protocol"), "version=2") {
		b.WriteString(packet("version 2\n") + packet("agent=git/gitgrant-sandbox\n") + packet("ls-refs=unborn\n") + packet("fetch=shallow\n"))
	} else {
		capabilities := map[string]string{
			uploadPack:  "multi_ack side-band-64k ofs-delta symref=HEAD:refs/heads/main agent=git/gitgrant-sandbox",
			receivePack: "report-status delete-refs side-band-64k ofs-delta agent=git/gitgrant-sandbox",
		}[service]
		b.WriteString(packet(tip + " refs/heads/main\x00" + capabilities + "\n"))
	}
	b.WriteString("0000")
	_, _ = io.WriteString(w, b.String())
}

// packet is one pkt-line: its length, with the four digits that tell it.
func packet(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }
