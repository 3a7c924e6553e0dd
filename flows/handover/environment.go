package handover

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// Variable is one variable of an environment.
type Variable struct {
	Name  string
	Value secret.Secret
}

var variable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// Environment is the token and its user name under the names that the programs
// of the ecosystem read.
func Environment(s Subject, o Options) ([]Variable, error) {
	list := []Variable{{"GIT_TOKEN", s.Token}}
	if s.Names.Git != "" {
		list = append(list, Variable{"GIT_USER", secret.New(s.Names.Git)})
	}
	list = append(list, Variable{tokenVariable(s.Host.Provider), s.Token})
	switch {
	case o.Env == "":
		return list, nil
	case !variable().MatchString(o.Env) || o.Env == "GIT_USER":
		return nil, ErrVariable
	}
	for _, v := range list {
		if v.Name == o.Env {
			return list, nil
		}
	}
	return append(list, Variable{o.Env, s.Token}), nil
}

func tokenVariable(kind providers.Kind) string {
	switch kind {
	case providers.GitLab, providers.GitLabServer:
		return "GITLAB_TOKEN"
	case providers.Bitbucket, providers.BitbucketServer:
		return "BITBUCKET_TOKEN"
	default:
		return "GITHUB_TOKEN"
	}
}

// ReadBefore are the variables in which programs look for a token of this kind
// of host before they look where Environment puts it. What is there already is
// somebody else's, and would be used in place of the token.
func ReadBefore(kind providers.Kind) []string {
	switch kind {
	case providers.GitLab, providers.GitLabServer:
		return []string{"GL_TOKEN"} // semantic-release
	case providers.Bitbucket, providers.BitbucketServer:
		return []string{"BB_TOKEN"} // semantic-release
	case providers.GitHubEnterprise:
		return []string{"GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"} // gh, which takes the last two for such a host
	default:
		return []string{"GH_TOKEN"} // gh, and many after it
	}
}

// dotenv is the environment as lines that a shell and the readers of .env files
// take alike.
func dotenv(s Subject, o Options) ([]byte, error) {
	variables, err := Environment(s, o)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, v := range variables {
		value, err := inShell(v.Value.Reveal())
		if err != nil {
			return nil, err
		}
		b.WriteString(v.Name + "=" + value + "\n")
	}
	return b.Bytes(), nil
}

var bare = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`) })

// inShell writes a value so that a shell reads it as it is. What needs no quotes
// gets none, since some readers of .env files take quotes for a part of the
// value; single quotes are what most agree on; a quote inside them can only be
// told to a shell.
func inShell(value string) (string, error) {
	switch {
	case strings.ContainsFunc(value, unicode.IsControl):
		return "", ErrUnwritten
	case bare().MatchString(value):
		return value, nil
	default:
		return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'", nil
	}
}
