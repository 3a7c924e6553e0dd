package gitlab

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/githttp"
	"gitgrant/providers/wire"
)

// gitUser is what GitLab wants as the user name beside an OAuth token; beside
// the other kinds it takes any.
const gitUser = "oauth2"

// levels are GitLab's names for its access levels.
var levels = map[int]string{
	5: "Minimal Access", 10: "Guest", 15: "Planner", 20: "Reporter", 25: "Security Manager", 30: "Developer", 40: "Maintainer", 50: "Owner",
}

// project is what the API tells of a project before anything is probed.
type project struct {
	api      string // its address in the API
	hidden   bool   // it is not there for this token
	archived bool
	level    int // 0 where none is told, as with access through a shared group
}

// Prove asks the project itself: its page in the API, its list of hooks and the
// advertisements that git reads before it clones or pushes. The access level
// decides nothing, since it may not be told and roles can be tailored; it says
// why a probe was refused.
func (p *Provider) Prove(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, q providers.Question) ([]providers.Proof, error) {
	seen, err := look(ctx, c, h, cred, q)
	if err != nil {
		return nil, err
	}
	var proofs []providers.Proof
	for _, right := range q.Rights {
		proof := providers.Proof{Repository: q.Repository, Right: right}
		switch {
		case seen.hidden:
			proof.State, proof.Evidence = providers.Missing, q.Repository+" is not visible to this token"
		case right == providers.Push && seen.archived:
			proof.State, proof.Evidence = providers.Missing, q.Repository+" is archived"
		case right == providers.Webhooks:
			proof.State, proof.Evidence, err = hooks(ctx, c, seen, cred, q)
		default:
			proof, err = githttp.Prove(ctx, c, h.WebURL, q.Repository, right, wire.Auth{Token: cred.Token, User: gitUser})
		}
		if err != nil {
			return nil, err
		}
		if proof.State == providers.Missing {
			proof.Evidence += seen.standing()
		}
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

// look reads the project's page in the API. A token that may not read it can
// still be probed.
func look(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, q providers.Question) (project, error) {
	seen := project{api: h.APIURL + "/projects/" + url.PathEscape(q.Repository)}
	a, err := get(ctx, c, seen.api, cred)
	if err != nil {
		return seen, err
	}
	switch {
	case a.Status == http.StatusOK:
		return seen, seen.read(a)
	case a.Status == http.StatusNotFound:
		seen.hidden = !noRoute(a)
		return seen, nil
	case a.Status == http.StatusForbidden && lacks(a, q):
		return seen, nil
	default:
		return seen, refusal(a)
	}
}

// noRoute reports whether a 404 is about the address and not about what is
// there: some proxies take the escaped slash out of a project's path.
func noRoute(a wire.Answer) bool { return oauthError(a) != "" || a.Is("text/html") }

// lacks reports whether a 403 is about a scope or a permission that the token
// does not have. A token with scopes that is told of permissions lacks none: a
// group above the project takes fine-grained tokens alone.
func lacks(a wire.Answer, q providers.Question) bool {
	switch oauthError(a) {
	case noScope:
		return true
	case noPermission:
		return q.Kind == providers.FineGrainedPAT
	default:
		return false
	}
}

func (seen *project) read(a wire.Answer) error {
	type access struct {
		Level int `json:"access_level"`
	}
	var body struct {
		Path        string `json:"path_with_namespace"`
		Archived    bool   `json:"archived"`
		Permissions struct {
			Project access `json:"project_access"`
			Group   access `json:"group_access"`
		} `json:"permissions"`
	}
	if err := a.JSON(&body); err != nil {
		return err
	}
	if body.Path == "" {
		return a.NotUnderstood()
	}
	seen.archived = body.Archived
	seen.level = max(body.Permissions.Project.Level, body.Permissions.Group.Level)
	return nil
}

// standing is the access level behind a refusal, where one is told.
func (seen project) standing() string {
	switch name := levels[seen.level]; {
	case seen.level <= 0:
		return ""
	case name == "":
		return fmt.Sprintf(", access level %d", seen.level)
	default:
		return fmt.Sprintf(", access level %d (%s)", seen.level, name)
	}
}

// hooks lists the webhooks, which takes a maintainer of the project. With
// scopes that is the whole proof; a fine-grained token may still lack the
// permission to write them, and nothing read-only can tell.
func hooks(ctx context.Context, c *wire.Client, seen project, cred providers.Credential, q providers.Question) (providers.State, string, error) {
	a, err := get(ctx, c, seen.api+"/hooks?per_page=1", cred)
	if err != nil {
		return "", "", err
	}
	evidence := fmt.Sprintf("webhooks of %s: HTTP %d", q.Repository, a.Status)
	var list []struct {
		ID int64 `json:"id"`
	}
	switch {
	case a.Status == http.StatusOK && a.JSON(&list) != nil:
		return "", "", a.NotUnderstood()
	case a.Status == http.StatusOK && (q.Kind == providers.FineGrainedPAT || q.Kind == providers.UnknownKind):
		return providers.Unverifiable, evidence, nil
	case a.Status == http.StatusOK:
		return providers.Granted, evidence, nil
	case a.Status == http.StatusNotFound && noRoute(a):
		return providers.Unverifiable, evidence, nil
	case a.Status == http.StatusNotFound, a.Status == http.StatusForbidden && lacks(a, q):
		return providers.Missing, evidence, nil
	}
	why := refusal(a)
	if why.Kind == cause.Restricted && oauthError(a) == "" {
		return providers.Missing, evidence, nil // a role that is too low
	}
	return "", "", why
}
