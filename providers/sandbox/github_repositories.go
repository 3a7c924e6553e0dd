package sandbox

// role is what an account may do in a repository.
type role int

const (
	outsider role = iota
	puller
	pusher
	admin
)

// repository is one of the organization acme.
type repository struct {
	id       int
	name     string
	private  bool
	archived bool
	roles    map[string]role
	// movedTo is the name that a renamed repository has now.
	movedTo string
}

const organization = "acme"

var repositories = []repository{
	{id: 1296269, name: "app", private: true, roles: map[string]role{robot: admin, person: pusher}},
	{id: 1296270, name: "readonly", private: true, roles: map[string]role{robot: puller, person: puller}},
	{id: 1296271, name: "public", roles: map[string]role{robot: puller, person: puller}},
	{id: 1296272, name: "archived", private: true, archived: true, roles: map[string]role{robot: admin, person: pusher}},
	{id: 1296273, name: "hidden", private: true},
	{name: "renamed", private: true, roles: map[string]role{robot: admin, person: pusher}, movedTo: "app"},
}

func repositoryOf(owner, name string) *repository {
	for i := range repositories {
		if owner == organization && repositories[i].name == name {
			return &repositories[i]
		}
	}
	return nil
}

func (repo *repository) roleOf(login string) role { return repo.roles[login] }

// sees reports whether a token reaches a repository at all; g may be nil.
func (g *grant) sees(repo *repository) bool {
	switch {
	case repo == nil:
		return false
	case !repo.private:
		return true
	case g == nil || g.pending || repo.roleOf(g.login) == outsider:
		return false
	default:
		return !g.kind.scoped() || covers(g.scopes, "repo")
	}
}

// mayPush leaves the account's role aside: it is about the token alone.
func (g *grant) mayPush(repo *repository) bool {
	switch {
	case !g.kind.scoped():
		return g.contents == write && !g.pending
	case repo.private:
		return covers(g.scopes, "repo")
	default:
		return covers(g.scopes, "public_repo")
	}
}

// find is the repository of the address where the caller may see it; where it
// may not, or the repository has moved, the answer is given already.
func (c *call) find() *repository {
	repo := repositoryOf(c.r.PathValue("owner"), c.r.PathValue("repo"))
	if !c.grant.sees(repo) {
		c.notFound()
		return nil
	}
	if repo.movedTo != "" {
		now := repositoryOf(organization, repo.movedTo)
		to := c.h.apiURL(c.r) + "/repos/" + organization + "/" + now.name
		c.w.Header().Set("Location", to)
		c.json(301, map[string]string{
			"message": "Moved Permanently", "url": to, "documentation_url": c.h.docs("/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"),
		})
		return nil
	}
	return repo
}

// permitted reports whether a token that goes by permissions has one; where it
// has not, the answer is given already.
func (c *call) permitted(have permission) bool {
	if c.grant == nil || c.grant.kind.scoped() || have >= read {
		return true
	}
	by := "personal access token"
	if c.grant.kind == appUser {
		by = "integration"
	}
	c.fail(403, "Resource not accessible by "+by, "/rest")
	return false
}

func (c *call) repository() {
	if repo := c.find(); repo != nil {
		c.json(200, c.repositoryBody(repo))
	}
}

func (c *call) contents() {
	if repo := c.find(); repo != nil && c.permitted(c.contentsPermission(repo)) {
		c.json(200, []any{c.body("content", repo)})
	}
}

func (c *call) commits() {
	if repo := c.find(); repo != nil && c.permitted(c.contentsPermission(repo)) {
		c.json(200, []any{c.body("commit", repo)})
	}
}

// contentsPermission is read at least where anybody may read.
func (c *call) contentsPermission(repo *repository) permission {
	if c.grant == nil {
		return read
	}
	if !repo.private {
		return max(read, c.grant.contents)
	}
	return c.grant.contents
}

// hooks answers to administrators alone, and to a webhook scope even where the
// token does not reach the repository itself.
func (c *call) hooks() {
	repo := repositoryOf(c.r.PathValue("owner"), c.r.PathValue("repo"))
	g := c.grant
	switch {
	case repo == nil || g == nil || g.pending || repo.roleOf(g.login) != admin:
		c.notFound()
	case g.kind.scoped() && !covers(g.scopes, "read:repo_hook") && !g.mayPush(repo):
		c.notFound()
	case repo.movedTo != "":
		c.find()
	case c.permitted(g.hooks):
		c.json(200, []any{c.body("hook", repo)})
	}
}
