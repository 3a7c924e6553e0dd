package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/wire"
)

// Where scopes are read, for the evidence of a finding.
const (
	fromSelf    = "personal_access_tokens/self"
	fromInfo    = "oauth/token/info"
	fineGrained = "fine-grained token"
)

// maxLife is longer than GitLab lets an OAuth token live.
const maxLife = 365 * 24 * time.Hour

// introspect is what a token says of itself: its kind, its scopes, its end.
func introspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	if cred.Method.OAuth() {
		return tokenInfo(ctx, c, h, cred)
	}
	a, err := get(ctx, c, h.APIURL+"/"+fromSelf, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	switch {
	case a.Status == http.StatusOK:
		return self(a)
	case a.Status == http.StatusBadRequest:
		return tokenInfo(ctx, c, h, cred) // as a pasted OAuth token has it
	case a.Status == http.StatusForbidden && oauthError(a) == noPermission:
		return granular(providers.Expiry{Source: providers.ExpiryUnknown}), nil
	case a.Status == http.StatusNotFound:
		return untold(fromSelf, a), nil // a host older than 15.5
	default:
		return providers.Inspection{}, refusal(a)
	}
}

// granular is a fine-grained token: nothing tells its permissions.
func granular(end providers.Expiry) providers.Inspection {
	return providers.Inspection{Kind: providers.FineGrainedPAT, Rights: providers.Rights{Evidence: fineGrained}, Expiry: end}
}

// untold is a token that the host says nothing of in the place for it. Whether
// it works at all is for the API to say.
func untold(place string, a wire.Answer) providers.Inspection {
	return providers.Inspection{
		Kind:   providers.UnknownKind,
		Rights: providers.Rights{Evidence: fmt.Sprintf("%s: HTTP %d", place, a.Status)},
		Expiry: providers.Expiry{Source: providers.ExpiryUnknown},
	}
}

func self(a wire.Answer) (providers.Inspection, error) {
	var token struct {
		Scopes   []string        `json:"scopes"`
		Granular bool            `json:"granular"`
		Expires  json.RawMessage `json:"expires_at"`
		LastUsed string          `json:"last_used_at"`
	}
	if err := a.JSON(&token); err != nil {
		return providers.Inspection{}, err
	}
	if token.Scopes == nil {
		return providers.Inspection{}, a.NotUnderstood()
	}
	in := providers.Inspection{
		Kind:   providers.PersonalAccessToken,
		Rights: providers.Rights{Known: true, Scopes: clean(token.Scopes), Evidence: fromSelf},
		Expiry: expiry(token.Expires),
	}
	if token.Granular || slices.Equal(token.Scopes, []string{"granular"}) {
		in = granular(in.Expiry)
	}
	if at, err := time.Parse(time.RFC3339, token.LastUsed); err == nil {
		in.LastUsed = at.UTC()
	}
	return in, nil
}

// expiry reads the date that a token ends on, which is null where it never
// does.
func expiry(told json.RawMessage) providers.Expiry {
	if string(told) == "null" {
		return providers.Expiry{Source: providers.ExpiryNone}
	}
	var date string
	if json.Unmarshal(told, &date) != nil {
		return providers.Expiry{Source: providers.ExpiryUnknown}
	}
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return providers.Expiry{Source: providers.ExpiryUnknown}
	}
	return providers.Expiry{At: at, Source: providers.ExpiryProvider}
}

// tokenInfo is what an OAuth token says of itself. A refusal here has no
// reason, and an older host has the same for every other kind of token; the
// API will say why, if the token is refused at all.
func tokenInfo(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	a, err := get(ctx, c, h.WebURL+"/"+fromInfo, cred)
	if err != nil {
		return providers.Inspection{}, err
	}
	switch a.Status {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound:
		return untold(fromInfo, a), nil
	default:
		return providers.Inspection{}, refusal(a)
	}
	var info struct {
		Scope   []string `json:"scope"`
		Expires *int64   `json:"expires_in"`
	}
	if err := a.JSON(&info); err != nil {
		return providers.Inspection{}, err
	}
	if info.Scope == nil {
		return providers.Inspection{}, a.NotUnderstood()
	}
	in := providers.Inspection{
		Kind:   providers.OAuthToken,
		Rights: providers.Rights{Known: true, Scopes: clean(info.Scope), Evidence: fromInfo},
		Expiry: providers.Expiry{Source: providers.ExpiryUnknown},
	}
	if s := info.Expires; s != nil && *s > 0 && *s < int64(maxLife/time.Second) {
		in.Expiry = providers.Expiry{At: a.At.Add(time.Duration(*s) * time.Second).UTC(), Source: providers.ExpiryOAuth}
	}
	return in, nil
}

// clean drops what is no scope once it is clean.
func clean(scopes []string) []string {
	var all []string
	for _, s := range scopes {
		if s = wire.Clean(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}
