package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

// tokenPages is where a person makes API tokens: at the real host on a site of
// Atlassian's own.
const tokenPages = "/manage-profile/security/api-tokens"

func (h *bitbucket) registerPages(mux *http.ServeMux) {
	mux.HandleFunc("GET "+tokenPages, h.tokenPage)
	mux.HandleFunc("POST "+tokenPages, h.makeToken)
	mux.HandleFunc("GET /account/workspaces/{$}", h.consumerPage)
	mux.HandleFunc("POST /account/workspaces/{$}", h.registerConsumer)
}

// bitbucketScopes are those of the form for API tokens.
var bitbucketScopes = []string{
	"read:user:bitbucket", "read:workspace:bitbucket", "admin:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
	"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket", "delete:repository:bitbucket",
	"read:pullrequest:bitbucket", "write:pullrequest:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
	"read:pipeline:bitbucket", "write:pipeline:bitbucket",
}

// consumerScopes are the boxes of the form for consumers, by their labels.
var consumerScopes = []struct{ label, scope string }{
	{"Account: Email", "email"},
	{"Account: Read", "account"},
	{"Account: Write", "account:write"},
	{"Workspace membership: Read", "team"},
	{"Workspace membership: Write", "team:write"},
	{"Projects: Read", "project"},
	{"Projects: Admin", "project:admin"},
	{"Repositories: Read", "repository"},
	{"Repositories: Write", "repository:write"},
	{"Repositories: Admin", "repository:admin"},
	{"Repositories: Delete", "repository:delete"},
	{"Pull requests: Read", "pullrequest"},
	{"Pull requests: Write", "pullrequest:write"},
	{"Webhooks: Read and write", "webhook"},
}

// apiTokenLives are the lives of a token that the form offers, in days: it has
// to have one.
var apiTokenLives = []int{1, 7, 30, 90, 180, 365}

// tokenPage has the life of the token from its address. It takes no scopes from
// there, since nobody has seen it take a list of them.
func (h *bitbucket) tokenPage(w http.ResponseWriter, r *http.Request) {
	var lives, scopes []choice
	for _, days := range apiTokenLives {
		text := strconv.Itoa(days)
		lives = append(lives, choice{Value: text, Text: text + " days", Chosen: text == r.URL.Query().Get("expiryDays")})
	}
	for _, scope := range bitbucketScopes {
		scopes = append(scopes, choice{Value: scope})
	}
	h.show(w, 200, "apitoken", "Create API token", struct {
		App                     string
		Lives, Scopes, Accounts []choice
	}{r.URL.Query().Get("appId"), lives, scopes, h.sandbox.accounts()})
}

func (h *bitbucket) makeToken(w http.ResponseWriter, r *http.Request) {
	scopes := slices.DeleteFunc(slices.Clone(bitbucketScopes), func(s string) bool { return !slices.Contains(formScopes(r), s) })
	days, err := strconv.Atoi(r.PostFormValue("expires_in"))
	failed := ""
	switch {
	case r.PostFormValue("name") == "":
		failed = "Enter a name."
	case err != nil || days < 1 || days > 365:
		failed = "Choose an expiration date up to one year ahead."
	case r.PostFormValue("app") != "bitbucket":
		failed = "Select the app Bitbucket."
	case len(scopes) == 0:
		failed = "Select at least one scope."
	}
	if failed != "" {
		h.show(w, 422, "result", "Create API token", result{Heading: "The token was not created", Text: failed})
		return
	}
	t := granularToken(h.sandbox.account(r), scopes...)
	h.sandbox.mu.Lock()
	t.expires = h.sandbox.now().AddDate(0, 0, days)
	text := h.mint(t)
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "Create API token", result{
		Heading: "Copy your API token", Text: "Make sure you save it: it is not shown again. It goes beside " + bitbucketUserOf(t.owner).email + ".", Label: "API token", Value: text,
	})
}

func (h *bitbucket) consumerPage(w http.ResponseWriter, _ *http.Request) {
	var scopes []choice
	for _, s := range consumerScopes {
		scopes = append(scopes, choice{Value: s.scope, Text: s.label})
	}
	h.show(w, 200, "consumer", "OAuth consumers", struct{ Scopes []choice }{scopes})
}

func (h *bitbucket) registerConsumer(w http.ResponseWriter, r *http.Request) {
	c := bitbucketConsumer{title: r.PostFormValue("name"), callback: r.PostFormValue("callback"), private: r.PostFormValue("private") != ""}
	for _, s := range consumerScopes {
		if slices.Contains(formScopes(r), s.scope) {
			c.scopes = append(c.scopes, s.scope)
		}
	}
	h.sandbox.mu.Lock()
	c.made = [2]string{"bbKey" + h.sandbox.pick(base62, 13), "bbSecret" + h.sandbox.pick(base62, 24)}
	h.consumers[c.key()] = c
	h.sandbox.mu.Unlock()
	h.show(w, 200, "result", "OAuth consumers", result{
		Heading: "The consumer was added", Text: "Its secret is " + c.secret() + ".", Label: "Key", Value: c.key(),
	})
}
