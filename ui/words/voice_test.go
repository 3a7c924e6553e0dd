package words_test

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/flows/handover"
	"gitgrant/keyring"
	"gitgrant/keyring/durable"
	"gitgrant/keyring/vault"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/ui/git"
	"gitgrant/ui/words"
)

var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

const page = "https://git.example.com/settings/tokens/new?scopes=repo"

// sayings are all messages for errors and states, by what they are for.
func sayings(t *testing.T) map[string]words.Message {
	all := map[string]words.Message{}
	for _, kind := range constants[cause.Kind](t, "../../providers/cause", "Kind") {
		bare := cause.Cause{Kind: kind}
		full := cause.Cause{
			Kind: kind, Host: "git.example.com", Status: 502, Org: "acme", URL: page, Until: now.Add(20 * time.Minute), Right: "api self_rotate", Detail: "the words of the host.",
		}
		all["cause "+string(kind)] = words.Cause(full, now)
		all["bare cause "+string(kind)] = words.Cause(bare, now)
	}
	for _, status := range []int{0, 401, 403, 407, 502} {
		c := cause.Cause{Kind: cause.ProxyRefused, Host: "git.example.com", Status: status, Detail: "proxy.example.com:3128"}
		all[fmt.Sprintf("proxy %d", status)] = words.Cause(c, now)
	}
	for _, store := range []keyring.Kind{keyring.System, keyring.Vault, keyring.Memory} {
		for _, state := range constants[keyring.State](t, "../../keyring", "State") {
			for _, seal := range []string{"", "passphrase", "identity"} {
				c := keyring.Condition{Store: store, State: state, Seal: seal}
				all[fmt.Sprintf("%s %s %s", store, state, seal)] = words.Condition(c)
				c.Wrong = true
				all[fmt.Sprintf("%s %s wrong %s", store, state, seal)] = words.Condition(c)
				c.Wrong, c.Detail = false, "no such interface."
				all[fmt.Sprintf("%s %s detailed %s", store, state, seal)] = words.Condition(c)
			}
		}
	}
	for _, p := range constants[hosts.Problem](t, "../../providers/hosts", "Problem") {
		all["hosts.yaml "+string(p)] = words.HostsFile(&hosts.FileError{File: "/home/a/hosts.yaml", Line: 3, Column: 5, Field: "tls.ca_file", Problem: p})
		all["hosts.yaml "+string(p)+" nowhere"] = words.HostsFile(&hosts.FileError{File: "/home/a/hosts.yaml", Problem: p})
		all["profile "+string(p)] = words.ProfileRefused(&hosts.FileError{File: "/home/a/hosts.yaml", Field: "proxy", Problem: p})
	}
	for _, fault := range constants[durable.Fault](t, "../../keyring/durable", "Fault") {
		all["file "+string(fault)] = words.ProblemAt(&durable.Unsafe{Path: "/home/a/index.json", Fault: fault}, now)
	}
	for name, err := range problems() {
		all[name] = words.ProblemAt(fmt.Errorf("while at it: %w", err), now)
	}
	for _, c := range constants[handover.Caveat](t, "../../flows/handover", "Caveat") {
		all["caveat "+string(c)] = words.Caveat(c, handover.Subject{Runtime: "prod", Host: providers.Host{Provider: providers.Bitbucket}})
	}
	for name, m := range usage() {
		all["usage: "+name] = m
	}
	return all
}

// problems are the errors with words of their own.
func problems() map[string]error {
	list := map[string]error{
		"unknown provider":     &flows.UnknownProviderError{Kind: "sourcehut"},
		"taken":                &flows.TakenError{Runtime: "prod", Purpose: providers.Runtime, Account: "acme-bot"},
		"taken by nobody":      &flows.TakenError{Runtime: "prod", Purpose: providers.User},
		"other kind of host":   &flows.OtherHostError{Runtime: "prod", Has: "https://github.com", Kind: providers.GitLab},
		"other host":           &flows.OtherHostError{Runtime: "prod", Has: "https://github.com", Wanted: "https://git.example.com"},
		"other kind":           &flows.OtherKindError{Host: "https://git.example.com", Is: providers.GitLabServer, Wanted: providers.GitHubEnterprise},
		"no git host":          &flows.UnknownHostError{Host: "https://git.example.com"},
		"unrenewed":            words.Unrenewed(cause.Cause{Kind: cause.NoConnection, Host: "git.example.com"}, now),
		"renewed, unsaved":     words.Unrenewed(&flows.UnsavedError{Err: keyring.ErrUnknownOutcome}, now),
		"other account":        &flows.OtherAccountError{Runtime: "prod", Had: "acme-bot", Got: "octocat"},
		"no such method":       &flows.MethodError{Method: providers.Browser, Host: "https://github.com", Reason: flows.NoSuchMethod},
		"forbidden method":     &flows.MethodError{Method: providers.PAT, Host: "https://github.com", Reason: flows.NotAllowed},
		"method of the future": &flows.MethodError{Method: providers.Device, Host: "https://git.example.com", Reason: flows.TooOld, Version: "16.11.2", Since: "17.2"},
		"fleeting method":      &flows.MethodError{Method: providers.Browser, Host: "https://github.com", Reason: flows.EndsTooSoon},
		"ended and here":       &flows.EndedError{Err: keyring.ErrBusy},
		"still used":           &flows.StillUsedError{Runtimes: []string{"prod", "lab"}},
		"used by one":          &flows.StillUsedError{Runtimes: []string{"prod"}},
		"several accounts":     &flows.SeveralAccountsError{Host: "https://github.com", Accounts: []string{"acme-bot", "octocat"}},
		"sent as a password":   &flows.AsPasswordError{Grant: keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: "user"}}},
		"git says no":          &git.FailedError{Said: "fatal: could not lock config file /home/a/.gitconfig: File exists"},
		"exposed file":         &vault.Exposed{Path: "/home/a/pass", Mode: 0o644},
		"system file":          &fs.PathError{Op: "open", Path: "/home/a/index.json", Err: fs.ErrPermission},
		"unforeseen":           errors.New("the sky is falling"),
	}
	for _, err := range sentinels() {
		list[err.Error()] = err
	}
	return list
}

func usage() map[string]words.Message {
	return map[string]words.Message{
		"command":             words.UnknownCommand("instal", "gitgrant", []string{"install"}),
		"command like none":   words.UnknownCommand("x", "gitgrant", nil),
		"flag":                words.UnknownFlag("--foo", "gitgrant status"),
		"bare flag":           words.FlagWithoutValue("--host", "gitgrant check"),
		"value":               words.BadValue("x", "--purpose", "runtime", "user"),
		"unreadable value":    words.BadFlag("a flag", "bad flag syntax: ---", "gitgrant sandbox"),
		"bad switch":          words.BadSwitch("maybe", "--plain"),
		"bad port":            words.BadPort("http", "--port"),
		"argument":            words.MissingArgument("the name of a runtime", "gitgrant token"),
		"too many":            words.TooManyArguments("x", "gitgrant token"),
		"together":            words.Together("--token-stdin", "--client-secret-stdin", "There is one standard input."),
		"answers":             words.MissingAnswers([]string{"--provider", "--method"}, false),
		"ends with this":      words.EndsWithThis(),
		"not checked":         words.NotChecked([]string{"lab", "prod"}),
		"no form":             words.NoForm([]string{"dotenv", "helm-values"}),
		"answers, no input":   words.MissingAnswers([]string{"--provider"}, true),
		"which provider":      words.WhichProvider([]string{"github", "gitlab"}),
		"no command":          words.NoCommand(false),
		"consent":             words.NeedsYes(true),
		"no consent":          words.NothingDone(),
		"several":             words.SeveralGrants("prod", "--purpose", []string{"runtime", "user"}),
		"no such":             words.NoSuchGrant("prod", "user", "octocat"),
		"no such purpose":     words.NoSuchGrant("prod", "user", ""),
		"no such account":     words.NoSuchGrant("prod", "", "octocat"),
		"unknown runtime":     words.UnknownRuntimes([]string{"prod"}),
		"unknown runtimes":    words.UnknownRuntimes([]string{"prod", "lab"}),
		"on screen":           words.TokenOnScreen("prod"),
		"input ended":         words.InputEnded("What is the runtime called?", "--provider"),
		"input ended at last": words.InputEnded("Save this token?", ""),
		"input ended after a save": words.InputEnded("What next?", "", keyring.Grant{
			Key: keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}, Host: "https://github.com", Store: keyring.Vault,
		}),
		"broken":            words.Broken("index out of range"),
		"client secret":     words.BadClientSecret(),
		"typed secret":      words.SecretOnTerminal(),
		"too long":          words.TooLong(),
		"mistyped":          words.Mistyped(),
		"passphrases":       words.PassphrasesDiffer(),
		"nothing stored":    words.NothingStored(),
		"export on screen":  words.ExportOnScreen("prod", handover.KubernetesSecret),
		"dotenv on screen":  words.ExportOnScreen("prod", handover.Dotenv),
		"no use for a flag": words.NoUseFor("--repo", "--as dotenv"),
		"event source": words.EventSource(handover.Source{
			Field: "apiToken", Secret: "github-access", Keys: []string{"token"}, AddressField: "githubBaseURL", Address: "https://git.example.com/api/v3",
		}),
		"event source, basic": words.EventSource(handover.Source{Field: "auth.basic", Secret: "bitbucket-access", Keys: []string{"username", "password"}}),
		"no command to run":   words.NothingToRun("gitgrant exec"),
		"runtime by name":     words.RuntimeByName(),
		"git waits":           words.GitWaits(),
		"not served":          words.NotServed(keyring.Grant{Key: keyring.Key{Runtime: "prod", Account: "octocat"}}, words.Message{What: "The token has expired.", Next: "Make a new one."}),
		"nothing for git":     words.NothingForGit(""),
		"nothing for a host":  words.NothingForGit("https://github.com"),
		"others are asked":    words.OthersAsked("https://github.com", []string{"store", "cache"}),
		"no name for git":     words.NoNameForGit(keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: "user"}}),
		"still at a host":     words.StillAt("https://git.example.com", []keyring.Grant{{Key: keyring.Key{Runtime: "prod"}}, {Key: keyring.Key{Runtime: "lab"}}}),
		"no port":             words.NoPort(8400, errors.New("bind: address already in use")),
		"no such program":     words.NoSuchProgram("flux"),
		"program not started": words.NotStarted("flux", "permission denied"),
		"no store":            words.Storable(false, true),
		"no data folder":      words.Storable(true, false),
		"too often":           words.TooOften(time.Minute),
		"proxy withheld":      words.ProxyWithheld("HTTPS_PROXY"),
		"no scheduler":        words.NoScheduler("plan9"),
		"tightened":           words.Tightened(durable.Notice{Path: "/home/a/d", Mode: 0o755}),
	}
}

// lines are the sentences that stand alone.
func lines() map[string]string {
	g := keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}, Host: "https://github.com", Store: keyring.Vault}
	shared := []keyring.Grant{{Key: keyring.Key{Runtime: "lab", Purpose: "user"}}, {Key: keyring.Key{Runtime: "prod", Purpose: "user"}}}
	code := oauth.Code{User: "WDJB-MJHT", Page: "https://github.com/login/device", ExpiresAt: now.Add(15 * time.Minute)}
	ended := flows.Notice{News: flows.Died, Grant: g, Verdict: flows.Verdict{Status: flows.Revoked, Cause: &cause.Cause{Kind: cause.Revoked, Host: "github.com", Until: now.Add(time.Hour)}}}
	ends := flows.Notice{News: flows.Ends, Grant: g, Verdict: flows.Verdict{Status: flows.Expiring, ExpiresAt: now.Add(80 * time.Hour)}}
	_, several := words.SeveralNews([]string{"a", "b", "c", "d", "e", "f"})
	about := words.Subject{Runtime: "prod", Purpose: providers.Runtime, Now: now}
	return map[string]string{
		"git is here":   words.GitHere("2.39.5"),
		"hidden hosts":  words.HiddenHosts(2),
		"died":          words.News(ended, about),
		"ends":          words.News(ends, about),
		"works":         words.News(flows.Notice{News: flows.Works}, about),
		"several news":  several,
		"watching":      words.Watching(3, time.Hour),
		"code":          words.EnterCode(code, now),
		"stored":        words.Stored(g),
		"no runtimes":   words.NoRuntimes(),
		"forget":        words.ToForget([]keyring.Grant{g, g}),
		"which":         words.WhichGrant("prod"),
		"profile kept":  words.ProfileKept("https://github.com"),
		"profile gone":  words.ProfileRemoved("github.com"),
		"no profiles":   words.NoProfiles(),
		"host":          words.HostIs(providers.GitHub, "https://github.com", ""),
		"host, version": words.HostIs(providers.GitHubEnterprise, "https://git.example.com", "3.19.1"),
		"git set up":    words.GitSetUp([]string{"https://github.com", "https://gitlab.com"}),
		"git removed":   words.GitRemoved([]string{"https://github.com"}),
		"git is set up": words.GitIsSetUp,
		"git is not":    words.GitIsNot,
		"no one else":   words.GitAsksNobodyElse,
		"empty answer":  words.AnswerNeeded(),
		"list help":     words.ListHelp,
		"none locked":   words.NothingLocked,
		"no step back":  words.NoStepBefore,
		"wait in lines": words.WaitInLines(words.WaitingForApproval, true),
		"page help":     words.PageHelp,
		"choose help":   words.ChooseHelp(3),
		"filtered":      words.FilteredBy("prod", 3),
		"no command":    words.NoSuchCommand(),
		"demo oauth":    words.DemoOAuth,
		"demo token":    words.DemoToken,
		"demo missing":  words.DemoMissing,
		"demo status":   words.DemoStatus,
		"list":          words.ListHead(2),
		"muted":         words.Mutes("prod", true),
		"muted no more": words.Mutes("prod", false),
		"about muted":   words.AboutMuted,
		"muted lines":   words.MutedInLines,
		"changed":       words.Changed(keyring.Change{At: now, Status: "valid"}),
		"changed, new":  words.Changed(keyring.Change{At: now, Status: "valid", Why: flows.WhySaved}),
		"changed, why":  words.Changed(keyring.Change{At: now, Status: "revoked", Why: "revoked"}),
		"ask rotate":    words.AskRotate(g),
		"about rotate":  words.AboutRotate(now, nil),
		"rotate page":   words.RotateByHand(g),
		"ask revoke":    words.AskRevoke(g),
		"about revoke":  words.AboutRevoke(nil),
		"cannot revoke": words.CannotRevoke("github.com", nil),
		"to rotate":     words.ToRotate(g, now, shared),
		"rotate shared": words.AboutRotate(now, shared),
		"rotated":       words.RotatedGrant(flows.Successor{Grant: g}, now),
		"rotated for":   words.RotatedGrant(flows.Successor{Grant: g, Given: []flows.Given{{Grant: shared[0], Stored: true}, {Grant: shared[1], Err: keyring.ErrBusy}}}, now),
		"to revoke":     words.ToRevoke(g, "", shared),
		"to end it":     words.ToRevoke(g, page, shared),
		"others too":    words.EndsForOthers(shared).String(),
		"revoke shared": words.AboutRevoke(shared),
		"cannot shared": words.CannotRevoke("github.com", shared),
		"revoked":       words.RevokedGrant(g, nil),
		"revoked for":   words.RevokedGrant(g, shared),
		"unsaved":       words.SuccessorInMemory,
		"one at a time": words.OneAtATime,
		"leave later":   words.ChangeLeave,
		"no profile":    words.NoHostFor(g),
		"not elsewhere": words.OnlyUserTokens,
		"ask reuse":     words.AskReuse(g),
		"about reuse":   words.AboutReuse(g),
		"other name":    words.AboutOtherName("github.com"),
		"restored":      words.Restored(2, "prod"),
		"not restored":  words.NotRestored("prod"),
		"no undo":       words.NothingToUndo,
		"can undo":      words.CanUndo,
		"sorted":        words.Sorted(flows.ByEnd),
		"ask order":     words.AskOrder,
		"grouped":       words.Grouped(true),
		"not grouped":   words.Grouped(false),
		"choose token":  words.ChooseToken("r"),
		"old":           words.OldStays("github.com", ""),
		"old, ended":    words.OldEnded("github.com"),
		"old, used":     words.StillUsed([]string{"lab", "staging"}),
		"given":         words.GivenTo(flows.Given{Grant: g, Stored: true}, words.Subject{Now: now}),
		"given over":    words.GivenTo(flows.Given{Grant: g, Stored: true, Replaced: true}, words.Subject{Now: now}),
		"not given":     words.GivenTo(flows.Given{Grant: g, Verdict: flows.Verdict{Status: flows.Expired}}, words.Subject{Now: now}),
		"not taken":     words.GivenTo(flows.Given{Grant: g, Err: keyring.ErrBusy}, words.Subject{Now: now}),
		"empty list":    words.ListHead(0),
		"ask email":     words.AskEmail,
		"about email":   words.AboutEmail,
		"ask username":  words.AskUsername,
		"about user":    words.AboutUsername("x-token-auth"),
		"ask end":       words.AskEnd,
		"about end":     words.AboutEnd("https://git.example.com", providers.HTTPAccessToken),
		"end of a year": words.AboutEnd("https://id.atlassian.com", providers.APIToken),
		"end in lines":  words.AboutEndInLines,
		"ask day":       words.AskDay,
		"about day":     words.AboutDay,
	}
}

// verdicts are the reasons and next steps of every status, for a stored token
// and one that is only checked, by token and by OAuth.
func verdicts(t *testing.T) map[string]string {
	list := map[string]string{}
	github := all.Providers()[0]
	host, err := github.Locate("")
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range flows.Statuses {
		for _, about := range []words.Subject{
			{Runtime: "prod", Purpose: providers.Runtime, Provider: github, Host: host, Method: providers.PAT, Store: keyring.System, Now: now},
			{Runtime: "prod", Purpose: providers.User, Provider: github, Host: host, Method: providers.Device, Store: keyring.Vault, Now: now},
			{Purpose: providers.Runtime, Provider: github, Host: host, Method: providers.PAT, Now: now},
			{Purpose: providers.Runtime, Host: providers.Host{URL: "https://git.example.com", Provider: "sourcehut"}, Now: now},
		} {
			for _, v := range []flows.Verdict{bare(status), full(status)} {
				name := fmt.Sprintf("%s %s %s %s", status, about.Runtime, about.Method, about.Purpose)
				list[name+" reason"] = words.Reason(v, about)
				list[name+" next"] = words.Next(v, about).Do
				list[name+" not stored"] = words.NotStored(v, about, true).String()
			}
		}
	}
	return list
}

func bare(s flows.Status) flows.Verdict { return flows.Verdict{Status: s} }

func full(s flows.Status) flows.Verdict {
	return flows.Verdict{
		Status: s, Kind: providers.FineGrainedPAT, ExpiresAt: now.Add(72 * time.Hour), Expiry: providers.ExpiryUser,
		Cause:     &cause.Cause{Kind: cause.ServerError, Host: "git.example.com", Status: 502},
		Condition: &keyring.Condition{Store: keyring.System, State: keyring.Locked},
		Findings: []providers.Finding{
			{Name: "repo", Label: "repo: Full control of private repositories", State: providers.Missing},
			{Name: "webhooks:read-write", Label: "Webhooks: Read and write", State: providers.Unverifiable},
		},
		Proofs: []providers.Proof{{Repository: "acme/app", Right: providers.Push, State: providers.Missing}},
	}
}

// everything is every saying as separate texts.
func everything(t *testing.T) map[string]string {
	texts := lines()
	for name, m := range sayings(t) {
		texts[name+": what"], texts[name+": why"], texts[name+": next"] = m.What, m.Why, m.Next
	}
	for name, text := range verdicts(t) {
		texts[name] = text
	}
	for _, s := range []flows.Step{flows.StepRuntime, flows.StepSave} {
		for _, ask := range []flows.Ask{flows.AskText, flows.AskChoice, flows.AskToken, flows.AskNothing} {
			texts["help "+string(s)+string(ask)] = words.LinesHelp(flows.Question{Step: s, Ask: ask})
		}
	}
	return texts
}

// Words that blame, plead, shout or hide behind the machine.
var forbidden = regexp.MustCompile(`(?i)\b(please|sorry|oops|unfortunately|invalid|illegal|fatal|abort|aborted|failed|failure|unable|must|simply|just|easy|obviously|error|bad|wrong|etc|e\.g|i\.e|successfully|utilize)\b|[!;] *$|!|\.\.\.`)

func TestEverythingIsSaidInOneVoice(t *testing.T) {
	for name, text := range everything(t) {
		switch {
		case text == "":
		case strings.TrimSpace(text) != text, strings.Contains(text, "  "), strings.Contains(text, "\n"):
			t.Errorf("%s has blanks that nobody sees: %q", name, text)
		case !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?"):
			t.Errorf("%s does not end its sentence: %q", name, text)
		case strings.HasSuffix(text, "..") || strings.Contains(text, ".”."), strings.Contains(text, " ."):
			t.Errorf("%s has a stop too many: %q", name, text)
		case strings.ContainsAny(text, "{}"):
			t.Errorf("%s has a place that nothing fills: %q", name, text)
		case forbidden.MatchString(ours(text)):
			t.Errorf("%s says %q: %q", name, forbidden.FindString(ours(text)), text)
		case strings.HasPrefix(text, "the ") || strings.HasPrefix(text, "a ") || strings.HasPrefix(text, "an "):
			t.Errorf("%s does not begin its sentence: %q", name, text)
		}
	}
}

// ours leaves out what is quoted.
func ours(text string) string {
	text = regexp.MustCompile("“[^”]*”|`[^`]*`").ReplaceAllString(text, "")
	return strings.ReplaceAll(text, "/home/a/", "")
}

// Half sentences and labels, of screens too, keep the same words out.
func TestNoTextOfTheProgramIsOutOfVoice(t *testing.T) {
	texts := 0
	literals(t, ".", func(text string) {
		texts++
		if found := forbidden.FindString(ours(text)); found != "" && strings.Contains(text, " ") {
			t.Errorf("%q says %q", text, found)
		}
	})
	if texts < 100 {
		t.Errorf("only %d texts were found", texts)
	}
}

func TestNoAddressEndsASentence(t *testing.T) {
	address := regexp.MustCompile(`https?://[^ ]*[.?]( |$)`)
	for name, text := range everything(t) {
		if found := address.FindString(text); found != "" {
			t.Errorf("%s ends with the address %q", name, found)
		}
	}
}

func TestEveryMessageSaysWhatHappened(t *testing.T) {
	for name, m := range sayings(t) {
		if m.What == "" {
			t.Errorf("%s says nothing", name)
		}
		said := strings.HasPrefix(name, "usage: tightened") || strings.Contains(name, " ready ")
		if m.Next == "" && !said {
			t.Errorf("%s leaves one without a next step: %s", name, m)
		}
	}
}
