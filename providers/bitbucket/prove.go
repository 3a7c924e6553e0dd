package bitbucket

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"gitgrant/providers"
	"gitgrant/providers/githttp"
	"gitgrant/providers/wire"
)

// prover asks one repository about one token.
type prover struct {
	p    *Provider
	c    *wire.Client
	h    providers.Host
	cred providers.Credential
	auth wire.Auth
	q    providers.Question
	api  string // the repository in the API
}

// Prove asks the repository itself: its page in the API, its webhooks, its
// branching model, which admins alone may read the settings of, and the
// advertisements that git reads before it clones or pushes. Scopes are the
// ceiling of a token; what its account may do here is what these show.
func (p *Provider) Prove(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, q providers.Question) ([]providers.Proof, error) {
	auth, err := present(cred)
	if err != nil {
		return nil, err
	}
	pr := prover{p: p, c: c, h: h, cred: cred, auth: auth, q: q, api: h.APIURL + "/repositories/" + q.Repository}
	hidden, err := pr.hidden(ctx)
	if err != nil {
		return nil, err
	}
	var proofs []providers.Proof
	refused := false
	for _, right := range q.Rights {
		proof := providers.Proof{Repository: q.Repository, Right: right, State: providers.Missing, Evidence: hidden}
		if hidden == "" {
			if proof, err = pr.prove(ctx, right); err != nil {
				return nil, err
			}
		}
		refused = refused || proof.State == providers.Missing
		proofs = append(proofs, proof)
	}
	if refused && hidden == "" {
		pr.explain(ctx, proofs)
	}
	return proofs, nil
}

// hidden is why nothing of the repository can be seen; empty where something
// can. A token without the scope to read its page can still be probed.
func (pr prover) hidden(ctx context.Context) (string, error) {
	a, err := pr.p.get(ctx, pr.c, pr.api, pr.auth)
	if err != nil {
		return "", err
	}
	var body struct {
		FullName string `json:"full_name"`
	}
	said, understood := read(a)
	switch {
	case a.Status == http.StatusOK && (a.JSON(&body) != nil || body.FullName == ""):
		return "", a.NotUnderstood()
	case a.Status == http.StatusOK, a.Status == http.StatusForbidden && understood && said.aboutScopes():
		return "", nil
	case a.Status == http.StatusForbidden && understood && !said.policy(), a.Status == http.StatusNotFound && understood:
		return pr.q.Repository + " is not visible to this token: " + strings.TrimRight(said.words(), ". "), nil
	default:
		return "", refusal(a, pr.auth)
	}
}

func (pr prover) prove(ctx context.Context, right providers.Right) (providers.Proof, error) {
	switch right {
	case providers.Webhooks:
		return pr.page(ctx, right, "/hooks?pagelen=1", "webhooks")
	case providers.RepositoryAdmin:
		return pr.page(ctx, right, "/branching-model/settings", "settings")
	default:
		return pr.git(ctx, right)
	}
}

// page reads something of the repository that takes an admin of it.
func (pr prover) page(ctx context.Context, right providers.Right, path, what string) (providers.Proof, error) {
	proof := providers.Proof{Repository: pr.q.Repository, Right: right}
	a, err := pr.p.get(ctx, pr.c, pr.api+path, pr.auth)
	if err != nil {
		return proof, err
	}
	proof.Evidence = fmt.Sprintf("%s of %s: HTTP %d", what, pr.q.Repository, a.Status)
	var body map[string]any
	said, understood := read(a)
	switch {
	case a.Status == http.StatusOK && a.JSON(&body) != nil:
		return proof, a.NotUnderstood()
	case a.Status == http.StatusOK:
		proof.State = pr.beyondReading(a, right)
	case a.Status == http.StatusForbidden && understood && !said.policy(), a.Status == http.StatusNotFound && understood:
		proof.State = providers.Missing
	default:
		return proof, refusal(a, pr.auth)
	}
	return proof, nil
}

// beyondReading is what a page that could be read shows about the right to
// change what it tells of. The account may, being an admin; whether the token
// may is told by its scopes, which this answer has too. A single scope stands
// for all of it in the classic vocabulary, and three do in the granular one.
func (pr prover) beyondReading(a wire.Answer, right providers.Right) providers.State {
	in := providers.Inspection{Kind: pr.q.Kind, Rights: rightsIn(a)}
	if !in.Rights.Known {
		return providers.Unverifiable
	}
	for _, f := range providers.PolicyOf(providers.Bitbucket).Hold(providers.Runtime, in, nil) {
		if r, _ := providers.PolicyOf(providers.Bitbucket).Requirement(providers.Runtime, f.Name); len(r.Proven) == 1 && r.Proven[0] == right {
			if f.State == providers.Implied {
				return providers.Granted
			}
			return f.State
		}
	}
	return providers.Unverifiable
}

// git asks twice where git is refused: the 401 that good tokens meet was first
// seen there.
func (pr prover) git(ctx context.Context, right providers.Right) (providers.Proof, error) {
	name := pr.gitName(pr.cred.Username)
	a, err := pr.p.twice(ctx, func() (wire.Answer, error) { return pr.ask(ctx, right, name) })
	if err != nil {
		return providers.Proof{}, err
	}
	proof, err := githttp.Read(a, pr.q.Repository, right)
	if a.Status == http.StatusUnauthorized && pr.cred.Username != "" {
		proof.Evidence += ", beside the user name " + name // which may be what is wrong
		if pr.takenBeside(ctx, right, pr.gitName("")) {
			proof.User = name
		}
	}
	return proof, err
}

// gitName is the user name for git: the one that its owner gave, or the one that
// fits everybody.
func (pr prover) gitName(given string) string {
	return pr.p.Names(providers.Identity{Kind: pr.q.Kind, Email: pr.cred.Email, Username: given}).Git
}

func (pr prover) ask(ctx context.Context, right providers.Right, name string) (wire.Answer, error) {
	return githttp.Ask(ctx, pr.c, pr.h.WebURL, pr.q.Repository, right, wire.Auth{Token: pr.cred.Token, User: name})
}

// takenBeside reports whether git takes the token beside another user name. What
// cannot be asked shows nothing.
func (pr prover) takenBeside(ctx context.Context, right providers.Right, name string) bool {
	a, err := pr.ask(ctx, right, name)
	if err != nil {
		return false
	}
	proof, err := githttp.Read(a, pr.q.Repository, right)
	return err == nil && proof.State == providers.Granted
}

// explain adds the permission of the account to what was refused, where it is
// told: explicit grants alone are. It is no proof, so whatever happens to the
// question is no harm.
func (pr prover) explain(ctx context.Context, proofs []providers.Proof) {
	if personless(pr.q.Kind) {
		return // such a token may not ask
	}
	workspace, _, _ := strings.Cut(pr.q.Repository, "/")
	query := url.Values{"q": {`repository.full_name="` + pr.q.Repository + `"`}}
	a, err := pr.c.Do(ctx, wire.Request{
		URL: pr.h.APIURL + "/user/workspaces/" + workspace + "/permissions/repositories?" + query.Encode(), Auth: pr.auth,
	})
	var page struct {
		Values []struct {
			Permission string `json:"permission"`
		} `json:"values"`
	}
	if err != nil || a.Status != http.StatusOK || a.JSON(&page) != nil || len(page.Values) == 0 {
		return
	}
	permission := wire.Clean(page.Values[0].Permission)
	for i := range proofs {
		if proofs[i].State == providers.Missing && permission != "" {
			proofs[i].Evidence += ", permission " + permission
		}
	}
}
