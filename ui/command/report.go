package command

import (
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// The schemas of the reports, as docs/reports.md describes them.
const (
	schemaStatus = "gitgrant.status/v1"
	schemaCheck  = "gitgrant.check/v1"
)

// statusReport is what status, install and reauthorize print for a program.
type statusReport struct {
	Schema string        `json:"schema"`
	Grants []grantReport `json:"grants"`
}

// checkReport is what check prints for a program.
type checkReport struct {
	Schema string `json:"schema"`
	grantReport
}

// grantReport is one token. Facts that are not known are left out.
type grantReport struct {
	Runtime       string              `json:"runtime,omitempty"`
	Purpose       providers.Purpose   `json:"purpose"`
	Provider      providers.Kind      `json:"provider"`
	Host          string              `json:"host"`
	Account       string              `json:"account,omitempty"`
	Method        providers.Method    `json:"method,omitempty"`
	Kind          providers.TokenKind `json:"kind,omitempty"`
	Status        flows.Status        `json:"status"`
	Reason        string              `json:"reason,omitempty"`
	Next          string              `json:"next,omitempty"`
	Requirements  []requirementReport `json:"requirements,omitempty"`
	Excess        []string            `json:"excess,omitempty"`
	Repositories  []proofReport       `json:"repositories,omitempty"`
	ExpiresAt     *time.Time          `json:"expires_at,omitempty"`
	ExpiresSource string              `json:"expires_source,omitempty"`
	CheckedAt     *time.Time          `json:"checked_at,omitempty"`
	Store         keyring.Kind        `json:"store,omitempty"`
}

type requirementReport struct {
	Name     string          `json:"name"`
	Label    string          `json:"label,omitempty"`
	State    providers.State `json:"state"`
	By       string          `json:"by,omitempty"`
	Evidence string          `json:"evidence,omitempty"`
	Needs    []string        `json:"needs,omitempty"`
	Lacks    []string        `json:"lacks,omitempty"` // of Needs, where some of them are there
}

type proofReport struct {
	Repository string          `json:"repository"`
	Right      providers.Right `json:"right"`
	State      providers.State `json:"state"`
	Evidence   string          `json:"evidence,omitempty"`
}

// reportOf puts a verdict into the shape of the reports.
func reportOf(about words.Subject, v flows.Verdict) grantReport {
	r := grantReport{
		Runtime:       about.Runtime,
		Purpose:       about.Purpose,
		Provider:      about.Host.Provider,
		Host:          about.Host.URL,
		Account:       v.Account.Login,
		Method:        about.Method,
		Kind:          v.Kind,
		Status:        v.Status,
		Reason:        words.Reason(v, about),
		Excess:        v.Excess,
		ExpiresAt:     known(v.ExpiresAt),
		ExpiresSource: string(v.Expiry),
		CheckedAt:     known(v.CheckedAt),
		Store:         about.Store,
	}
	step := words.Next(v, about)
	if r.Next = step.Page; r.Next == "" {
		r.Next = step.Do
	}
	for _, f := range v.Findings {
		r.Requirements = append(r.Requirements, requirementReport{
			Name: f.Name, Label: f.Label, State: f.State, By: f.By, Evidence: f.Evidence, Needs: f.Needs, Lacks: lacks(f),
		})
	}
	for _, p := range v.Proofs {
		r.Repositories = append(r.Repositories, proofReport{p.Repository, p.Right, p.State, p.Evidence})
	}
	return r
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Second)
	return &at
}

// withAccount fills in whose token it is where the verdict does not know.
func withAccount(v flows.Verdict, g keyring.Grant) flows.Verdict {
	if v.Account.Login == "" {
		v.Account.Login = g.Account
	}
	if v.Kind == "" {
		v.Kind = providers.TokenKind(g.Kind)
	}
	return v
}

func lacks(f providers.Finding) []string {
	if len(f.Lacks) == len(f.Needs) {
		return nil
	}
	return f.Lacks
}
