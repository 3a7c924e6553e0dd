package sandbox

import (
	"maps"
	"net/url"
)

// accountIDs are the ids of the accounts; anybody else is number 1.
var accountIDs = map[string]int{person: 583231, robot: 10234567, organization: 9919}

// body reads an answer for the caller, within a repository where repo is set.
func (c *call) body(name string, repo *repository) map[string]any {
	words := map[string]string{"api": c.h.apiURL(c.r), "web": c.h.webURL(c.r), "login": organization}
	if repo != nil {
		words["repo"] = organization + "/" + repo.name
	}
	return expand("github-"+name, words)
}

// account is the short form of an account, as it stands within other answers.
func (c *call) account(login, kind string) map[string]any {
	body := expand("github-account", map[string]string{
		"api": c.h.apiURL(c.r), "web": c.h.webURL(c.r), "login": url.PathEscape(login),
	})
	body["login"], body["type"], body["id"] = login, kind, max(1, accountIDs[login])
	return body
}

func (c *call) user() {
	if c.grant == nil {
		c.fail(401, "Requires authentication", "/rest/users/users#get-the-authenticated-user")
		return
	}
	// A robot account is a user like any other: GitHub knows no difference.
	body := c.account(c.grant.login, "User")
	maps.Copy(body, c.body("user", nil))
	c.json(200, body)
}

func (c *call) root() { c.json(200, c.body("root", nil)) }

func (c *call) meta() {
	body := c.body("meta", nil)
	if c.h.version != "" {
		body = map[string]any{"verifiable_password_authentication": true, "installed_version": c.h.version}
	}
	c.json(200, body)
}

func (c *call) rateLimit() {
	if c.h.provider == enterprise {
		c.fail(404, "Rate limiting is not enabled.", "/rest/rate-limit/rate-limit")
		return
	}
	now := c.rate(0)
	core := map[string]any{
		"limit": now.limit, "used": now.used, "remaining": now.limit - now.used,
		"reset": now.reset.Unix(), "resource": "core",
	}
	search := maps.Clone(core)
	search["limit"], search["used"], search["remaining"], search["resource"] = 30, 0, 30, "search"
	c.json(200, map[string]any{"resources": map[string]any{"core": core, "search": search}, "rate": core})
}

func (c *call) repositoryBody(repo *repository) map[string]any {
	body := c.body("repository", repo)
	body["owner"] = c.account(organization, "Organization")
	body["id"], body["name"], body["archived"], body["private"] = repo.id, repo.name, repo.archived, repo.private
	body["visibility"] = "public"
	if repo.private {
		body["visibility"] = "private"
	}
	if c.grant != nil {
		r := repo.roleOf(c.grant.login)
		body["permissions"] = map[string]bool{
			"admin": r == admin, "maintain": r == admin, "push": r >= pusher, "triage": r >= pusher, "pull": r >= puller || !repo.private,
		}
	}
	return body
}
