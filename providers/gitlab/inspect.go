package gitlab

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

func get(ctx context.Context, c *wire.Client, to string, cred providers.Credential) (wire.Answer, error) {
	return c.Do(ctx, wire.Request{
		URL: to, Auth: wire.Auth{Token: cred.Token}, Header: map[string]string{"Accept": "application/json"},
	})
}

// Meet asks for the version. Without a token GitLab refuses it, but in its own
// words and with headers of its own.
func (p *Provider) Meet(ctx context.Context, c *wire.Client, h providers.Host) (string, error) {
	a, err := get(ctx, c, h.APIURL+"/version", providers.Credential{})
	if err != nil {
		return "", err
	}
	if a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests {
		return "", refusal(a)
	}
	var body struct {
		Version  string `json:"version"`
		Revision string `json:"revision"`
		Message  string `json:"message"`
	}
	known := a.Has("X-Gitlab-Meta") || a.Has("X-Gitlab-Feature-Category")
	if a.JSON(&body) == nil && (body.Version != "" && body.Revision != "" || body.Message == "401 Unauthorized") {
		known = true
	}
	if !known {
		return "", cause.Cause{Kind: cause.WrongHost, Host: a.Host, Status: a.Status}
	}
	return wire.Clean(body.Version), nil
}

// Inspect asks the token about itself, then for its owner and, on a host that
// is not everybody's, for the version: those only where its scopes allow it.
func (p *Provider) Inspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	in, err := introspect(ctx, c, h, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	in.Account, err = owner(ctx, c, h, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	if in.Account.Robot && in.Kind == providers.PersonalAccessToken {
		in.Kind = kindOf(in.Account.Login)
	}
	if in.Account.Login != "" && p.kind == providers.GitLabServer {
		in.Version = version(ctx, c, h, cred)
	}
	return in, nil
}

// Recheck asks the token about itself alone, where it tells. The owner of a
// token stays the same, and a refusal would have come to the first question.
func (p *Provider) Recheck(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, known providers.Inspection) (providers.Inspection, error) {
	in, err := introspect(ctx, c, h, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	if !in.Rights.Known && in.Kind != providers.FineGrainedPAT {
		if _, err := owner(ctx, c, h, cred); err != nil {
			return providers.Inspection{}, err
		}
	}
	in.Account, in.Version = known.Account, known.Version
	if in.Kind == providers.PersonalAccessToken {
		in.Kind = known.Kind // its owner says which
	}
	return in, nil
}

// owner reads whose token it is. A token without a scope for that is no worse
// for it: nobody is known then.
func owner(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Account, error) {
	a, err := get(ctx, c, h.APIURL+"/user", cred)
	if err != nil {
		return providers.Account{}, err
	}
	if code := oauthError(a); a.Status == http.StatusForbidden && (code == noScope || code == noPermission) {
		return providers.Account{}, nil
	}
	if a.Status != http.StatusOK {
		return providers.Account{}, refusal(a)
	}
	var user struct {
		Username string `json:"username"`
		Name     string `json:"name"`
		Bot      bool   `json:"bot"`
	}
	if err := a.JSON(&user); err != nil {
		return providers.Account{}, err
	}
	login := wire.Clean(user.Username)
	if login == "" {
		return providers.Account{}, a.NotUnderstood()
	}
	return providers.Account{Login: login, Name: wire.Clean(user.Name), Robot: user.Bot}, nil
}

// The user names that GitLab gives to the bots behind tokens. Nothing but use
// tells of them, and a person may have such a name too: they only say more of
// an account that GitLab itself calls a bot.
var (
	projectBot = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^project_\d+_bot`) })
	groupBot   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^group_\d+_bot`) })
)

// kindOf is the kind of a bot's token.
func kindOf(bot string) providers.TokenKind {
	switch {
	case projectBot().MatchString(bot):
		return providers.ProjectToken
	case groupBot().MatchString(bot):
		return providers.GroupToken
	case strings.HasPrefix(bot, "service_account_"):
		return providers.ServiceAccountToken
	default:
		return providers.PersonalAccessToken
	}
}

// version is empty where the host does not tell it to this token, which says
// nothing about the token.
func version(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) string {
	a, err := get(ctx, c, h.APIURL+"/version", cred)
	if err != nil || a.Status != http.StatusOK {
		return ""
	}
	var body struct {
		Version string `json:"version"`
	}
	if a.JSON(&body) != nil {
		return ""
	}
	return wire.Clean(body.Version)
}
