package flows

// Place is where the program runs, as far as it matters to a browser.
type Place struct {
	Remote    bool // somebody has logged in from another machine
	Container bool
	WSL       bool // Linux inside of Windows, whose browser it is
	Blind     bool // there is no desktop to open a browser on
}

// Remark is something to know about a way to authorize before it is taken.
type Remark string

// The remarks. Those about the place say why a browser may not come back to
// this program by itself.
const (
	OverSSH     Remark = "ssh"
	InContainer Remark = "container"
	InWSL       Remark = "wsl"
	NoDesktop   Remark = "no-desktop"

	WantsApplication Remark = "wants-application" // none is known for this host
	WantsSecret      Remark = "wants-secret"      // and that of the application is not known

	EndsSoon Remark = "ends-soon" // its tokens do not outlive their hand-over by much
)

// Obstacle reports whether a remark says why a browser may not come back.
func (r Remark) Obstacle() bool {
	switch r {
	case OverSSH, InContainer, InWSL, NoDesktop:
		return true
	default:
		return false
	}
}

// obstacle is why a browser may not reach this program, and false where it
// does.
func (p Place) obstacle() (Remark, bool) {
	switch {
	case p.Remote:
		return OverSSH, true
	case p.Container:
		return InContainer, true
	case p.WSL:
		return InWSL, true
	case p.Blind:
		return NoDesktop, true
	default:
		return "", false
	}
}
