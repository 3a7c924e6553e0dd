package sandbox

import (
	"net/http"
	"path"
	"strconv"
	"strings"
)

// The access levels of GitLab.
const (
	guest      = 10
	reporter   = 20
	developer  = 30
	maintainer = 40
	owner      = 50
)

// membership is how an account belongs to a project: by itself, by its group,
// or by a group that the project is shared with, which GitLab does not tell.
type membership struct{ project, group, shared int }

// level is the one that counts.
func (m membership) level() int { return max(m.project, m.group, m.shared) }

// gitLabProject is a project of the group acme.
type gitLabProject struct {
	id       int
	path     string
	public   bool
	archived bool
	members  map[string]membership
}

var gitLabProjects = []gitLabProject{
	{id: 2001, path: "acme/app", members: map[string]membership{
		robot: {project: maintainer}, person: {project: developer},
		projectBot: {project: maintainer}, groupBot: {group: owner}, serviceAccount: {group: maintainer},
	}},
	{id: 2002, path: "acme/readonly", members: map[string]membership{
		robot: {project: reporter}, person: {project: reporter}, groupBot: {group: reporter},
	}},
	{id: 2003, path: "acme/tickets", members: map[string]membership{robot: {project: guest}, person: {project: guest}}},
	{id: 2004, path: "acme/public", public: true},
	{id: 2005, path: "acme/archived", archived: true, members: map[string]membership{robot: {project: maintainer}, person: {project: developer}}},
	{id: 2006, path: "acme/hidden"},
	{id: 2007, path: "acme/shared", members: map[string]membership{robot: {shared: maintainer}, person: {shared: developer}}},
	{id: 2008, path: "acme/both", members: map[string]membership{robot: {project: reporter, group: maintainer}, person: {project: developer, group: guest}}},
	{id: 2009, path: "acme/platform/infra", members: map[string]membership{robot: {group: maintainer}, person: {group: developer}}},
}

// gitLabProjectOf finds a project by its path or its number.
func gitLabProjectOf(id string) *gitLabProject {
	for i := range gitLabProjects {
		if p := &gitLabProjects[i]; p.path == id || strconv.Itoa(p.id) == id {
			return p
		}
	}
	return nil
}

// shows reports whether an account, or nobody where it is empty, sees a
// project at all.
func (p *gitLabProject) shows(account string) bool {
	return p != nil && (p.public || p.members[account].level() > 0)
}

// find is the project of the address where the caller may see it; where it may
// not, the answer is given already.
func (c *gitLabCall) find() *gitLabProject {
	p := gitLabProjectOf(c.r.PathValue("id"))
	if !p.shows(c.token.owner) {
		c.message(404, "404 Project Not Found")
		return nil
	}
	return p
}

func (c *gitLabCall) project() {
	p := c.find()
	if p == nil {
		return
	}
	namespace, name := path.Split(p.path)
	namespace = strings.TrimSuffix(namespace, "/")
	body := expand("gitlab-project", map[string]string{
		"web": c.h.webURL(c.r), "host": c.r.Host, "path": p.path, "name": name, "namespace": namespace, "group": path.Base(namespace),
	})
	body["id"], body["archived"] = p.id, p.archived
	body["visibility"] = "private"
	if p.public {
		body["visibility"] = "public"
	}
	if c.text != "" {
		m := p.members[c.token.owner]
		body["permissions"] = map[string]any{"project_access": access(m.project), "group_access": access(m.group)}
	}
	c.json(200, body)
}

// access is a membership as a project tells it, null where there is none.
func access(level int) any {
	if level == 0 {
		return nil
	}
	return map[string]int{"access_level": level, "notification_level": 3}
}

// hooks answers to maintainers alone.
func (c *gitLabCall) hooks() {
	p := c.find()
	if p == nil {
		return
	}
	if p.members[c.token.owner].level() < maintainer {
		c.message(http.StatusForbidden, "403 Forbidden")
		return
	}
	body := expand("gitlab-hook", map[string]string{})
	body["project_id"] = p.id
	c.json(200, []any{body})
}
