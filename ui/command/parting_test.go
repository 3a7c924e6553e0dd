package command_test

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheScreensLeaveALineAboutWhatWasStored(t *testing.T) {
	h := newHome(t)
	screen := h.screen(h.env(), "install", "prod", "--provider", "github", "--method", "pat")
	screen.WaitFor("· Authorize")
	screen.Paste(text("runtime"))
	screen.WaitFor("40 characters")
	screen.Press("enter")
	screen.WaitFor("· Scopes")
	screen.WaitFor("Continue")
	screen.Press("enter")
	screen.WaitFor("· Save")
	screen.Press("enter")
	screen.WaitFor("· Hand off")
	screen.Press("down", "enter")
	h.exits(screen, 0)
	if left := screen.Screen(); !strings.Contains(left, "The runtime token of prod is in an encrypted vault") {
		t.Errorf("it left behind %q", left)
	}
	h.holdsNone(text("runtime"), screen)
	if out, code := h.piped("", "status", "--offline"); code != 0 || !bytes.Contains(out, []byte("prod")) {
		t.Errorf("status ended with %d: %s", code, out)
	}
}

func TestTheScreensLeaveNoLineAboutWhatWasForgottenOnThem(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env())
	screen.WaitFor("1 runtime")
	screen.Press("n")
	screen.WaitFor("Step 1 of")
	screen.Type("alpha\r")
	screen.WaitFor("· Provider")
	screen.Press("enter")
	screen.WaitFor("· Method")
	screen.Press("down", "enter")
	screen.WaitFor("· Authorize")
	screen.Paste(text("runtime"))
	for _, wait := range []string{"40 characters", "Continue", "· Save"} {
		screen.WaitFor(wait)
		screen.Press("enter")
	}
	screen.WaitFor("· Hand off")
	screen.Press("down", "enter")
	screen.WaitFor("2 runtimes")
	screen.Type("/alpha\r")
	screen.WaitFor("1 of 1")
	screen.Press("f")
	screen.WaitFor("0 of 0")
	screen.Press("q")
	h.exits(screen, 0)
	if left := screen.Screen(); strings.Contains(left, "is in an encrypted vault") {
		t.Errorf("it left behind %q", left)
	}
}
