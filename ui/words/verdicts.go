package words

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// Subject is what a verdict is about, as far as its sentences need it.
type Subject struct {
	Runtime  string // empty where the token is for none
	Purpose  providers.Purpose
	Provider providers.Provider // nil where it is not known
	Host     providers.Host
	Method   providers.Method
	Store    keyring.Kind // where it rests; empty where it is not stored
	Now      time.Time
}

// About is the subject of the verdicts on a stored grant.
func About(d *flows.Desk, g keyring.Grant) Subject {
	s := Subject{
		Runtime: g.Runtime, Purpose: providers.Purpose(g.Purpose), Method: providers.Method(g.Method),
		Host: providers.Host{URL: g.Host, Provider: providers.Kind(g.Provider)}, Store: g.Store, Now: d.Now(),
	}
	if p, h, err := d.HostOf(g); err == nil {
		s.Provider, s.Host = p, h
	}
	return s
}

// Present is the subject of the verdict on the token that a conversation is
// about.
func Present(c *flows.Conversation, now time.Time) Subject {
	a := c.Answers()
	return Subject{
		Runtime: a.Runtime, Purpose: a.Purpose, Method: a.Method,
		Provider: c.Provider(), Host: c.Host(), Now: now,
	}
}

// Step is the one thing to do next.
type Step struct {
	Do   string // a sentence
	Page string // the address of the page where it is done; empty where there is none
}

// Reason is why a token has the status that it has; empty for one that is
// valid.
func Reason(v flows.Verdict, s Subject) string {
	switch v.Status {
	case flows.Valid:
		return ""
	case flows.MissingScopes:
		return missing(v)
	case flows.Unverifiable:
		return unproven(v, s)
	case flows.Expiring:
		return ending(v, s)
	case flows.Expired:
		return ended(v, s)
	case flows.Absent:
		return capital(Store(storeOf(s))) + " has no token for this grant."
	case flows.Unchecked:
		if v.Cause == nil {
			return "The token has not been checked yet."
		}
	case flows.Locked:
		if v.Condition == nil {
			return capital(Store(storeOf(s))) + " is not open."
		}
		m := Condition(*v.Condition)
		return join(m.What, m.Why)
	}
	if v.Cause == nil {
		return capital(Status(v.Status)) + " when it was last looked at."
	}
	m := Cause(*v.Cause, s.Now)
	return join(m.What, m.Why)
}

func storeOf(s Subject) keyring.Kind {
	if s.Store == "" {
		return keyring.System
	}
	return s.Store
}

// missing names what is not granted, in the words of the provider's own page,
// and what a repository refuses whatever was granted.
func missing(v flows.Verdict) string {
	if name := wrongName(v); name != "" {
		return "Git does not take the user name " + name + " beside this token, and takes the token beside another one: the token is good, the name is not."
	}
	var scopes, ticks []string
	for _, f := range lacking(v) {
		scopes = append(scopes, Scope(f))
		if Takes(f) != "" {
			ticks = append(ticks, f.Lacks...)
		}
	}
	var sentences []string
	switch len(scopes) {
	case 0:
	case 1:
		sentences = append(sentences, scopes[0]+" is not granted.")
	default:
		sentences = append(sentences, list(scopes, "and")+" are not granted.")
	}
	switch len(ticks) {
	case 0:
	case 1:
		sentences = append(sentences, "The scope "+ticks[0]+" is missing for it.")
	default:
		sentences = append(sentences, "The scopes "+list(ticks, "and")+" are missing for it.")
	}
	for _, repository := range refusing(v) {
		sentences = append(sentences, repository+" does not let this token "+list(refused(v, repository), "or")+".")
	}
	return join(sentences...)
}

// wrongName is the user name that git does not take, where that is all that is
// wrong; empty where something else is missing too.
func wrongName(v flows.Verdict) string {
	name := ""
	for _, p := range v.Proofs {
		if p.State == providers.Missing && p.User == "" {
			return ""
		}
		name = cmp.Or(p.User, name)
	}
	if len(lacking(v)) > 0 {
		return ""
	}
	return name
}

// refused are the rights that a repository refuses.
func refused(v flows.Verdict, repository string) []string {
	var rights []string
	for _, p := range v.Proofs {
		if p.State == providers.Missing && p.Repository == repository {
			rights = append(rights, Right(p.Right))
		}
	}
	return rights
}

// lacking are the missing requirements that are the token's own; the others are
// missing because a repository refused.
func lacking(v flows.Verdict) []providers.Finding {
	return slices.DeleteFunc(v.Missing(), func(f providers.Finding) bool {
		return slices.ContainsFunc(v.Proofs, func(p providers.Proof) bool {
			return p.State == providers.Missing && p.Evidence != "" && p.Evidence == f.Evidence
		})
	})
}

// refusing are the repositories that refuse something.
func refusing(v flows.Verdict) []string {
	var names []string
	for _, p := range v.Proofs {
		if p.State == providers.Missing && !slices.Contains(names, p.Repository) {
			names = append(names, p.Repository)
		}
	}
	return names
}

// unproven says which rights nobody can see, and why.
func unproven(v flows.Verdict, s Subject) string {
	var scopes []string
	standing := ""
	for _, f := range v.Unproven() {
		scopes = append(scopes, Scope(f))
		if unnamed(f) {
			standing = "what stands for "
		}
	}
	what := capital(Kind(v.Kind)) + " does not tell its rights"
	if v.Kind == "" || v.Kind == providers.UnknownKind {
		what = hostName(s.Host.URL) + " does not tell the rights of this token"
	}
	if len(scopes) == 0 {
		return sentence(what) + "."
	}
	return sentence(what) + ", so " + standing + list(scopes, "and") + " cannot be seen without trying."
}

func ending(v flows.Verdict, s Subject) string {
	if v.Expiry == providers.ExpiryUser {
		return "The token ends " + When(s.Now, v.ExpiresAt) + ", as you stated."
	}
	return "The token ends " + When(s.Now, v.ExpiresAt) + "."
}

func ended(v flows.Verdict, s Subject) string {
	switch {
	case v.Cause != nil:
		m := Cause(*v.Cause, s.Now)
		return join(m.What, m.Why)
	case v.ExpiresAt.IsZero():
		return "The token has expired."
	default:
		return "The token expired " + When(s.Now, v.ExpiresAt) + "."
	}
}

func owner(v flows.Verdict) string {
	if v.Account.Login == "" {
		return "its account"
	}
	return v.Account.Login
}

// Next is what to do about a token; nothing for one that is valid.
func Next(v flows.Verdict, s Subject) Step {
	switch v.Status {
	case flows.Valid:
		return Step{}
	case flows.MissingScopes:
		switch {
		case wrongName(v) != "":
			return Step{Do: "Leave the user name for git out, or give the one that git takes; as a flag it is --username."}
		case len(lacking(v)) > 0:
		case v.Kind == providers.HTTPAccessToken: // the token may be too small, and nothing tells
			step := better(s, "a token that has "+list(wanted(v, s), "and"))
			step.Do = "Have " + owner(v) + " let in at " + list(refusing(v), "and") + ", or " + small(step.Do)
			return step
		default:
			return Step{Do: "Look at the spelling of " + list(refusing(v), "and") + ", or have " + owner(v) + " let in there."}
		}
		return better(s, "a token that has "+list(wanted(v, s), "and"))
	case flows.Expiring, flows.Expired, flows.Revoked, flows.Rejected:
		return instead(v, s)
	case flows.Unverifiable:
		if len(v.Proofs) > 0 {
			return Step{Do: "The rest cannot be proven by reading: look at the rights of the token on its page."}
		}
		return Step{Do: "To be sure, prove it against a repository: `" + checkLine(s) + " --repo " + repositoryHint(s.Host.Provider) + "`."}
	case flows.Absent:
		return Step{Do: "Run `" + reauthorizeLine(s) + "`."}
	case flows.Unchecked:
		if v.Cause != nil {
			return Step{Do: Cause(*v.Cause, s.Now).Next}
		}
		return Step{Do: "Run `" + strings.TrimRight("gitgrant status "+s.Runtime, " ") + "`."}
	case flows.Locked:
		if v.Condition == nil {
			return Step{Do: "Run `gitgrant keyring unlock`, then this again."}
		}
		return Step{Do: Condition(*v.Condition).Next}
	}
	if v.Cause == nil {
		return Step{Do: "Check it again."}
	}
	return Step{Do: Cause(*v.Cause, s.Now).Next, Page: v.Cause.URL}
}

// wanted is everything that the new token is to have, by the names on the page
// where it is made: a person ticks all of it there.
func wanted(v flows.Verdict, s Subject) []string {
	var names []string
	for _, r := range providers.PolicyOf(s.Host.Provider).Requirements(s.Purpose) {
		for _, name := range r.Needs[0].Names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, f := range v.Findings { // of a kind of host that is not known any more
		names = append(names, Scope(f))
	}
	return names
}

// instead leads to a token in place of one that has ended or is refused. Where
// the name beside it may be what is refused, that is looked at first.
func instead(v flows.Verdict, s Subject) Step {
	switch {
	case v.Cause == nil:
		return better(s, "a token")
	case v.Cause.Kind == cause.AppPassword:
		return better(s, "an API token")
	case v.Cause.Kind == cause.ToldByGit:
		return Step{Do: "Run `" + strings.TrimRight("gitgrant status "+s.Runtime, " ") + "`: it asks the host again."}
	case v.Cause.Kind == cause.Rejected && v.Cause.User != "":
		step := better(s, "a token")
		return Step{Do: "Look at the address " + v.Cause.User + " first. If it is right, " + small(step.Do), Page: step.Page}
	default:
		return better(s, "a token")
	}
}

// small is a sentence as the second half of another.
func small(sentence string) string { return strings.ToLower(sentence[:1]) + sentence[1:] }

// better leads to a token in place of this one. OAuth makes it by itself, all
// others are made by a person on a page.
func better(s Subject, token string) Step {
	stored := s.Runtime != "" && s.Store != ""
	switch {
	case s.Method.OAuth() && stored:
		return Step{Do: "Sign in again with `" + reauthorizeLine(s) + "`."}
	case s.Method.OAuth():
		return Step{Do: MakeBetter(s.Method, s.Host.Provider)}
	case s.Provider == nil:
		return Step{Do: "Make " + token + " anew."}
	}
	page := s.Provider.TokenPage(s.Host, s.Purpose, TokenName(s.Runtime, s.Purpose))
	do := "Make " + token + " at " + page
	if stored {
		return Step{Do: do + " and run `" + reauthorizeLine(s) + "`.", Page: page}
	}
	return Step{Do: do + " and give that one.", Page: page}
}

func reauthorizeLine(s Subject) string {
	return "gitgrant reauthorize " + orElse(s.Runtime, "RUNTIME") + " --purpose " + string(s.Purpose)
}

// repositoryHint is how a repository is named at a kind of host.
func repositoryHint(kind providers.Kind) string {
	if kind == providers.BitbucketServer {
		return "KEY/repository"
	}
	return "owner/name"
}

// checkLine is the command that checks a token by itself: one that is stored is
// handed to it.
func checkLine(s Subject) string {
	var line string
	if s.Store != "" && s.Store != keyring.Memory {
		line = "gitgrant token " + s.Runtime + " --purpose " + string(s.Purpose) + " | "
	}
	line += "gitgrant check --provider " + string(s.Host.Provider)
	if s.Provider != nil {
		if cloud, err := s.Provider.Locate(""); err != nil || cloud.URL != s.Host.URL {
			line += " --host " + hostName(s.Host.URL)
		}
	}
	return line + " --purpose " + string(s.Purpose)
}

// TokenName is what a token is called on the page of its provider, so that its
// owner knows it again in years.
func TokenName(runtime string, purpose providers.Purpose) string {
	return join("gitgrant", runtime, string(purpose))
}

// Expiry is when a token ends, for a column: "in 3 days", "never", "unknown".
func Expiry(v flows.Verdict, now time.Time) string {
	switch {
	case !v.ExpiresAt.IsZero():
		return distance(now, v.ExpiresAt)
	case v.Expiry == providers.ExpiryNone:
		return "never"
	default:
		return "unknown"
	}
}
