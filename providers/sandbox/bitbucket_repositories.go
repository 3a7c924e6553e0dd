package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// bitbucketRepository is a repository of the workspace acme.
type bitbucketRepository struct {
	path, project string
	public        bool
	members       map[string]string // permission by account
}

var bitbucketRepositories = []bitbucketRepository{
	{path: "acme/app", project: "RUN", members: map[string]string{robot: "admin", person: "admin"}},
	{path: "acme/docs", project: "WEB", members: map[string]string{robot: "write", person: "write"}},
	{path: "acme/readonly", project: "RUN", members: map[string]string{robot: "read", person: "read"}},
	{path: "acme/public", project: "WEB", public: true},
	{path: "acme/hidden", project: "WEB"},
}

func bitbucketRepositoryOf(path string) *bitbucketRepository {
	i := slices.IndexFunc(bitbucketRepositories, func(r bitbucketRepository) bool { return r.path == path })
	if i < 0 {
		return nil
	}
	return &bitbucketRepositories[i]
}

// permission is what a token may do here by its account, or as an access token
// by where it belongs; empty is nothing. Its scopes may allow less.
func (r *bitbucketRepository) permission(t bitbucketToken) string {
	switch {
	case t.owner != "":
		return r.members[t.owner]
	case t.kind == workspaceToken, t.kind == projectToken && t.reach == r.project, t.kind == repoToken && t.reach == r.path:
		return "admin"
	default:
		return ""
	}
}

// find is the repository of the address where the caller may see it; where it
// may not, the answer is given already.
func (c *bitbucketCall) find() *bitbucketRepository {
	path := c.r.PathValue("workspace") + "/" + c.r.PathValue("repository")
	repo := bitbucketRepositoryOf(path)
	switch {
	case repo == nil:
		c.fail(http.StatusNotFound, "Repository "+path+" not found")
	case !repo.public && repo.permission(c.token) == "":
		c.fail(http.StatusForbidden, "You may not have access to this repository or it no longer exists in this workspace.")
		return nil
	}
	return repo
}

// findAdmin is that repository where the caller is an admin of it.
func (c *bitbucketCall) findAdmin() *bitbucketRepository {
	repo := c.find()
	if repo != nil && repo.permission(c.token) != "admin" {
		c.fail(http.StatusForbidden, "Access denied. You must have admin access.")
		return nil
	}
	return repo
}

func (c *bitbucketCall) describe(repo *bitbucketRepository) map[string]any {
	workspace, slug, _ := strings.Cut(repo.path, "/")
	return map[string]any{
		"type": "repository", "full_name": repo.path, "slug": slug, "name": slug, "is_private": !repo.public, "scm": "git",
		"project": map[string]any{"type": "project", "key": repo.project}, "workspace": map[string]any{"type": "workspace", "slug": workspace},
		"mainbranch": map[string]any{"type": "branch", "name": "main"},
		"links":      map[string]any{"html": map[string]any{"href": origin(c.r) + bitbucketWeb + "/" + repo.path}},
	}
}

func (c *bitbucketCall) repository() {
	if repo := c.find(); repo != nil {
		c.json(200, c.describe(repo))
	}
}

// roles are the permissions that a role in a query takes.
var roles = map[string][]string{
	"": {"", "read", "write", "admin"}, "member": {"read", "write", "admin"}, "contributor": {"write", "admin"}, "admin": {"admin"},
}

func (c *bitbucketCall) repositories() {
	var list []any
	for i := range bitbucketRepositories {
		repo := &bitbucketRepositories[i]
		permission := repo.permission(c.token)
		shown := repo.public || permission != ""
		if shown && strings.HasPrefix(repo.path, c.r.PathValue("workspace")+"/") && slices.Contains(roles[c.r.FormValue("role")], permission) {
			list = append(list, c.describe(repo))
		}
	}
	c.values(list...)
}

func (c *bitbucketCall) workspaces() {
	workspace := map[string]any{"type": "workspace_base", "slug": organization, "uuid": "{00000000-0000-4000-8000-0000000000ac}"}
	c.values(map[string]any{"type": "workspace_access", "administrator": false, "workspace": workspace})
}

func (c *bitbucketCall) workspacePermission() {
	if c.r.PathValue("workspace") != organization || c.token.owner == "" {
		c.fail(http.StatusForbidden, "Access denied.")
		return
	}
	c.json(200, map[string]any{"type": "workspace_membership", "permission": "member"})
}

var repositoryInQuery = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^repository\.full_name="([^"]*)"$`) })

// permissions are the explicit grants of the account; an access token may not
// ask.
func (c *bitbucketCall) permissions() {
	if c.token.owner == "" || c.r.PathValue("workspace") != organization {
		c.fail(http.StatusForbidden, "Access denied.")
		return
	}
	wanted := ""
	if q := c.r.FormValue("q"); q != "" {
		parts := repositoryInQuery().FindStringSubmatch(q)
		if parts == nil {
			c.fail(http.StatusBadRequest, "Invalid query")
			return
		}
		wanted = parts[1]
	}
	var list []any
	for i := range bitbucketRepositories {
		repo := &bitbucketRepositories[i]
		if permission := repo.members[c.token.owner]; permission != "" && (wanted == "" || wanted == repo.path) {
			list = append(list, map[string]any{"type": "repository_permission", "permission": permission, "repository": map[string]any{"full_name": repo.path}})
		}
	}
	c.values(list...)
}

func (c *bitbucketCall) settings() {
	if c.findAdmin() != nil {
		c.json(200, map[string]any{"type": "branching_model_settings", "development": map[string]any{"name": "main", "is_valid": true}})
	}
}

func hook(uid, url string) map[string]any {
	return map[string]any{"type": "webhook_subscription", "uuid": uid, "url": url, "active": true, "events": []string{"repo:push"}}
}

func (c *bitbucketCall) listHooks() {
	repo := c.findAdmin()
	if repo == nil {
		return
	}
	c.h.sandbox.mu.Lock()
	defer c.h.sandbox.mu.Unlock()
	var list []any
	for key, url := range c.h.hooks {
		if path, uid, _ := strings.Cut(key, " "); path == repo.path {
			list = append(list, hook(uid, url))
		}
	}
	c.values(list...)
}

func (c *bitbucketCall) addHook() {
	repo := c.findAdmin()
	if repo == nil {
		return
	}
	c.h.sandbox.mu.Lock()
	defer c.h.sandbox.mu.Unlock()
	c.h.issued++
	uid := fmt.Sprintf("{%d}", 100+c.h.issued)
	url := "https://runtime.acme.example/webhooks/bitbucket"
	c.h.hooks[repo.path+" "+uid] = url
	c.json(http.StatusCreated, hook(uid, url))
}

func (c *bitbucketCall) deleteHook() {
	repo := c.findAdmin()
	if repo == nil {
		return
	}
	c.h.sandbox.mu.Lock()
	defer c.h.sandbox.mu.Unlock()
	key := repo.path + " " + c.r.PathValue("uid")
	if _, there := c.h.hooks[key]; !there {
		c.fail(http.StatusNotFound, "Webhook not found")
		return
	}
	delete(c.h.hooks, key)
	c.w.WriteHeader(http.StatusNoContent)
}
