package bitbucket

import (
	"cmp"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// User names that Bitbucket has for git, whoever owns the token.
const (
	besideAPIToken = "x-bitbucket-api-token-auth"
	besideOthers   = "x-token-auth"
)

// longest is above the length of every token that has a known beginning. OAuth
// tokens have none, and are far longer.
const longest = 1000

// Guess reads the beginning. Those of access tokens are the same for
// repositories, projects and workspaces: the token of a repository is the one
// that every plan has, and what it takes is what the others take too.
func (p *Provider) Guess(token secret.Secret) providers.TokenKind { return guess(token) }

func guess(token secret.Secret) providers.TokenKind {
	text := token.Reveal()
	switch {
	case strings.HasPrefix(text, "ATAT"):
		return providers.APIToken
	case strings.HasPrefix(text, "ATCT"):
		return providers.RepositoryToken
	case strings.HasPrefix(text, "ATBB"):
		return providers.AppPassword
	case len(text) > longest:
		return providers.OAuthToken
	default:
		return providers.UnknownKind
	}
}

// Wants are the two names beside an API token, of which the one for git has a
// default, and the end of every token that somebody made: Bitbucket tells none
// of them. An app password is of no use whatever is known of it.
func (p *Provider) Wants(token secret.Secret) providers.Wants {
	kind := guess(token)
	api := kind == providers.APIToken
	return providers.Wants{Email: api, Username: api, Expiry: kind != providers.AppPassword}
}

// Names are two for one API token: the e-mail address for REST, and for git a
// name that fits everybody, unless its owner has named another.
func (p *Provider) Names(id providers.Identity) providers.Names {
	if !besideEmail(id.Kind, id.Email) {
		return providers.Names{Git: besideOthers}
	}
	return providers.Names{Git: cmp.Or(id.Username, besideAPIToken), REST: id.Email}
}

// besideEmail reports whether a token goes beside an e-mail address. One that
// cannot be told by its looks does so where its owner has given one.
func besideEmail(kind providers.TokenKind, email string) bool {
	return kind == providers.APIToken || kind == providers.UnknownKind && email != ""
}

// present is how a token goes to the API. What is missing for it, or cannot
// work, is a Cause: then nothing is sent.
func present(cred providers.Credential) (wire.Auth, error) {
	kind := guess(cred.Token)
	if cred.Method.OAuth() {
		kind = providers.OAuthToken
	}
	switch {
	case kind == providers.AppPassword:
		return wire.Auth{}, cause.Cause{Kind: cause.AppPassword, Host: cloudHost}
	case !besideEmail(kind, cred.Email):
		return wire.Auth{Token: cred.Token}, nil
	case cred.Email == "":
		return wire.Auth{}, cause.Cause{Kind: cause.NoEmail, Host: cloudHost}
	default:
		return wire.Auth{Token: cred.Token, User: cred.Email}, nil
	}
}

var summed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(AT[AC]TT3.*)([0-9A-F]{8})$`) })

// Mistyped reports whether a token seems to have lost or changed a character on
// its way. Those with a known beginning end with a checksum of what stands
// before it. Atlassian does not say so, so this is for a warning and never for
// a refusal.
func (p *Provider) Mistyped(token secret.Secret) bool {
	text := token.Reveal()
	if !strings.HasPrefix(text, "ATATT3") && !strings.HasPrefix(text, "ATCTT3") {
		return false
	}
	parts := summed().FindStringSubmatch(text)
	if parts == nil {
		return true
	}
	sum, err := strconv.ParseUint(parts[2], 16, 32)
	return err != nil || uint32(sum) != crc32.ChecksumIEEE([]byte(parts[1]))
}
