package sandbox

import (
	"cmp"
	"net/http"
	"slices"
)

func (h *gitLab) registerPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /oauth/device", h.devicePage)
	mux.HandleFunc("POST /oauth/device", func(w http.ResponseWriter, r *http.Request) { h.sandbox.decideOnPage(h, w, r) })
	mux.HandleFunc("GET /-/user_settings/personal_access_tokens", h.tokenPage)
	mux.HandleFunc("POST /-/user_settings/personal_access_tokens", h.makeToken)
	mux.HandleFunc("GET /-/user_settings/applications", h.applicationsPage)
	mux.HandleFunc("POST /-/user_settings/applications", h.registerApplication)
}

func (h *gitLab) devicePage(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("user_code")
	h.sandbox.mu.Lock()
	form := h.sandbox.deviceFormFor(code, nil)
	if d := h.waiting(code); d != nil {
		form = h.sandbox.deviceFormFor(code, &d.waiting)
		form.App, form.Scoped = cmp.Or(d.app.title, "gitgrant"), true
	}
	h.sandbox.mu.Unlock()
	h.show(w, 200, "device", "Authorize device", form)
}

// scopeChoices are the boxes of a form, ticked as its address asks for.
func scopeChoices(asked []string) []choice {
	var boxes []choice
	for _, scope := range gitLabScopes {
		boxes = append(boxes, choice{Value: scope, Chosen: slices.Contains(asked, scope)})
	}
	return boxes
}

// knownScopes are those of a form that GitLab has.
func knownScopes(ticked []string) []string {
	return slices.DeleteFunc(slices.Clone(gitLabScopes), func(scope string) bool { return !slices.Contains(ticked, scope) })
}

func (h *gitLab) tokenPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	h.show(w, 200, "personal", "Personal access tokens", struct {
		Name, Description           string
		Scopes, Lifetimes, Accounts []choice
	}{
		query.Get("name"), query.Get("description"),
		scopeChoices(splitScopes(query.Get("scopes"))), lifetimeChoices("30"), h.sandbox.accounts(),
	})
}

func (h *gitLab) makeToken(w http.ResponseWriter, r *http.Request) {
	t := gitLabPAT(h.sandbox.account(r), knownScopes(formScopes(r))...)
	t.name = r.PostFormValue("name")
	if lasts := chosenLifetime(r); lasts != 0 {
		t.expires = midnight(h.sandbox.now().Add(lasts))
	}
	switch {
	case t.name == "":
		h.show(w, 422, "result", "Personal access tokens", result{Heading: "The token was not created", Text: "Token name can't be blank"})
		return
	case len(t.scopes) == 0:
		h.show(w, 422, "result", "Personal access tokens", result{Heading: "The token was not created", Text: "Scopes can't be blank"})
		return
	}
	h.sandbox.mu.Lock()
	text := h.mint(t)
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "Personal access tokens", result{
		Heading: "Your new personal access token has been created", Text: "Make sure you save it - you won't be able to access it again.", Label: "Token", Value: text,
	})
}

// formScopes are the ticked boxes of a form.
func formScopes(r *http.Request) []string {
	if r.ParseForm() != nil {
		return nil
	}
	return r.PostForm["scope"]
}

func (h *gitLab) applicationsPage(w http.ResponseWriter, _ *http.Request) {
	h.show(w, 200, "applications", "Applications", struct{ Scopes []choice }{scopeChoices(nil)})
}

func (h *gitLab) registerApplication(w http.ResponseWriter, r *http.Request) {
	a := gitLabApp{
		title: r.PostFormValue("name"), callback: r.PostFormValue("redirect_uri"),
		confidential: r.PostFormValue("confidential") != "", scopes: knownScopes(formScopes(r)),
	}
	if len(a.scopes) == 0 {
		a.scopes = []string{"api"}
	}
	h.sandbox.mu.Lock()
	id := bareClient + h.sandbox.pick("0123456789abcdef", 64-len(bareClient))
	h.apps[id] = a
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "Applications", result{
		Heading: "The application was created successfully", Text: "Give its Application ID to the program that signs in with it.", Label: "Application ID", Value: id,
	})
}
