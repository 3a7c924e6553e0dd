package oauth

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Application is an OAuth application at the token endpoint of its host.
type Application struct {
	Site     string // the host's web address; pages to open must be on it
	TokenURL string
	ID       string
	// Secret is empty for a public application, and where nobody has told it.
	Secret secret.Secret
	// Basic sends id and secret in the Authorization header, as the standard
	// prefers; else both are in the form, as most hosts want them.
	Basic bool

	// Now stands in for the clock; it may be nil.
	Now func() time.Time
}

// Token is what the host issued.
type Token struct {
	Access    secret.Secret
	Refresh   secret.Secret // empty where there is none
	Scopes    []string      // as the host granted them
	ExpiresAt time.Time     // zero where the token does not expire
}

// reply is what a token endpoint says: a token, or why there is none.
type reply struct {
	AccessToken  wire.Confidential `json:"access_token"`
	RefreshToken wire.Confidential `json:"refresh_token"`
	Scope        scopes            `json:"scope"`
	Scopes       scopes            `json:"scopes"` // the former name at Bitbucket
	ExpiresIn    seconds           `json:"expires_in"`
	Interval     seconds           `json:"interval"`
	refusal
}

type refusal struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// seconds reads a number of seconds whatever a host makes of it: a number, a
// text with digits, null. What cannot be a duration reads as 0, not told.
type seconds time.Duration

// UnmarshalJSON never fails: the rest of the reply is worth having.
func (s *seconds) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && n > 0 {
		*s = seconds(min(n, maxSeconds) * float64(time.Second))
	}
	return nil
}

// scopes reads a text with either separator in use, or a list. What is neither
// reads as none told.
type scopes []string

// UnmarshalJSON never fails: the rest of the reply is worth having.
func (s *scopes) UnmarshalJSON(b []byte) error {
	var text string
	var list []string
	if json.Unmarshal(b, &text) != nil && json.Unmarshal(b, &list) == nil {
		text = strings.Join(list, " ")
	}
	separates := func(r rune) bool { return r == ',' || r == ' ' }
	for scope := range strings.FieldsFuncSeq(text, separates) {
		if scope = wire.Clean(scope); scope != "" {
			*s = append(*s, scope)
		}
	}
	return nil
}

// ask sends a form to the token endpoint in the name of the application. What
// is confidential in it is masked wherever the host sends it back. What
// the answer means depends on what was asked.
func (a Application) ask(ctx context.Context, c *wire.Client, form url.Values, confidential ...secret.Secret) (wire.Answer, error) {
	if a.ID == "" {
		return wire.Answer{}, cause.Cause{Kind: cause.UnknownApplication, Host: hostOf(a.Site)}
	}
	r := wire.Request{
		URL: a.TokenURL, Form: form, Header: map[string]string{"Accept": "application/json"},
		Secrets: append(confidential, a.Secret),
	}
	if a.Basic && !a.Secret.Empty() {
		r.Auth = wire.Auth{User: url.QueryEscape(a.ID), Token: secret.New(url.QueryEscape(a.Secret.Reveal()))}
		return c.Do(ctx, r)
	}
	form.Set("client_id", a.ID)
	if !a.Secret.Empty() {
		form.Set("client_secret", a.Secret.Reveal())
	}
	return c.Do(ctx, r)
}

// issue asks for a token once. Where the host refuses, code is its own word for
// it, since the same words mean different things to different questions; the
// error is what they mean whatever was asked.
func (a Application) issue(ctx context.Context, c *wire.Client, form url.Values, confidential ...secret.Secret) (token Token, code string, err error) {
	answer, err := a.ask(ctx, c, form, confidential...)
	if err != nil {
		return Token{}, "", err
	}
	passing := cause.Cause{Host: answer.Host, Status: answer.Status}
	switch {
	case answer.Status >= 500:
		passing.Kind = cause.ServerError
		return Token{}, "", passing
	case answer.Status == 429:
		passing.Kind = cause.RateLimited
		return Token{}, "", passing
	}
	var said reply
	if err := answer.JSON(&said); err != nil {
		return Token{}, "", err
	}
	if said.Error != "" {
		return Token{}, said.Error, refused(answer, said.refusal)
	}
	token, err = a.token(answer, said)
	return token, "", err
}

// token is the token of a reply that names no error.
func (a Application) token(answer wire.Answer, said reply) (Token, error) {
	token := Token{Access: said.AccessToken.Secret, Refresh: said.RefreshToken.Secret}
	if answer.Status != 200 || !token.Access.Sendable() || !token.Refresh.Empty() && !token.Refresh.Sendable() {
		return Token{}, answer.NotUnderstood()
	}
	token.Scopes = said.Scope
	if token.Scopes == nil {
		token.Scopes = said.Scopes
	}
	if life := time.Duration(said.ExpiresIn); life > 0 {
		token.ExpiresAt = a.now().Add(life)
	}
	return token, nil
}

// refused reads an error of RFC 6749 that has the same meaning whatever was
// asked for, with the spellings that are in use.
func refused(answer wire.Answer, r refusal) cause.Cause {
	c := cause.Cause{Host: answer.Host, Status: answer.Status, Detail: wire.Clean(r.Description)}
	switch r.Error {
	case "access_denied":
		c.Kind = cause.Denied
	case "incorrect_client_credentials", "invalid_client":
		c.Kind = cause.UnknownApplication
	case "invalid_scope":
		c.Kind = cause.ScopeRefused
	default:
		c.Kind = cause.SignInRefused
		if answer.Status == 401 || answer.Status == 404 {
			c.Kind = cause.UnknownApplication
		}
		if c.Detail == "" {
			c.Detail = wire.Clean(r.Error)
		}
	}
	return c
}

func (a Application) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}
