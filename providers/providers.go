// Package providers says what the kinds of Git host are and how they speak.
//
// Rules of this package and its folders:
//
//   - A Provider answers about one kind of host: its addresses, its ways to
//     authorize, what a credential may do, and the page where a person makes
//     one. It keeps nothing, shows nothing and knows nobody above it.
//   - Proof is read-only. Nothing is created or changed at a host to find out
//     what a token may do; what cannot be proven so is Unverifiable.
//   - What a purpose needs is data: requirements.yaml beside this file.
//   - Two providers never know each other.
package providers

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// Kind is one of the kinds of Git host, as --provider names it.
type Kind string

// The six kinds.
const (
	GitHub           Kind = "github"
	GitHubEnterprise Kind = "github-enterprise"
	GitLab           Kind = "gitlab"
	GitLabServer     Kind = "gitlab-server"
	Bitbucket        Kind = "bitbucket"
	BitbucketServer  Kind = "bitbucket-server"
)

// Kinds are all six, in the order in which they are offered.
var Kinds = []Kind{GitHub, GitHubEnterprise, GitLab, GitLabServer, Bitbucket, BitbucketServer}

// Purpose is what a token is for.
type Purpose string

// The two purposes.
const (
	Runtime Purpose = "runtime"
	User    Purpose = "user"
)

// Purposes are both, in the order in which they are set up.
var Purposes = []Purpose{Runtime, User}

// Method is a way to authorize.
type Method string

// The ways to authorize. Device and Browser are the two flows of OAuth2.
const (
	Device  Method = "device"
	Browser Method = "browser"
	PAT     Method = "pat"
)

// OAuth reports whether the method is a flow of OAuth2.
func (m Method) OAuth() bool { return m == Device || m == Browser }

// TokenKind is what sort of token it is.
type TokenKind string

// The sorts of token, in the words of the reports.
const (
	ClassicPAT          TokenKind = "classic-pat"
	FineGrainedPAT      TokenKind = "fine-grained-pat"
	OAuthToken          TokenKind = "oauth"
	PersonalAccessToken TokenKind = "personal-access-token"
	ProjectToken        TokenKind = "project-token"
	GroupToken          TokenKind = "group-token"
	ServiceAccountToken TokenKind = "service-account-token"
	APIToken            TokenKind = "api-token"
	RepositoryToken     TokenKind = "repository-token"
	WorkspaceToken      TokenKind = "workspace-token"
	HTTPAccessToken     TokenKind = "http-access-token"
	AppPassword         TokenKind = "app-password"
	UnknownKind         TokenKind = "unknown"
)

// Host is one instance of a provider and how to reach it: its profile.
type Host struct {
	URL      string // what --host takes: scheme, host, port, context path; identifies the host
	Provider Kind
	WebURL   string // pages, sign-in, clones; no final slash
	APIURL   string // root of the REST API as its provider documents it; no final slash
	ClientID string // OAuth application, empty where none is known
	Redirect string // that it is registered with; empty for what its provider proposes
	// Life is of the tokens to ask for at a sign-in, where a host leaves the choice:
	// ShortTokens, or LongTokens, which is also what empty means.
	Life string

	CAFile     string
	ClientCert string
	ClientKey  string
	Proxy      string

	// Methods are the ways that the host's admin allows: "oauth", "pat". Empty
	// allows both.
	Methods []string
}

// Allows reports whether the profile of the host permits a method.
func (h Host) Allows(m Method) bool {
	if len(h.Methods) == 0 {
		return true
	}
	if m.OAuth() {
		return slices.Contains(h.Methods, "oauth")
	}
	return slices.Contains(h.Methods, string(m))
}

// Credential is a token on its way to a host, with the names that some hosts
// want beside it.
type Credential struct {
	Token    secret.Secret
	Refresh  secret.Secret // empty where the host gave none
	Method   Method
	Email    string // user name for REST (Bitbucket Cloud)
	Username string // user name for git, where it is not the account's login
	// AppSecret is the secret of the OAuth application that the token was issued
	// to; empty where that has none, and where nobody has told it.
	AppSecret secret.Secret
}

// Account is whose token it is. Its texts are cleaned.
type Account struct {
	Login string `json:"login,omitempty"`
	Name  string `json:"name,omitempty"`
	Robot bool   `json:"robot,omitempty"` // the host itself says that it is no person
}

// ExpirySource says how an expiry is known.
type ExpirySource string

// The sources of an expiry. ExpiryNone is a token known not to expire.
const (
	ExpiryProvider ExpirySource = "provider"
	ExpiryOAuth    ExpirySource = "oauth"
	ExpiryUser     ExpirySource = "user"
	ExpiryNone     ExpirySource = "none"
	ExpiryUnknown  ExpirySource = "unknown"
)

// Expiry is when a token ends and how that is known.
type Expiry struct {
	At     time.Time
	Source ExpirySource
}

// Rights are the scopes that a host says a token has. Known is false where the
// host does not tell them; no scopes at all is Known and empty.
type Rights struct {
	Known    bool
	Scopes   []string
	Evidence string // where it was read, e.g. "x-oauth-scopes header"
}

// Inspection is what a host says about a credential now.
type Inspection struct {
	Account Account
	Kind    TokenKind
	Rights  Rights
	Expiry  Expiry
	// LastUsed is zero where the host does not tell it.
	LastUsed time.Time
	// Shown are requirements, by name, that an answer of the host shows at work
	// although no scope grants them, with the evidence.
	Shown   map[string]string
	Version string // of the host, where it tells; cleaned
}

// Right is something that a token may do with one repository.
type Right string

// The rights that a repository proof tests. The last two are those of hosts
// that give out administration as such, of a repository and of everything in
// the project around it.
const (
	Clone           Right = "clone"
	Push            Right = "push"
	Webhooks        Right = "webhooks"
	RepositoryAdmin Right = "repository-admin"
	ProjectAdmin    Right = "project-admin"
)

// Proof is what a read-only probe of one repository showed about one right.
type Proof struct {
	Repository string `json:"repository"` // as the host names it
	Right      Right  `json:"right"`
	State      State  `json:"state"`
	Evidence   string `json:"evidence,omitempty"`
	// User is the user name that git was refused beside, where it takes the same
	// token beside another: the name is wrong, and the token is not.
	User string `json:"user,omitempty"`
}

// Provider is one kind of Git host. A client that is passed in was made for
// the host beside it.
type Provider interface {
	Kind() Kind
	// Methods are the ways to authorize that this kind of host has.
	Methods() []Method
	// Since is the first version of such a host that has a way to authorize;
	// empty where all have it.
	Since(m Method) string
	// Locate turns what a person typed into a host. Empty is the cloud host of
	// the provider, where it has one. The error is one of package address,
	// ErrNeedHost or ErrOtherKind.
	Locate(input string) (Host, error)
	// Meet asks a host, without a token, whether it is of this kind. The
	// version is empty where the host does not tell it.
	Meet(ctx context.Context, c *wire.Client, h Host) (version string, err error)
	// Inspect asks what a credential is and may do. Beside an error the
	// inspection holds nothing but the kind, where the token tells it by itself.
	Inspect(ctx context.Context, c *wire.Client, h Host, cred Credential) (Inspection, error)
	// Prove probes one repository (a path such as acme/app) for rights. The
	// error says why it could not be asked, or why the token is dead after all.
	Prove(ctx context.Context, c *wire.Client, h Host, cred Credential, q Question) ([]Proof, error)
	// Device is the device flow of this host for the application in its
	// profile. Nobody asks where Methods does not have it.
	Device(h Host, scopes []string) oauth.Device
	// Browser is the sign-in in a browser for the application in the profile of
	// this host, without its secret.
	Browser(h Host, scopes []string) oauth.Browser
	// Application is the application in the profile of this host at its token
	// endpoint, without its secret, which rests elsewhere.
	Application(h Host) oauth.Application
	// TokenPage is where a person makes a token, filled in as far as the host
	// can be told.
	TokenPage(h Host, p Purpose, name string) string
	// ManagePage is where a person sees, renews and deletes tokens.
	ManagePage(h Host) string
	// Guess says what a token looks like. It is a hint, never a reason to
	// refuse.
	Guess(token secret.Secret) TokenKind
	// Wants are the facts beside a token of this look that only its owner can
	// tell.
	Wants(token secret.Secret) Wants
	// Names are the user names that stand beside a token.
	Names(id Identity) Names
	// Registration says how to register an OAuth application on this host.
	Registration(h Host) Registration
	// CheckApplication refuses a client id that cannot work for gitgrant, with
	// a cause.Cause.
	CheckApplication(clientID string) error
}

// Wants are the facts that a person is asked for beside a token: the host does
// not tell them, or cannot be spoken with before they are known.
type Wants struct {
	Email    bool // the user name for REST
	Username bool // the user name for git
	Expiry   bool // the host never tells when such a token ends
}

// Proofreader is a Provider whose tokens show by themselves, without anybody
// being asked, that one was not copied as it is.
type Proofreader interface {
	// Mistyped is a reason to warn and never to refuse.
	Mistyped(token secret.Secret) bool
}

// LooksMistyped reports whether a token was not copied as it is, as far as a
// provider can tell. It is never more than a warning.
func LooksMistyped(p Provider, token secret.Secret) bool {
	reader, ok := p.(Proofreader)
	return ok && reader.Mistyped(token)
}

// OfflineAccess is asked for beside the scopes where a host hands out a refresh
// token to those alone who do. It is no right, and no token has it.
const OfflineAccess = "offline_access"

// Renewing is a Provider whose hosts have to be asked for a token that ends soon
// and can be renewed; without a word it does not end.
type Renewing interface {
	AsksToRenew(p Purpose) bool
}

// The OAuth tokens that a profile can ask for. Short ones end within hours and
// are renewed by gitgrant, and by nobody to whom a copy was handed.
const (
	ShortTokens = "short-lived"
	LongTokens  = "long-lived"
)

// Asked are the scopes to ask a host for, the word for a token that can be
// renewed among them where its profile wants one.
func Asked(p Provider, h Host, purpose Purpose) (scopes []string, offline bool) {
	scopes = PolicyOf(p.Kind()).Scopes(purpose, OAuthToken)
	r, ok := p.(Renewing)
	if !ok || h.Life != ShortTokens || !r.AsksToRenew(purpose) {
		return scopes, false
	}
	return append(scopes, OfflineAccess), true
}

// Identity is what is known of whose a token is, and of what kind: everything
// that its user names depend on.
type Identity struct {
	Kind     TokenKind
	Account  Account // as the host tells it
	Email    string  // as its owner told it
	Username string  // for git, as its owner told it
}

// Names are the user names that a token needs beside it, by who asks. Hosts
// want different ones for the same token.
type Names struct {
	Git  string // for clone and push over HTTPS
	REST string // beside the token in Basic; empty where it goes as Bearer
	// Bearer says that git is to send the token as Bearer, without a user name,
	// wherever that can be had; Git is for those who have Basic alone.
	Bearer bool
}

// Refusals of Locate beside those of package address.
var (
	ErrNeedHost  = errors.New("this kind of host has no cloud instance: an address is needed")
	ErrOtherKind = errors.New("that address belongs to another kind of host")
)

// Question is what a repository proof is to find out.
type Question struct {
	Repository string
	Kind       TokenKind // of the token, as Inspect found it
	Rights     []Right
}

// Registration is the form for OAuth applications of a host.
type Registration struct {
	Page string // its address
	// Made is where those that were registered are listed, each with its secret;
	// empty where Page does. MadeWay leads on from there as Way does.
	Made    string
	MadeWay []string
	Way     []string // from there to the form, by what the links are called, where it has no address of its own
	Fields  []Field
	ID      string // what the host calls a client id
	// HTTPSOff is what an administrator sets at a host that takes no callback
	// but https, so that it takes Loopback; empty where every host does.
	HTTPSOff string
}

// Secrets is where the secret of an application is found.
func (r Registration) Secrets() string { return cmp.Or(r.Made, r.Page) }

// Field is one field of a form: a text to fill in, or a box to tick or to leave
// empty.
type Field struct {
	Label  string // what the page calls it
	Value  string // empty for a box
	Ticked bool
}

// Loopback is the callback of an application on a person's own machine, on
// whatever port is free there. The device flow never uses it, but the forms
// demand one.
const Loopback = "http://127.0.0.1/callback"

// Callback is where the browser ends a sign-in at this host: what its profile
// says, else what its provider proposes.
func (h Host) Callback(proposed string) string { return cmp.Or(h.Redirect, proposed) }

// ErrForeignRepository says that a repository is not on the host at hand.
var ErrForeignRepository = errors.New("the repository is not on this host")

// Namer is a Provider whose hosts name repositories in ways of their own:
// addresses that are no path below the host, or more than repositories.
type Namer interface {
	// Repository is what Prove takes for a name that a person gave.
	// ErrForeignRepository is the refusal.
	Repository(h Host, named string) (string, error)
}

// RepositoryOf is what Prove of the provider takes for a name that a person
// gave.
func RepositoryOf(p Provider, h Host, named string) (string, error) {
	if own, ok := p.(Namer); ok {
		return own.Repository(h, named)
	}
	return h.Repository(named)
}

// Repository is the path of a repository on this host, named by the host's own
// address or by the address that its profile gives, or as a bare path.
func (h Host) Repository(named string) (string, error) {
	rest := named
	if strings.Contains(named, "://") {
		var found bool
		for _, base := range []string{h.WebURL, h.URL} {
			if after, ok := strings.CutPrefix(named, base+"/"); ok {
				rest, found = after, true
				break
			}
		}
		if !found {
			return "", ErrForeignRepository
		}
	}
	rest = strings.TrimSuffix(strings.Trim(rest, "/"), ".git")
	if !PlainPath(rest) || !strings.Contains(rest, "/") {
		return "", ErrForeignRepository
	}
	return rest, nil
}

// PlainPath reports whether a path has nothing in it that an address would have
// to escape, and no part that leads elsewhere.
func PlainPath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, notInPath) {
			return false
		}
	}
	return true
}

func notInPath(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.~", r)
}
