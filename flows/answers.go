package flows

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// Answers are what a person has said in a conversation. They stay when the
// conversation goes back.
type Answers struct {
	Runtime  string
	Purpose  providers.Purpose
	Provider providers.Kind
	Host     string
	Method   providers.Method
	ClientID string
	// ClientSecret is that of the OAuth application, where the host wants one.
	ClientSecret secret.Secret
	Token        secret.Secret

	Email, Username string
	Stated          providers.Expiry // by the person, where the host cannot tell
	Repositories    []string         // as named; to prove the token against
	Force           bool             // store although scopes are missing
	ReplaceAccount  bool             // let a re-authorization change the account
}

var runtimeName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`) })

// CheckRuntimeName refuses what cannot be the name of a runtime.
func CheckRuntimeName(name string) error {
	if !runtimeName().MatchString(name) {
		return ErrRuntimeName
	}
	return nil
}

// maxToken is well above the longest tokens in use, which are OAuth tokens of
// about 3,000 bytes.
const maxToken = 6000

// ReadToken makes a token of what was typed, pasted or piped in: white space
// around it, line ends, quotes and a leading "Authorization:", "Bearer" or
// "token" are taken off. What is then empty or holds anything but visible
// ASCII is refused, and was not sent anywhere.
func ReadToken(text string) (secret.Secret, error) {
	text = strings.TrimFunc(text, wrapping)
	for _, word := range []string{"authorization:", "bearer ", "token "} {
		text = cutWord(text, word)
	}
	token := secret.New(text)
	switch {
	case token.Empty():
		return secret.Secret{}, ErrTokenEmpty
	case token.Len() > maxToken:
		return secret.Secret{}, ErrTokenTooLong
	case !token.Sendable():
		return secret.Secret{}, ErrTokenCharacters
	}
	return token, nil
}

// LooksLikeToken reports whether a text is beyond doubt a token of one of these
// providers, or an address that holds one: nothing for a field that shows what
// it holds. Tokens of OAuth2 look like client ids.
func LooksLikeToken(all []providers.Provider, text string) bool {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("/:@", r) }) {
		token, err := ReadToken(part)
		if err != nil {
			continue
		}
		for _, p := range all {
			if kind := p.Guess(token); kind != providers.UnknownKind && kind != providers.OAuthToken {
				return true
			}
		}
	}
	return false
}

// Elsewhere is the kind of host that a token looks like one of, where that is
// another than the one it was given for: beyond doubt by its beginning, and all
// the same no reason to refuse it.
func (c *Conversation) Elsewhere(token secret.Secret) (providers.Kind, bool) {
	if c.provider == nil || c.provider.Guess(token) != providers.UnknownKind {
		return "", false
	}
	for _, p := range c.world.Providers {
		switch p.Guess(token) {
		case providers.UnknownKind, providers.OAuthToken, providers.HTTPAccessToken: // no more than a sort of text
		default:
			return p.Kind(), true
		}
	}
	return "", false
}

func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
}

// wrapping is what may stand around a token that was copied from a page, a
// file or a command.
func wrapping(r rune) bool { return invisible(r) || strings.ContainsRune("\"'`", r) }

func cutWord(text, word string) string {
	if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
		return strings.TrimFunc(text[len(word):], wrapping)
	}
	return text
}

var clientID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`) })

func readClientID(text string) (string, error) {
	text = strings.TrimFunc(text, invisible)
	if !clientID().MatchString(text) {
		return "", ErrClientID
	}
	return text, nil
}
