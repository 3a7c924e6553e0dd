package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// dataCenterProject is a project, whose members have their level in all of its
// repositories.
type dataCenterProject struct {
	id        int
	key, name string
	members   map[string]dataCenterLevel
	repos     []dataCenterRepo
}

// dataCenterRepo is a repository, with those who have a level in it alone.
type dataCenterRepo struct {
	id      int
	slug    string
	public  bool
	members map[string]dataCenterLevel
}

var dataCenterProjects = []dataCenterProject{
	{id: 1, key: "ACME", name: "Acme", members: map[string]dataCenterLevel{
		robot: adminLevel, person: writeLevel, mailAccount: adminLevel, projectTokens: adminLevel, hostileLogin: adminLevel,
	}, repos: []dataCenterRepo{
		{id: 11, slug: "app", members: map[string]dataCenterLevel{person: adminLevel, repoTokens: adminLevel}},
		{id: 12, slug: "docs"},
	}},
	{id: 2, key: "OPS", name: "Operations", members: map[string]dataCenterLevel{robot: readLevel, person: readLevel}, repos: []dataCenterRepo{
		{id: 21, slug: "infra", members: map[string]dataCenterLevel{robot: adminLevel, person: writeLevel}},
		{id: 22, slug: "readonly"},
	}},
	{id: 3, key: "OPEN", name: "Open", repos: []dataCenterRepo{{id: 31, slug: "site", public: true}}},
	{id: 4, key: "HID", name: "Hidden", repos: []dataCenterRepo{{id: 41, slug: "secret"}}},
	{id: 5, key: "~" + person, name: "The Octocat", members: map[string]dataCenterLevel{person: adminLevel}, repos: []dataCenterRepo{
		{id: 51, slug: "dotfiles"},
	}},
}

// dataCenterProjectOf finds a project by its key, whose case does not count.
func dataCenterProjectOf(key string) *dataCenterProject {
	for i := range dataCenterProjects {
		if p := &dataCenterProjects[i]; strings.EqualFold(p.key, key) {
			return p
		}
	}
	return nil
}

func (p *dataCenterProject) repository(slug string) *dataCenterRepo {
	if p == nil {
		return nil
	}
	for i := range p.repos {
		if r := &p.repos[i]; strings.EqualFold(r.slug, slug) {
			return r
		}
	}
	return nil
}

// inProject is how far the caller may go in a project: the level of the
// account, and never more than that of the token.
func (c dataCenterCaller) inProject(p *dataCenterProject) dataCenterLevel {
	if c.user == nil {
		return noLevel
	}
	level := p.members[c.user.name]
	if !c.password {
		level = min(level, c.token.project)
	}
	return level
}

// inRepository is the same in a repository, which everybody may read where it
// is public.
func (c dataCenterCaller) inRepository(p *dataCenterProject, r *dataCenterRepo) dataCenterLevel {
	level := noLevel
	if c.user != nil {
		level = max(p.members[c.user.name], r.members[c.user.name])
		if !c.password {
			level = min(level, c.token.repository)
		}
	}
	if r.public {
		level = max(level, readLevel)
	}
	return level
}

// sees reports whether the caller may see a project at all: one of its
// repositories is enough.
func (c dataCenterCaller) sees(p *dataCenterProject) bool {
	return c.inProject(p) > noLevel || slices.ContainsFunc(p.repos, func(r dataCenterRepo) bool { return c.inRepository(p, &r) > noLevel })
}

// project is that of the address, where the caller's level is high enough; else
// the answer is given already.
func (c *dataCenterCall) project(least dataCenterLevel) *dataCenterProject {
	p := dataCenterProjectOf(c.r.PathValue("project"))
	switch {
	case p == nil:
		c.noSuchProject(c.r.PathValue("project"))
		return nil
	case !c.sees(p), least > readLevel && c.inProject(p) < least:
		c.notPermitted()
		return nil
	}
	return p
}

// repository is the same for a repository.
func (c *dataCenterCall) repository(least dataCenterLevel) (*dataCenterProject, *dataCenterRepo) {
	p := dataCenterProjectOf(c.r.PathValue("project"))
	r := p.repository(c.r.PathValue("repository"))
	switch {
	case p == nil:
		c.noSuchProject(c.r.PathValue("project"))
	case r == nil:
		c.noSuchRepository(c.r.PathValue("project") + "/" + c.r.PathValue("repository"))
	case c.inRepository(p, r) < least:
		c.notPermitted()
	default:
		return p, r
	}
	return nil, nil
}

func (p *dataCenterProject) body() map[string]any {
	kind := "NORMAL"
	if strings.HasPrefix(p.key, "~") {
		kind = "PERSONAL"
	}
	return map[string]any{"key": p.key, "id": p.id, "name": p.name, "public": false, "type": kind}
}

func (p *dataCenterProject) repoBody(r *dataCenterRepo) map[string]any {
	return map[string]any{
		"slug": r.slug, "id": r.id, "name": r.slug, "scmId": "git", "state": "AVAILABLE", "forkable": true, "public": r.public, "project": p.body(),
	}
}

// atLeast is the level that a list is asked to be cut to, such as REPO_ADMIN.
func (c *dataCenterCall) atLeast(prefix string) dataCenterLevel {
	asked := strings.TrimPrefix(c.r.URL.Query().Get("permission"), prefix)
	return dataCenterLevel(max(1, slices.Index(levelNames, asked)))
}

func (c *dataCenterCall) projects() {
	least, list := c.atLeast("PROJECT_"), []any{}
	for i := range dataCenterProjects {
		if p := &dataCenterProjects[i]; c.inProject(p) >= least || least == readLevel && c.sees(p) {
			list = append(list, p.body())
		}
	}
	c.page(list)
}

func (c *dataCenterCall) oneProject() {
	if p := c.project(readLevel); p != nil {
		c.json(200, p.body())
	}
}

func (c *dataCenterCall) projectPermissions() {
	p := c.project(adminLevel)
	if p == nil {
		return
	}
	list := []any{}
	for _, u := range dataCenterUsers {
		if level := p.members[u.name]; level > noLevel && !u.service {
			list = append(list, map[string]any{"user": u.body(), "permission": "PROJECT_" + levelNames[level]})
		}
	}
	c.page(list)
}

func (c *dataCenterCall) projectWebhooks() {
	if c.project(adminLevel) != nil {
		c.page([]any{})
	}
}

func (c *dataCenterCall) repositories() {
	least, key, list := c.atLeast("REPO_"), c.r.URL.Query().Get("projectkey"), []any{}
	for i := range dataCenterProjects {
		p := &dataCenterProjects[i]
		for j := range p.repos {
			if r := &p.repos[j]; c.inRepository(p, r) >= least && (key == "" || strings.EqualFold(key, p.key)) {
				list = append(list, p.repoBody(r))
			}
		}
	}
	c.page(list)
}

func (c *dataCenterCall) oneRepository() {
	if p, r := c.repository(readLevel); r != nil {
		c.json(200, p.repoBody(r))
	}
}

func (c *dataCenterCall) repositoryWebhooks() {
	if _, r := c.repository(adminLevel); r != nil {
		c.page([]any{map[string]any{
			"id": 42, "name": "gitops", "createdDate": 1767225600000, "updatedDate": 1767225600000, "events": []string{"repo:refs_changed"},
			"configuration": map[string]any{}, "url": "https://runtime.acme.example/webhooks/bitbucket", "active": true, "sslVerificationRequired": true,
		}})
	}
}

// accessTokens are the tokens of an account, a project or a repository, or one
// of them. A token of this sort may not look at them itself.
func (c *dataCenterCall) accessTokens() {
	if !c.password && !c.token.oauth() || !c.ownsTokens() {
		c.notPermitted()
		return
	}
	id := c.r.PathValue("id")
	list := []any{}
	c.h.sandbox.mu.Lock()
	for _, t := range c.h.tokens {
		owner := dataCenterUserOf(t.owner)
		if t.oauth() || !strings.EqualFold(owner.slug, c.tokenOwner()) {
			continue
		}
		body := t.body(owner)
		if body["id"] == id {
			list = []any{body}
			break
		}
		if id == "" {
			list = append(list, body)
		}
	}
	c.h.sandbox.mu.Unlock()
	switch {
	case id == "":
		c.page(list)
	case len(list) == 1:
		c.json(200, list[0])
	default:
		c.fails(http.StatusNotFound, "The access token does not exist.", "NoSuchEntityException")
	}
}

// tokenOwner is the slug of the account whose tokens the address is about.
func (c *dataCenterCall) tokenOwner() string {
	switch project, repository := c.r.PathValue("project"), c.r.PathValue("repository"); {
	case project == "":
		return c.r.PathValue("user")
	case repository == "":
		return "tokens-of-project-" + project
	default:
		return "tokens-of-repository-" + project + "-" + repository
	}
}

// ownsTokens reports whether they are the caller's own, or of a place that the
// caller administers.
func (c *dataCenterCall) ownsTokens() bool {
	key := c.r.PathValue("project")
	if key == "" {
		return strings.EqualFold(c.user.slug, c.r.PathValue("user"))
	}
	p := dataCenterProjectOf(key)
	if slug := c.r.PathValue("repository"); p != nil && slug != "" {
		r := p.repository(slug)
		return r != nil && c.inRepository(p, r) >= adminLevel
	}
	return p != nil && c.inProject(p) >= adminLevel
}
