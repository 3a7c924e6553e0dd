package providers

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"
)

// State is how a requirement stands.
type State string

// The states of a requirement. Unverifiable is a state of its own between
// granted and missing: nothing read-only can prove it.
const (
	Granted       State = "granted"
	Implied       State = "implied"
	Missing       State = "missing"
	Unverifiable  State = "unverifiable"
	NotApplicable State = "not-applicable"
)

// Requirement is one right that a purpose needs, in the provider's own words.
type Requirement struct {
	// Name identifies it in reports.
	Name string `yaml:"name"`
	// Label is what the provider's own page calls it.
	Label string `yaml:"label"`
	// Why says what a runtime and a person need it for, by purpose.
	Why map[Purpose]string `yaml:"why"`
	// Needs says what each kind of token takes for it.
	Needs []Need `yaml:"needs"`
	// Proven are the rights on a repository that show it at work.
	Proven []Right `yaml:"proven"`
	// Source is where the provider documents it.
	Source string `yaml:"source"`
}

// Need is what some kinds of token take for a requirement: all of Scopes, where
// the host tells scopes, or all of Permissions, where it does not. A need with
// neither does not apply to those kinds, unless it is Unnamed: they take
// something for it, and nobody knows for certain what it is called.
type Need struct {
	Kinds       []TokenKind `yaml:"kinds"`
	Scopes      []string    `yaml:"scopes"`
	Permissions []string    `yaml:"permissions"`
	Unnamed     bool        `yaml:"unnamed"`
}

// For is what a kind of token takes. Kinds that nobody listed are held to the
// first need, which is the provider's common case.
func (r Requirement) For(kind TokenKind) Need {
	for _, need := range r.Needs {
		if slices.Contains(need.Kinds, kind) {
			return need
		}
	}
	return r.Needs[0]
}

// Names are what a person ticks or asks for: scopes, or permissions where this
// kind of token has no scopes.
func (n Need) Names() []string {
	if len(n.Scopes) > 0 {
		return n.Scopes
	}
	return n.Permissions
}

// Finding is a requirement held against an inspection.
type Finding struct {
	Name     string   `json:"name"`
	Label    string   `json:"label,omitempty"`
	State    State    `json:"state"`
	By       string   `json:"by,omitempty"` // the scope or repository that shows it
	Evidence string   `json:"evidence,omitempty"`
	Needs    []string `json:"needs,omitempty"` // what this kind of token takes for it
	Lacks    []string `json:"lacks,omitempty"` // the scopes of those that it was seen not to have
}

// Policy is what the purposes need from one kind of host.
type Policy struct {
	kinds    []Kind
	purposes map[Purpose][]Requirement
	// includes maps a scope to the scopes that it brings along.
	includes map[string][]string
	// aliases maps other spellings to the scope.
	aliases map[string]string
	// unfit are the sorts of token that cannot serve a purpose.
	unfit map[Purpose][]TokenKind
	// brief are those that can, for some hours.
	brief map[Purpose][]TokenKind
}

//go:embed requirements.yaml
var policyFile []byte

type policyDocument struct {
	Providers []struct {
		Kinds        []Kind                  `yaml:"kinds"`
		Includes     map[string][]string     `yaml:"includes"`
		Aliases      map[string]string       `yaml:"aliases"`
		Requirements []Requirement           `yaml:"requirements"`
		Purposes     map[Purpose][]string    `yaml:"purposes"`
		Unfit        map[Purpose][]TokenKind `yaml:"unfit"`
		Brief        map[Purpose][]TokenKind `yaml:"brief"`
	} `yaml:"providers"`
}

var policies = sync.OnceValue(func() map[Kind]Policy {
	all, err := readPolicies(policyFile)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return all
})

func readPolicies(file []byte) (map[Kind]Policy, error) {
	var doc policyDocument
	if err := yaml.UnmarshalWithOptions(file, &doc, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("requirements.yaml: %w", err)
	}
	all := map[Kind]Policy{}
	for _, p := range doc.Providers {
		policy := Policy{
			kinds: p.Kinds, includes: p.Includes, aliases: p.Aliases, unfit: p.Unfit, brief: p.Brief,
			purposes: map[Purpose][]Requirement{},
		}
		for purpose, names := range p.Purposes {
			for _, name := range names {
				i := slices.IndexFunc(p.Requirements, func(r Requirement) bool { return r.Name == name })
				if i < 0 || len(p.Requirements[i].Needs) == 0 {
					return nil, fmt.Errorf("requirements.yaml: %s needs %q, which is not described", purpose, name)
				}
				policy.purposes[purpose] = append(policy.purposes[purpose], p.Requirements[i])
			}
		}
		for _, kind := range p.Kinds {
			all[kind] = policy
		}
	}
	return all, nil
}

// PolicyOf is what the purposes need from a kind of host.
func PolicyOf(kind Kind) Policy { return policies()[kind] }

// Requirements are what a purpose needs, in the order in which they are shown.
func (p Policy) Requirements(purpose Purpose) []Requirement { return p.purposes[purpose] }

// Serves reports whether a sort of token can serve a purpose at all, whatever
// its rights.
func (p Policy) Serves(purpose Purpose, kind TokenKind) bool {
	return !slices.Contains(p.unfit[purpose], kind)
}

// Lasts reports whether a sort of token serves a purpose for longer than some
// hours: what it is handed to does not renew it.
func (p Policy) Lasts(purpose Purpose, kind TokenKind) bool {
	return !slices.Contains(p.brief[purpose], kind)
}

// Requirement is the one of that name among what a purpose needs.
func (p Policy) Requirement(purpose Purpose, name string) (Requirement, bool) {
	for _, r := range p.purposes[purpose] {
		if r.Name == name {
			return r, true
		}
	}
	return Requirement{}, false
}

// Scopes are the scopes to ask for so that a purpose has what it needs.
func (p Policy) Scopes(purpose Purpose, kind TokenKind) []string {
	var scopes []string
	for _, r := range p.purposes[purpose] {
		for _, scope := range r.For(kind).Scopes {
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes
}

// Hold holds the requirements of a purpose against what a host said, and
// against what probes of repositories showed.
func (p Policy) Hold(purpose Purpose, in Inspection, proofs []Proof) []Finding {
	var findings []Finding
	for _, r := range p.purposes[purpose] {
		need := r.For(in.Kind)
		f := Finding{Name: r.Name, Label: r.Label, Needs: need.Names()}
		f.State, f.By = p.holdOne(need, in.Rights)
		if f.State != NotApplicable {
			f.Evidence = in.Rights.Evidence
		}
		if shown, ok := in.Shown[r.Name]; ok && (f.State == Missing || f.State == Unverifiable) {
			f.State, f.Evidence = Granted, shown
		}
		if f.State == Missing {
			f.Lacks = p.lacks(need, in.Rights)
		}
		findings = append(findings, f.prove(r.Proven, proofs))
	}
	return findings
}

// lacks are the scopes of a need that nothing among the rights grants.
func (p Policy) lacks(need Need, rights Rights) []string {
	var lacking []string
	for _, scope := range need.Scopes {
		if _, ok := p.giver(scope, rights.Scopes); !ok {
			lacking = append(lacking, scope)
		}
	}
	return lacking
}

func (p Policy) holdOne(need Need, rights Rights) (State, string) {
	if len(need.Names()) == 0 && !need.Unnamed {
		return NotApplicable, ""
	}
	if !rights.Known || len(need.Scopes) == 0 {
		return Unverifiable, ""
	}
	state, by := Granted, ""
	for _, scope := range need.Scopes {
		giver, ok := p.giver(scope, rights.Scopes)
		if !ok {
			return Missing, ""
		}
		if giver != scope {
			state = Implied
		}
		if by == "" || giver != scope {
			by = giver
		}
	}
	return state, by
}

// giver finds the scope among have that grants the wanted one: itself first.
func (p Policy) giver(want string, have []string) (string, bool) {
	for _, h := range have {
		if p.canonical(h) == want {
			return want, true
		}
	}
	for _, h := range have {
		if slices.Contains(p.closure(p.canonical(h)), want) {
			return p.canonical(h), true
		}
	}
	return "", false
}

func (p Policy) canonical(scope string) string {
	if name, ok := p.aliases[scope]; ok {
		return name
	}
	return scope
}

// closure is a scope and everything that it brings along.
func (p Policy) closure(scope string) []string {
	all := []string{scope}
	for i := 0; i < len(all); i++ {
		for _, next := range p.includes[all[i]] {
			if !slices.Contains(all, next) {
				all = append(all, next)
			}
		}
	}
	return all
}

// prove lets probes overrule what the scopes say: a right that a repository
// refused is missing whatever the scopes promise. Where the scopes say nothing,
// a requirement is granted once every right that shows it has been seen, and
// none was left open on any repository.
func (f Finding) prove(shows []Right, proofs []Proof) Finding {
	unseen, open := slices.Clone(shows), false
	shown := Proof{}
	for _, proof := range proofs {
		if !slices.Contains(shows, proof.Right) {
			continue
		}
		switch proof.State {
		case Missing:
			if f.State == Missing {
				return f // no scope, and so no repository either
			}
			f.State, f.By, f.Evidence = Missing, "", proof.Evidence
			return f
		case Granted:
			shown = proof
			unseen = slices.DeleteFunc(unseen, func(r Right) bool { return r == proof.Right })
		default:
			open = true
		}
	}
	if f.State == Unverifiable && shown.State == Granted && len(unseen) == 0 && !open {
		f.State, f.By, f.Evidence = Granted, shown.Repository, shown.Evidence
	}
	return f
}

// Excess are the scopes that a token has and no requirement of the purpose
// asks for.
func (p Policy) Excess(purpose Purpose, in Inspection) []string {
	var wanted []string
	for _, scope := range p.Scopes(purpose, in.Kind) {
		wanted = append(wanted, p.closure(scope)...)
	}
	var excess []string
	for _, scope := range in.Rights.Scopes {
		if scope != OfflineAccess && !slices.Contains(wanted, p.canonical(scope)) {
			excess = append(excess, scope)
		}
	}
	return excess
}

// Rights are the rights on a repository that show the requirements of a
// purpose at work.
func (p Policy) Rights(purpose Purpose) []Right {
	var rights []Right
	for _, r := range p.purposes[purpose] {
		for _, right := range r.Proven {
			if !slices.Contains(rights, right) {
				rights = append(rights, right)
			}
		}
	}
	return rights
}
