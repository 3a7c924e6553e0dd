package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/githttp"
	"gitgrant/providers/wire"
)

// gitUser is what GitHub wants as the user name beside a token; any text does.
const gitUser = "x-access-token"

// Prove asks the repository itself: its page in the API, its list of hooks and
// the advertisements that git reads before it clones or pushes. None of them
// changes anything.
func (p *Provider) Prove(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, q providers.Question) ([]providers.Proof, error) {
	if strings.Count(q.Repository, "/") != 1 {
		return nil, providers.ErrForeignRepository
	}
	a, err := get(ctx, c, h.APIURL+"/repos/"+q.Repository, cred)
	if err != nil {
		return nil, err
	}
	var repo struct {
		Archived bool `json:"archived"`
		Disabled bool `json:"disabled"`
	}
	switch {
	case a.Status == http.StatusOK:
		if err := a.JSON(&repo); err != nil {
			return nil, err
		}
	case invisible(a):
		return allMissing(q, "not visible to this token"), nil
	default:
		return nil, refusal(h, a)
	}
	var proofs []providers.Proof
	for _, right := range q.Rights {
		proof := providers.Proof{Repository: q.Repository, Right: right}
		switch {
		case right == providers.Push && (repo.Archived || repo.Disabled):
			proof.State, proof.Evidence = providers.Missing, q.Repository+" is archived or disabled"
		case right == providers.Webhooks:
			proof.State, proof.Evidence, err = hooks(ctx, c, h, cred, q)
		default:
			proof, err = githttp.Prove(ctx, c, h.WebURL, q.Repository, right, wire.Auth{Token: cred.Token, User: gitUser})
		}
		if err != nil {
			return nil, err
		}
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

// invisible is GitHub's way to say that a token may not see a repository, which
// it does not tell apart from a repository that does not exist.
func invisible(a wire.Answer) bool {
	var body struct {
		Message string `json:"message"`
	}
	if a.JSON(&body) != nil || body.Message == "" {
		return false // it is not GitHub that answers
	}
	return a.Status == http.StatusNotFound ||
		a.Status == http.StatusForbidden && strings.HasPrefix(body.Message, "Resource not accessible")
}

func allMissing(q providers.Question, why string) []providers.Proof {
	var proofs []providers.Proof
	for _, right := range q.Rights {
		proofs = append(proofs, providers.Proof{
			Repository: q.Repository, Right: right, State: providers.Missing, Evidence: q.Repository + " is " + why,
		})
	}
	return proofs
}

// hooks lists the webhooks, which takes an administrator of the repository.
// With scopes that is the whole proof; a fine-grained token may still lack the
// permission to write them, and nothing read-only can tell.
func hooks(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, q providers.Question) (providers.State, string, error) {
	a, err := get(ctx, c, h.APIURL+"/repos/"+q.Repository+"/hooks?per_page=1", cred)
	if err != nil {
		return "", "", err
	}
	evidence := fmt.Sprintf("webhooks of %s: HTTP %d", q.Repository, a.Status)
	switch {
	case a.Status == http.StatusOK && (q.Kind == providers.ClassicPAT || q.Kind == providers.OAuthToken):
		return providers.Granted, evidence, nil
	case a.Status == http.StatusOK:
		return providers.Unverifiable, evidence, nil
	case invisible(a):
		return providers.Missing, evidence, nil
	}
	why := refusal(h, a)
	if why.Kind == cause.Restricted {
		return providers.Missing, evidence, nil
	}
	return "", "", why
}
