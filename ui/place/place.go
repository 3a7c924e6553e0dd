// Package place finds out where the program runs, as far as it matters to a
// browser: whether one can be opened here, and whether it can come back.
//
// Rules of this package:
//
//   - It looks at variables and at marks that others leave for this, and asks
//     nobody: what it finds is a guess that decides what is offered first, and
//     never what is possible.
package place

import (
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"gitgrant/flows"
)

// System is what is looked at.
type System struct {
	OS    string // as runtime.GOOS names it
	Env   func(string) string
	Files fs.FS // from the root
}

// inContainer is how the control groups of the usual runtimes are named.
var inContainer = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)[/:](docker|podman|libpod|kubepods|lxc|containerd)[-./]`)
})

// Find looks at a system.
func Find(s System) flows.Place {
	p := flows.Place{Remote: s.Env("SSH_CONNECTION") != "" || s.Env("SSH_TTY") != "" || s.Env("SSH_CLIENT") != ""}
	if s.OS != "linux" {
		p.Blind = p.Remote || s.OS != "darwin" && s.OS != "windows" && !s.display()
		return p
	}
	p.WSL = s.Env("WSL_DISTRO_NAME") != "" || s.Env("WSL_INTEROP") != "" || strings.Contains(strings.ToLower(s.read("proc/sys/kernel/osrelease")), "microsoft")
	p.Container = s.container()
	p.Blind = !p.WSL && !s.display()
	return p
}

func (s System) display() bool { return s.Env("DISPLAY") != "" || s.Env("WAYLAND_DISPLAY") != "" }

// container reports whether the marks of a container are there. One that is
// made to be worked in, with its ports let through, is still one.
func (s System) container() bool {
	for _, mark := range []string{".dockerenv", "run/.containerenv"} {
		if _, err := fs.Stat(s.Files, mark); err == nil {
			return true
		}
	}
	return s.Env("container") != "" || s.Env("KUBERNETES_SERVICE_HOST") != "" || inContainer().MatchString(s.read("proc/1/cgroup"))
}

func (s System) read(name string) string {
	text, err := fs.ReadFile(s.Files, name)
	if err != nil {
		return ""
	}
	return string(text)
}
