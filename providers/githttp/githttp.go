// Package githttp asks a repository, over git's smart HTTP, whether a token may
// clone from it or push to it.
//
// It reads the advertisement that git itself reads first, by GET, and stops
// there: nothing is written, on either side. HEAD would not do: some hosts
// refuse it.
package githttp

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Prove probes one right, Clone or Push, on a repository below base. The user
// name in auth is the one that this host wants beside a token.
func Prove(ctx context.Context, c *wire.Client, base, repo string, right providers.Right, auth wire.Auth) (providers.Proof, error) {
	a, err := Ask(ctx, c, base, repo, right, auth)
	if err != nil {
		return providers.Proof{}, err
	}
	return Read(a, repo, right)
}

func serviceOf(right providers.Right) string {
	if right == providers.Push {
		return "git-receive-pack"
	}
	return "git-upload-pack"
}

// Ask is the first half of Prove, for hosts that have to be asked more than
// once.
func Ask(ctx context.Context, c *wire.Client, base, repo string, right providers.Right, auth wire.Auth) (wire.Answer, error) {
	return c.Do(ctx, wire.Request{URL: base + "/" + repo + ".git/info/refs?service=" + serviceOf(right), Auth: auth, Peek: true})
}

// Read is the second half: what the answer shows.
func Read(a wire.Answer, repo string, right providers.Right) (providers.Proof, error) {
	service := serviceOf(right)
	proof := providers.Proof{
		Repository: repo, Right: right,
		Evidence: fmt.Sprintf("%s of %s: HTTP %d", service, repo, a.Status),
	}
	switch {
	case a.Status == http.StatusOK && a.Is("application/x-"+service+"-advertisement"):
		proof.State = providers.Granted
		return proof, nil
	case a.Has("Retry-After"), a.Status == http.StatusTooManyRequests:
		return proof, cause.Cause{Kind: cause.RateLimited, Host: a.Host, Status: a.Status, Until: cmp.Or(a.Again(), a.At.Add(time.Minute).UTC())}
	case refusedByGit(a):
		proof.State = providers.Missing
		return proof, nil
	case a.Status >= http.StatusInternalServerError:
		return proof, cause.Cause{Kind: cause.ServerError, Host: a.Host, Status: a.Status}
	default:
		return proof, a.NotUnderstood()
	}
}

// refusedByGit tells a host's refusal from a page that a proxy or a portal on
// the way put in its place: git servers answer in plain text.
func refusedByGit(a wire.Answer) bool {
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return !a.Is("text/html")
	default:
		return false
	}
}
