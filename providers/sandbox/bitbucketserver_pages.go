package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (h *dataCenter) registerPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /plugins/servlet/access-tokens/manage", h.servlet(h.tokenPage))
	mux.HandleFunc("POST /plugins/servlet/access-tokens/manage", h.servlet(h.makeToken))
	mux.HandleFunc("GET /plugins/servlet/applinks/listApplicationLinks", h.servlet(h.linksPage))
	mux.HandleFunc("POST /plugins/servlet/applinks/listApplicationLinks", h.servlet(h.makeLink))
	mux.HandleFunc("/plugins/servlet/", h.servlet(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }))
	mux.HandleFunc("GET /login", h.loginPage)
}

// servlet is a page for people: a token leads to the sign-in page here, and
// counts as a failed sign-in where it comes as a password.
func (h *dataCenter) servlet(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, password, basic := r.BasicAuth()
		switch {
		case basic && password != dataCenterPassword:
			h.sandbox.mu.Lock()
			h.failed[name]++
			h.sandbox.mu.Unlock()
			badDataCenterSignIn.send(w, "Atlassian Bitbucket")
		case !basic && r.Header.Get("Authorization") != "":
			http.Redirect(w, r, h.web+"/login?"+url.Values{"next": {r.URL.Path}}.Encode(), http.StatusFound)
		default:
			serve(w, r)
		}
	}
}

// loginPage is where a person solves a CAPTCHA: here, by opening it.
func (h *dataCenter) loginPage(w http.ResponseWriter, _ *http.Request) {
	h.sandbox.mu.Lock()
	clear(h.failed)
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "Log in", result{
		Heading: "Log in", Text: "The password of every account here is this one. Accounts that had to solve a CAPTCHA have done so by now.",
		Label: "Password", Value: dataCenterPassword,
	})
}

// permissionChoices are the levels of one part of a form.
func permissionChoices(part, chosen string) []choice {
	var list []choice
	for _, level := range []string{"read", "write", "admin"} {
		list = append(list, choice{Value: level, Text: part + " " + level, Chosen: level == chosen})
	}
	return list
}

// chosenLevel is a level by its name; the lowest where it is none.
func chosenLevel(r *http.Request, field string) dataCenterLevel {
	return dataCenterLevel(max(1, slices.Index(levelNames, strings.ToUpper(r.PostFormValue(field)))))
}

func (h *dataCenter) tokenPage(w http.ResponseWriter, _ *http.Request) {
	h.show(w, 200, "httptoken", "HTTP access tokens", struct{ Projects, Repositories, Lifetimes, Accounts []choice }{
		permissionChoices("Project", "read"), permissionChoices("Repository", "read"), lifetimeChoices("none"), h.sandbox.accounts(),
	})
}

func (h *dataCenter) makeToken(w http.ResponseWriter, r *http.Request) {
	t := httpToken(h.sandbox.account(r), chosenLevel(r, "project"), chosenLevel(r, "repository"))
	t.repository = max(t.repository, t.project)
	t.name = r.PostFormValue("name")
	if lasts := chosenLifetime(r); lasts != 0 {
		t.expires = h.sandbox.now().Add(lasts)
	}
	if t.name == "" {
		h.show(w, 422, "result", "HTTP access tokens", result{Heading: "The token was not created", Text: "A token name is required."})
		return
	}
	h.sandbox.mu.Lock()
	text := h.mint(t)
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "HTTP access tokens", result{
		Heading: "Token created", Text: "Copy it now. You will not be able to see it again.", Label: "Token", Value: text,
	})
}

func (h *dataCenter) linksPage(w http.ResponseWriter, _ *http.Request) {
	boxes := make([]choice, 0, len(dataCenterScopes))
	for _, scope := range dataCenterScopes[1:] {
		boxes = append(boxes, choice{Value: scope})
	}
	h.show(w, 200, "applink", "Application links", struct{ Scopes []choice }{boxes})
}

// makeLink is the form of a host as it is delivered, which takes no redirect
// but https.
func (h *dataCenter) makeLink(w http.ResponseWriter, r *http.Request) {
	a := dataCenterApp{title: r.PostFormValue("name"), callback: r.PostFormValue("redirect_uri"), highest: "PUBLIC_REPOS"}
	if highest := highestScope(formScopes(r)); highest > 0 {
		a.highest = dataCenterScopes[highest]
	}
	if to, err := url.Parse(a.callback); err != nil || to.Scheme != "https" || to.Host == "" {
		h.show(w, 400, "result", "Application links", result{Heading: "The link was not created", Text: plainRedirect})
		return
	}
	h.sandbox.mu.Lock()
	id := bareClient + h.sandbox.pick("0123456789abcdef", 32-len(bareClient))
	a.secret = bareDataCenter + h.sandbox.pick("0123456789abcdef", 58)
	h.apps[id] = a
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "Application links", result{
		Heading: "The link was created", Text: "Its client secret is " + a.secret + ".", Label: "Client ID", Value: id,
	})
}
