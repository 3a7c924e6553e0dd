package gitlab_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
)

func TestATokenThatIsKnownIsAskedAboutItselfAlone(t *testing.T) {
	known := providers.Inspection{Account: providers.Account{Login: "group_7_bot_ab", Robot: true}, Kind: providers.GroupToken, Version: "18.11.4-ee"}
	for name, test := range map[string]struct {
		method  providers.Method
		answers map[string]answer
		asks    []string
		kind    providers.TokenKind
		refused cause.Kind
	}{
		"a token that tells": {
			answers: map[string]answer{atSelf: ok(`{"scopes":["api"],"expires_at":null}`)},
			asks:    []string{atSelf}, kind: providers.GroupToken,
		},
		"an OAuth token that tells": {
			method:  providers.Device,
			answers: map[string]answer{atInfo: ok(`{"scope":["api"],"expires_in":7200}`)},
			asks:    []string{atInfo}, kind: providers.OAuthToken,
		},
		"a fine-grained token, which was let in to be told no": {
			answers: map[string]answer{atSelf: {403, nil, noPermission}},
			asks:    []string{atSelf}, kind: providers.FineGrainedPAT,
		},
		"one that nothing is told of has to be let in": {
			answers: map[string]answer{atUser: ok(robot)},
			asks:    []string{atSelf, atUser}, kind: providers.UnknownKind,
		},
		"one that is revoked": {
			answers: map[string]answer{atSelf: {401, nil, revoked}},
			asks:    []string{atSelf}, refused: cause.Revoked,
		},
		"an OAuth token whose refusal has its reason elsewhere": {
			method:  providers.Device,
			answers: map[string]answer{atInfo: {401, nil, invalid}, atUser: {401, nil, expired}},
			asks:    []string{atInfo, atUser}, refused: cause.Expired,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: test.answers}
			h, c := s.at(t)
			in, err := gitlab.Server().Recheck(t.Context(), c, h, cred(token, test.method), known)
			var asked []string
			for _, request := range s.requests() {
				path := strings.Fields(request)[1]
				asked = append(asked, strings.TrimPrefix(strings.TrimPrefix(path, "/gitlab"), "/api/v4"))
			}
			if !slices.Equal(asked, test.asks) {
				t.Errorf("asked %v, want %v", asked, test.asks)
			}
			var why cause.Cause
			if errors.As(err, &why); why.Kind != test.refused {
				t.Fatalf("refused for %q (%v), want %q", why.Kind, err, test.refused)
			}
			if err == nil && (in.Account != known.Account || in.Kind != test.kind || in.Version != known.Version) {
				t.Errorf("inspection %+v", in)
			}
		})
	}
}
