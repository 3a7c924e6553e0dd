package command_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestNothingThatHoldsATokenIsPrintedOnATerminalUnasked(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	for format, way := range map[string]string{
		"kubernetes-secret": "kubectl apply", "argocd-repo-creds": "kubeseal", "argo-events": "kubectl apply", "dotenv": "gitgrant exec prod",
	} {
		t.Run(format, func(t *testing.T) {
			screen := h.screen(h.env("TERM=xterm"), "export", "prod", "--as", format)
			h.exits(screen, 2)
			if !strings.Contains(screen.Screen(), way) {
				t.Errorf("no way out is shown:\n%s", screen.Screen())
			}
			h.holdsNone(text("runtime"), screen)
		})
	}
	shown := h.screen(h.env("TERM=xterm"), "export", "prod", "--as", "kubernetes-secret", "--show")
	h.exits(shown, 0)
	if !strings.Contains(shown.Screen(), text("runtime")) {
		t.Errorf("it is not shown although it was asked for:\n%s", shown.Screen())
	}
	values := h.screen(h.env("TERM=xterm"), "export", "prod", "--as", "helm-values")
	h.exits(values, 0)
	if !strings.Contains(values.Screen(), "secretKeyRef:") {
		t.Errorf("the values hold no secret and are not shown:\n%s", values.Screen())
	}
}

func TestACommandHasTheTerminalToItself(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env("TERM=xterm"), "exec", "prod", "--", "sh", "-c",
		`test -t 0 && test -t 1 && test -t 2 && echo "all three"; read -r line; echo "read $line"`)
	screen.WaitFor("all three")
	screen.Type("what was typed\r")
	screen.WaitFor("read what was typed")
	h.exits(screen, 0)
	h.holdsNone(text("runtime"), screen)
}

func TestAnInterruptReachesTheCommandOnce(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env("TERM=xterm"), "exec", "prod", "--", "sh", "-c",
		`n=0; trap 'n=$((n+1)); echo "interrupt $n"' INT; echo ready; while :; do read -r line && break; done; echo "there were $n"; exit 3`)
	screen.WaitFor("ready")
	screen.Press("ctrl+c")
	screen.WaitFor("interrupt 1")
	screen.Type("go on\r")
	screen.WaitFor("there were 1")
	h.exits(screen, 3)
}

func TestACommandThatAnInterruptEndsHasItsStatus(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env("TERM=xterm"), "exec", "prod", "--", "sh", "-c", "echo ready; exec sleep 60")
	screen.WaitFor("ready")
	screen.Press("ctrl+c")
	h.exits(screen, 130)
	if strings.Contains(screen.Screen(), "gitgrant:") {
		t.Errorf("something was said about it:\n%s", screen.Screen())
	}
}

func TestAPassphraseIsTypedOnTheTerminalWhileGitWaits(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is missing")
	}
	const passphrase = "four words and a comma"
	h := newHome(t)
	h.write("passphrase", passphrase+"\n")
	cmd := exec.Command(program(t), "install", "prod", "--provider", "github", "--purpose", "user", "--token-stdin")
	cmd.Env = h.env("GITGRANT_VAULT_IDENTITY_FILE=", "GITGRANT_VAULT_PASSPHRASE_FILE="+h.path("passphrase"))
	cmd.Stdin = strings.NewReader(text("user"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	env := h.env("TERM=xterm", "GITGRANT_VAULT_IDENTITY_FILE=", "GIT_CONFIG_GLOBAL="+h.path("gitconfig"), "GIT_CONFIG_NOSYSTEM=1")
	helper := "!'" + filepath.ToSlash(program(t)) + "' git-credential"
	script := `printf 'protocol=http\nhost=%s\n\n' "$1" | "$2" -c credential.helper="$3" credential fill >answer; echo "ended with $?"`
	screen := h.run(env, "sh", "-c", "cd "+h.dir+"; "+script, "sh", strings.TrimPrefix(h.server.URL(), "http://"), git, helper)
	screen.WaitFor("git waits for a token from the vault.")
	screen.WaitFor("Passphrase of the vault:")
	screen.Type(passphrase + "\r")
	screen.WaitFor("ended with 0")
	h.exits(screen, 0)
	if answer := h.read("answer"); !strings.Contains(answer, "password="+text("user")) {
		t.Errorf("git was answered %d bytes", len(answer))
	}
	if strings.Contains(string(screen.Raw()), passphrase) {
		t.Error("the passphrase was seen")
	}
}
