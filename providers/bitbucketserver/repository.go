package bitbucketserver

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"gitgrant/providers"
	"gitgrant/providers/address"
)

// What the path below a host may look like: pages, with whatever is open of
// them, clone addresses, and plain names. A project of a person has the name of
// that person behind a tilde, and pages of its own.
var (
	repositoryPage = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^projects/([^/]+)/repos/([^/]+)(/.*)?$`) })
	personalPage   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^users/([^/]+)/repos/([^/]+)(/.*)?$`) })
	projectPage    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^projects/([^/]+)(/.*)?$`) })
	cloneAddress   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^scm/([^/]+)/([^/]+)$`) })
	plainName      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([^/]+)(?:/([^/]+))?$`) })
)

// Repository is KEY/slug, or KEY for a whole project, for the address of its
// page, for the address that it is cloned from over HTTPS or SSH, and for the
// plain name. A clone address names the user, whom nobody needs here.
func (Provider) Repository(h providers.Host, named string) (string, error) {
	path, err := below(h, strings.TrimSpace(named))
	if err != nil {
		return "", err
	}
	path = strings.Trim(path, "/")
	var key, slug string
	switch {
	case repositoryPage().MatchString(path):
		found := repositoryPage().FindStringSubmatch(path)
		key, slug = found[1], found[2]
	case personalPage().MatchString(path):
		found := personalPage().FindStringSubmatch(path)
		key, slug = "~"+found[1], found[2]
	case projectPage().MatchString(path):
		key = projectPage().FindStringSubmatch(path)[1]
	case cloneAddress().MatchString(path):
		found := cloneAddress().FindStringSubmatch(path)
		key, slug = found[1], found[2]
	case plainName().MatchString(path):
		found := plainName().FindStringSubmatch(path)
		key, slug = found[1], found[2]
	}
	repository := strings.TrimSuffix(key+"/"+strings.TrimSuffix(slug, ".git"), "/")
	if key == "" || slug == ".git" || !providers.PlainPath(repository) {
		return "", providers.ErrForeignRepository
	}
	return repository, nil
}

// below is what stands behind the address of the host. Over SSH a host has a
// port of its own and no context path. What a page shows of a repository, and
// who clones it, does not matter.
func below(h providers.Host, named string) (string, error) {
	if !strings.Contains(named, "://") {
		return named, nil
	}
	u, err := url.Parse(named)
	if err != nil {
		return "", providers.ErrForeignRepository
	}
	if _, secret := u.User.Password(); secret {
		return "", providers.ErrForeignRepository
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	for _, base := range []string{h.WebURL, h.URL} {
		home, err := url.Parse(base)
		if err != nil {
			continue
		}
		if u.Scheme == "ssh" && strings.EqualFold(u.Hostname(), home.Hostname()) {
			return u.Path, nil
		}
		plain, err := address.Parse(u.String())
		if err != nil || address.Origin(plain) != address.Origin(home) {
			continue
		}
		if rest, found := strings.CutPrefix(plain.Path, home.Path+"/"); found {
			return rest, nil
		}
	}
	return "", providers.ErrForeignRepository
}
