// Package all lists the providers that gitgrant speaks with. A new provider is
// its folder and its line here.
package all

import (
	"gitgrant/providers"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/bitbucketserver"
	"gitgrant/providers/github"
	"gitgrant/providers/gitlab"
)

// Providers are all of them, in the order in which they are offered.
func Providers() []providers.Provider {
	return []providers.Provider{
		github.Cloud(),
		github.Enterprise(),
		gitlab.Cloud(),
		gitlab.Server(),
		bitbucket.Cloud(),
		bitbucketserver.New(),
	}
}
