// Package handover writes a token in the forms that its consumers read: an
// installer, Argo CD, Argo Events, a shell.
//
// Rules of this package:
//
//   - It knows what consumers want and nothing of where a token comes from or
//     who reads what is written here. It keeps nothing.
//   - The names, keys and labels are those that the consumers document. What
//     gitgrant may name itself is named after the runtime.
//   - Values for a chart refer to a Secret and never hold one: charts write all
//     their values into the cluster in plain.
//   - Every text in a manifest is quoted, so that no reader of YAML takes one
//     for a number, a date or a truth.
package handover

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// Format is a form in which a token is handed over, as --as names it.
type Format string

// The formats.
const (
	KubernetesSecret Format = "kubernetes-secret"
	HelmValues       Format = "helm-values"
	RepoCreds        Format = "argocd-repo-creds"
	ArgoEvents       Format = "argo-events"
	Dotenv           Format = "dotenv"
)

// Formats are all of them, in the order in which they are listed.
var Formats = []Format{KubernetesSecret, HelmValues, RepoCreds, ArgoEvents, Dotenv}

// Secret reports whether what is written in the format holds the token.
func (f Format) Secret() bool { return f != HelmValues }

// Manifest reports whether the format is an object for a cluster.
func (f Format) Manifest() bool { return f == KubernetesSecret || f == RepoCreds || f == ArgoEvents }

// Subject is a token and all that the forms tell of it.
type Subject struct {
	Runtime string
	Purpose providers.Purpose
	Host    providers.Host
	Kind    providers.TokenKind
	Names   providers.Names
	Token   secret.Secret // not looked at where the format holds no secret
}

// Options are what the person may choose.
type Options struct {
	Namespace string // of a manifest; empty leaves it to whoever applies it
	Name      string // of the Secret; empty is the default
	// Repository is the address, or the beginning of the addresses, that Argo CD
	// uses the token for; empty is the whole host.
	Repository string
	// Env is one more variable that gets the token.
	Env string
}

// Refusals of Write and Environment.
var (
	ErrName      = errors.New("that is not a name for a Secret")
	ErrNamespace = errors.New("that is not a name for a namespace")
	ErrReserved  = errors.New("the chart makes a Secret of that name itself")
	ErrVariable  = errors.New("that is not a name for a variable")
	ErrForeign   = errors.New("that is not on the host of the token")
	ErrNoUser    = errors.New("the user name that this consumer needs is not known")
	ErrUnwritten = errors.New("a value holds characters that the form cannot hold")
)

const label = `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`

var (
	oneLabel  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + label + `$`) })
	subdomain = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + label + `(\.` + label + `)*$`) })
)

// longestName is what Kubernetes allows the name of an object.
const longestName = 253

// Write writes the subject in a format.
func Write(f Format, s Subject, o Options) ([]byte, error) {
	if o.Namespace != "" && !oneLabel().MatchString(o.Namespace) {
		return nil, ErrNamespace
	}
	if o.Name != "" && (!subdomain().MatchString(o.Name) || len(o.Name) > longestName) {
		return nil, ErrName
	}
	switch f {
	case KubernetesSecret:
		return kubernetesSecret(s, o)
	case HelmValues:
		return helmValues(s, o)
	case RepoCreds:
		return repoCreds(s, o)
	case ArgoEvents:
		return argoEvents(s, o)
	case Dotenv:
		return dotenv(s, o)
	default:
		return nil, fmt.Errorf("no such format: %q", f)
	}
}

// SecretName is how the Secret with the token is called where nobody says
// otherwise.
func (s Subject) SecretName() string { return s.Runtime + "-git-" + string(s.Purpose) + "-token" }

// named is the name of that Secret under the options. Two names are the
// chart's own: what it wrote there would be overwritten, or overwrite this.
func (s Subject) named(o Options) (string, error) {
	if o.Name == "" {
		return s.SecretName(), nil
	}
	if slices.Contains([]string{"codefresh-token", s.Runtime + "-git-password"}, o.Name) {
		return "", ErrReserved
	}
	return o.Name, nil
}

// prefix is the address that Argo CD matches repositories with. It compares
// letters and no hosts, so that the whole host ends with a slash: else the token
// would go to every host whose name begins like this one.
func (s Subject) prefix(named string) (string, error) {
	if named == "" {
		return s.Host.WebURL + "/", nil
	}
	path, full := strings.Trim(named, "/"), strings.Contains(named, "://")
	if full {
		var found bool
		if path, found = s.pathOf(strings.TrimRight(named, "/")); !found {
			return "", ErrForeign
		}
	}
	if path == "" {
		return s.Host.WebURL + "/", nil
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || !inPath().MatchString(part) {
			return "", ErrForeign
		}
	}
	if !full && s.Host.Provider == providers.BitbucketServer && !strings.HasPrefix(path, "scm/") {
		path = "scm/" + path // where this kind of host keeps its clones
	}
	return s.Host.WebURL + "/" + path, nil
}

var inPath = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._~-]+$`) })

// pathOf is what is behind the address of the host, as either of its names.
func (s Subject) pathOf(address string) (path string, found bool) {
	for _, base := range []string{s.Host.WebURL, s.Host.URL} {
		if address == base {
			return "", true
		}
		if path, found = strings.CutPrefix(address, base+"/"); found {
			return path, true
		}
	}
	return "", false
}
