package bitbucketserver

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"gitgrant/providers"
	"gitgrant/providers/githttp"
	"gitgrant/providers/wire"
)

// Prove asks for what only a permission opens: the list of a project's
// permissions, which takes Project admin, the list of a repository's webhooks,
// which takes Repository admin, and the advertisements that git reads before it
// clones or pushes. The lists that may be filtered by permission prove nothing:
// they may mean those of the account.
func (p Provider) Prove(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, q providers.Question) ([]providers.Proof, error) {
	asks := probe{c, h, cred}
	key, slug, _ := strings.Cut(q.Repository, "/")
	if slug == "" {
		return asks.project(ctx, key, q.Rights)
	}
	seen, err := asks.repository(ctx, key, slug)
	if err != nil {
		return nil, err
	}
	var proofs []providers.Proof
	for _, right := range q.Rights {
		proof := providers.Proof{Repository: q.Repository, Right: right}
		switch {
		case right == providers.ProjectAdmin:
			proof.State, proof.Evidence, err = asks.permissions(ctx, key)
		case !seen:
			proof.State, proof.Evidence = providers.Missing, invisible(q.Repository)
		case right == providers.RepositoryAdmin, right == providers.Webhooks:
			place := "/projects/" + key + "/repos/" + slug + "/webhooks?limit=1"
			proof.State, proof.Evidence, err = asks.list(ctx, place, "webhooks of "+q.Repository)
		default:
			proof, err = githttp.Prove(ctx, c, h.WebURL+"/scm", q.Repository, right, wire.Auth{Token: cred.Token})
		}
		if err != nil {
			return nil, err
		}
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

func invisible(name string) string { return name + " is not visible to this token" }

// probe asks one host with one token.
type probe struct {
	c    *wire.Client
	h    providers.Host
	cred providers.Credential
}

// project is what a whole project shows: Project admin, and with it every right
// in its repositories. Without it, only they can tell.
func (p probe) project(ctx context.Context, key string, rights []providers.Right) ([]providers.Proof, error) {
	state, evidence, err := p.permissions(ctx, key)
	if err != nil {
		return nil, err
	}
	there := true
	if state != providers.Granted {
		if there, err = p.sees(ctx, "/projects/"+key); err != nil {
			return nil, err
		}
	}
	var proofs []providers.Proof
	for _, right := range rights {
		proof := providers.Proof{Repository: key, Right: right, State: state, Evidence: evidence}
		switch {
		case !there:
			proof.Evidence = invisible(key)
		case right == providers.ProjectAdmin:
		case state == providers.Granted:
			proof.Evidence += ", and Project admin includes it"
		default:
			continue
		}
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

func (p probe) permissions(ctx context.Context, key string) (providers.State, string, error) {
	return p.list(ctx, "/projects/"+key+"/permissions/users?limit=1", "permissions of "+key)
}

func (p probe) repository(ctx context.Context, key, slug string) (bool, error) {
	return p.sees(ctx, "/projects/"+key+"/repos/"+slug)
}

// sees reports whether the token may look at something at all.
func (p probe) sees(ctx context.Context, place string) (bool, error) {
	a, err := get(ctx, p.c, p.h.APIURL+api+place, p.cred)
	switch {
	case err != nil:
		return false, err
	case a.Status == http.StatusOK && account(a) != "":
		var it map[string]json.RawMessage
		return true, a.JSON(&it)
	case notPermitted(a), notThere(a):
		return false, nil
	default:
		return false, refusal(p.h, a)
	}
}

// list asks for a list that a permission opens.
func (p probe) list(ctx context.Context, place, what string) (providers.State, string, error) {
	a, err := get(ctx, p.c, p.h.APIURL+api+place, p.cred)
	if err != nil {
		return "", "", err
	}
	evidence := fmt.Sprintf("%s: HTTP %d", what, a.Status)
	var page struct {
		Values []json.RawMessage `json:"values"`
	}
	switch {
	case a.Status == http.StatusOK && account(a) != "":
		if a.JSON(&page) != nil || page.Values == nil {
			return "", "", a.NotUnderstood()
		}
		return providers.Granted, evidence, nil
	case notPermitted(a), notThere(a):
		return providers.Missing, evidence, nil
	default:
		return "", "", refusal(p.h, a)
	}
}
