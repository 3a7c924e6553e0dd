package handover

import (
	"encoding/json"

	"github.com/goccy/go-yaml"

	"gitgrant/providers"
)

// quoted is a text that stands in quotes, whatever it holds: the escapes of
// JSON mean the same between the double quotes of YAML.
type quoted string

// MarshalYAML implements yaml.BytesMarshaler.
func (q quoted) MarshalYAML() ([]byte, error) { return json.Marshal(string(q)) }

// tree is a mapping in the order in which it is written.
type tree = yaml.MapSlice

func item(key string, value any) yaml.MapItem { return yaml.MapItem{Key: key, Value: value} }

// The label that says who wrote an object, and the one that Argo CD goes by.
const (
	managedBy  = "app.kubernetes.io/managed-by"
	secretType = "argocd.argoproj.io/secret-type"
)

// object is a Secret in the order in which people write one.
func object(name string, o Options, labels tree, data tree) ([]byte, error) {
	metadata := tree{item("name", quoted(name))}
	if o.Namespace != "" {
		metadata = append(metadata, item("namespace", quoted(o.Namespace)))
	}
	metadata = append(metadata, item("labels", append(tree{item(managedBy, "gitgrant")}, labels...)))
	return yaml.Marshal(tree{
		item("apiVersion", "v1"),
		item("kind", "Secret"),
		item("metadata", metadata),
		item("type", "Opaque"),
		item("stringData", data),
	})
}

func kubernetesSecret(s Subject, o Options) ([]byte, error) {
	name, err := s.named(o)
	if err != nil {
		return nil, err
	}
	return object(name, o, nil, tree{item("token", quoted(s.Token.Reveal()))})
}

// helmValues are the values of the chart of the GitOps runtime.
func helmValues(s Subject, o Options) ([]byte, error) {
	name, err := s.named(o)
	if err != nil {
		return nil, err
	}
	if s.Names.Git == "" {
		return nil, ErrNoUser
	}
	password := tree{item("secretKeyRef", tree{item("name", quoted(name)), item("key", "token")})}
	return yaml.Marshal(tree{item("global", tree{item("runtime", tree{
		item("name", quoted(s.Runtime)),
		item("gitCredentials", tree{item("username", quoted(s.Names.Git)), item("password", password)}),
	})})})
}

// repoCreds is what Argo CD clones with: a template for every repository whose
// address begins as it says. User name and password exclude a bearer token.
func repoCreds(s Subject, o Options) ([]byte, error) {
	address, err := s.prefix(o.Repository)
	if err != nil {
		return nil, err
	}
	name := o.Name
	if name == "" {
		name = s.repoCredsName()
	}
	data := tree{item("type", "git"), item("url", quoted(address))}
	switch {
	case s.Names.Bearer:
		data = append(data, item("bearerToken", quoted(s.Token.Reveal())))
	case s.Names.Git == "":
		return nil, ErrNoUser
	default:
		data = append(data, item("username", quoted(s.Names.Git)), item("password", quoted(s.Token.Reveal())))
	}
	return object(name, o, tree{item(secretType, "repo-creds")}, data)
}

// repoCredsName says whose it is, so that no other runtime's is overwritten.
func (s Subject) repoCredsName() string {
	if s.Purpose == providers.User {
		return s.Runtime + "-user-repo-creds"
	}
	return s.Runtime + "-repo-creds"
}

// argoEvents is what an event source makes webhooks with, under the name that
// the examples of Argo Events refer to.
func argoEvents(s Subject, o Options) ([]byte, error) {
	name := s.eventsName(o)
	if s.Kind == providers.APIToken && s.Names.REST == "" {
		return nil, ErrNoUser
	}
	if s.basicForEvents() {
		return object(name, o, nil, tree{item("username", quoted(s.Names.REST)), item("password", quoted(s.Token.Reveal()))})
	}
	return object(name, o, nil, tree{item("token", quoted(s.Token.Reveal()))})
}

func (s Subject) eventsName(o Options) string {
	if o.Name != "" {
		return o.Name
	}
	return eventSource(s.Host.Provider) + "-access"
}

// basicForEvents reports whether Argo Events sends a user name: it does so for
// Bitbucket Cloud, where the token is one that wants a name for REST.
func (s Subject) basicForEvents() bool {
	return s.Host.Provider == providers.Bitbucket && s.Names.REST != ""
}

// eventSource is what Argo Events calls a kind of host.
func eventSource(kind providers.Kind) string {
	switch kind {
	case providers.GitLab, providers.GitLabServer:
		return "gitlab"
	case providers.Bitbucket:
		return "bitbucket"
	case providers.BitbucketServer:
		return "bitbucketserver"
	default:
		return "github"
	}
}

// Source is what an event source says to find the token and the host: a field
// with the name of the Secret and its keys, and for a host of one's own a field
// with its address.
type Source struct {
	Field  string
	Secret string
	Keys   []string

	AddressField string // empty where none is needed
	Address      string
}

// EventSource is what belongs into the event source that uses what argo-events
// writes.
func EventSource(s Subject, o Options) Source {
	source := Source{Field: "accessToken", Secret: s.eventsName(o), Keys: []string{"token"}}
	switch s.Host.Provider {
	case providers.GitLab, providers.GitLabServer:
		source.AddressField, source.Address = "gitlabBaseURL", s.Host.WebURL
	case providers.BitbucketServer:
		source.AddressField, source.Address = "bitbucketserverBaseURL", s.Host.APIURL
	case providers.Bitbucket:
		source.Field = "auth.oauthToken"
		if s.basicForEvents() {
			source.Field, source.Keys = "auth.basic", []string{"username", "password"}
		}
	case providers.GitHubEnterprise:
		source.Field = "apiToken"
		source.AddressField, source.Address = "githubBaseURL", s.Host.APIURL
	default:
		source.Field = "apiToken"
	}
	return source
}
