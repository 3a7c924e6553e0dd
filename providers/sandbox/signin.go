package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// waiting is a sign-in on a device that waits for a person to decide on it.
type waiting struct {
	userCode string
	scopes   []string
	expires  time.Time
	// decided is set once somebody has approved as login, or denied.
	decided, approved bool
	login             string
}

// takes reports whether a user code, however it is typed, decides this one.
func (w *waiting) takes(userCode string, now time.Time) bool {
	return plainCode(userCode) == plainCode(w.userCode) && !w.decided && now.Before(w.expires)
}

func plainCode(userCode string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(userCode), "-", ""))
}

func (w *waiting) decide(login string, approved bool) {
	w.decided, w.approved, w.login = true, approved, login
}

// deviceForm is the page where a person takes the code from a device.
type deviceForm struct {
	Code, App     string
	Known, Scoped bool
	Scopes        []string
	Accounts      []choice
}

// deviceFormFor is the form for a code that somebody came with; known is nil
// where no sign-in waits for it. The caller holds the lock.
func (s *Sandbox) deviceFormFor(userCode string, known *waiting) deviceForm {
	form := deviceForm{Code: userCode, Accounts: s.accounts()}
	if known != nil {
		form.Known, form.Code, form.Scopes = true, known.userCode, known.scopes
	}
	return form
}

// decideOnPage takes what a person pressed on the page for a code.
func (s *Sandbox) decideOnPage(h host, w http.ResponseWriter, r *http.Request) {
	approved := r.PostFormValue("decision") == "approve"
	status, said := 200, result{Heading: "Congratulations, you're all set!", Text: "Your device is now connected. You may close this page."}
	switch {
	case !h.decide(r.PostFormValue("user_code"), s.account(r), approved):
		status, said = 404, result{
			Heading: "No sign-in waits for this code", Text: "It was mistyped, is used already, or ran out. Ask the device for a new one.",
		}
	case !approved:
		said = result{Heading: "Sign-in denied", Text: "The device gets no access. You may close this page."}
	}
	show(w, status, "result", page{Title: "Device activation", Host: h.profile().name, Data: said})
}
