package command_test

import (
	"net/http"
	"net/url"
	"testing"

	"gitgrant/internal/term"
)

// The browser of somebody who came over SSH ends on an address that leads to
// another machine. With every answer given by flags it is still taken from the
// terminal.
func TestAnAddressIsBroughtToATerminalWhereFlagsAnswerEverything(t *testing.T) {
	h := newHome(t)
	screen := term.Start(t, term.Options{
		Cmd: []string{
			program(t), "--store", "memory", "install", "lab",
			"--provider", "gitlab", "--purpose", "user", "--method", "browser",
		},
		Env: h.env("SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22", "BROWSER=/bin/true"), Cols: 400, Rows: 24,
	})
	screen.WaitFor("Paste the address of that page here then, and press Enter.")
	page := consentPage.FindStringSubmatch(screen.Screen())
	if page == nil {
		t.Fatalf("no page is named:\n%s", screen.Screen())
	}
	elsewhere := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := elsewhere.PostForm(page[1], url.Values{"decision": {"approve"}, "login": {"octocat"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	screen.Type("https://gitlab.com/dashboard\r")
	screen.WaitFor("not the address")
	screen.Type(resp.Header.Get("Location") + "\r")
	screen.WaitFor("The user token of lab is in")
	h.exits(screen, 0)
}
