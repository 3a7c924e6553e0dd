package flows_test

import (
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/providers"
)

func TestAnOwnerIsWorthAWordOnlyWhereItMatters(t *testing.T) {
	person, robot := providers.Account{Login: "octocat"}, providers.Account{Login: "acme-bot"}
	for name, tc := range map[string]struct {
		purpose providers.Purpose
		verdict flows.Verdict
		want    flows.Concern
	}{
		"a person's token for a runtime":                       {providers.Runtime, flows.Verdict{Account: person}, flows.Personal},
		"a person's token for that person":                     {providers.User, flows.Verdict{Account: person}, flows.NoConcern},
		"a robot by name":                                      {providers.Runtime, flows.Verdict{Account: robot}, flows.NoConcern},
		"a robot by what the host says":                        {providers.Runtime, flows.Verdict{Account: providers.Account{Login: "zed", Robot: true}}, flows.NoConcern},
		"a name that only begins like a robot's":               {providers.Runtime, flows.Verdict{Account: providers.Account{Login: "cindy"}}, flows.Personal},
		"an owner that nobody knows":                           {providers.Runtime, flows.Verdict{}, flows.NoConcern},
		"the bot of one project":                               {providers.Runtime, flows.Verdict{Kind: providers.ProjectToken, Account: providers.Account{Login: "project_1_bot", Robot: true}}, flows.OneProject},
		"the token of one repository":                          {providers.Runtime, flows.Verdict{Kind: providers.RepositoryToken, Account: providers.Account{Robot: true}}, flows.OneRepository},
		"the token of a project that is a set of repositories": {providers.Runtime, flows.Verdict{Kind: providers.ProjectToken, Account: providers.Account{Robot: true}}, flows.NoConcern},
		"the bot of a group":                                   {providers.Runtime, flows.Verdict{Kind: providers.GroupToken, Account: providers.Account{Login: "group_1_bot", Robot: true}}, flows.NoConcern},
	} {
		t.Run(name, func(t *testing.T) {
			if got := flows.ConcernOf(providers.GitHub, tc.purpose, tc.verdict); got != tc.want {
				t.Errorf("concern %q, want %q", got, tc.want)
			}
		})
	}
}

func TestATokenThatEndsWithinHoursIsNoneForARuntime(t *testing.T) {
	oauth := flows.Verdict{Kind: providers.OAuthToken, Account: providers.Account{Login: "acme-bot"}}
	expires := oauth
	expires.Expiry, expires.ExpiresAt = providers.ExpiryOAuth, time.Now().Add(8*time.Hour)
	for _, tc := range []struct {
		host    providers.Kind
		purpose providers.Purpose
		verdict flows.Verdict
		want    flows.Concern
	}{
		{providers.Bitbucket, providers.Runtime, oauth, flows.Fleeting},
		{providers.BitbucketServer, providers.Runtime, oauth, flows.Fleeting},
		{providers.Bitbucket, providers.User, oauth, flows.NoConcern},
		{providers.GitLab, providers.Runtime, oauth, flows.Fleeting},
		{providers.GitLab, providers.User, oauth, flows.NoConcern},
		{providers.GitHub, providers.Runtime, oauth, flows.NoConcern},
		{providers.GitHub, providers.Runtime, expires, flows.Fleeting}, // of an application that has them expire
		{providers.GitHub, providers.User, expires, flows.NoConcern},
	} {
		if got := flows.ConcernOf(tc.host, tc.purpose, tc.verdict); got != tc.want {
			t.Errorf("%s token of %s: concern %q, want %q", tc.purpose, tc.host, got, tc.want)
		}
	}
}
