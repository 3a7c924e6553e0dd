package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/ui/words"
)

const schemaProviders = "gitgrant.providers/v1"

type providersReport struct {
	Schema    string           `json:"schema"`
	Providers []providerReport `json:"providers"`
}

type providerReport struct {
	Provider providers.Kind                       `json:"provider"`
	Name     string                               `json:"name"`
	Host     string                               `json:"host,omitempty"`
	Methods  []providers.Method                   `json:"methods"`
	Needs    map[providers.Purpose][]neededReport `json:"needs"`
}

type neededReport struct {
	Name   string       `json:"name"`
	Label  string       `json:"label"`
	Why    string       `json:"why"`
	Tokens []needReport `json:"tokens"`
	Source string       `json:"source"`
}

type needReport struct {
	Kinds []providers.TokenKind `json:"kinds"`
	Needs []string              `json:"needs"`
}

type providersOptions struct {
	*session
	output format
}

func newProviders(s *session) *cobra.Command {
	o := &providersOptions{session: s}
	cmd := &cobra.Command{
		Use:   "providers [PROVIDER]",
		Short: "List the kinds of Git host, and what each purpose needs there",
		Example: `  gitgrant providers
  gitgrant providers github -o json`,
		GroupID:           groupConfigure,
		Args:              atMostOne,
		ValidArgsFunction: fixed(texts(kinds())),
		RunE:              func(_ *cobra.Command, args []string) error { return o.run(args) },
	}
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *providersOptions) run(names []string) error {
	report := providersReport{Schema: schemaProviders}
	for _, p := range all.Providers() {
		if len(names) == 0 || names[0] == string(p.Kind()) {
			report.Providers = append(report.Providers, reportOfProvider(p))
		}
	}
	if len(report.Providers) == 0 {
		return &flows.UnknownProviderError{Kind: names[0]}
	}
	if o.output != table {
		return o.print(o.output, report)
	}
	for i, p := range report.Providers {
		if i > 0 {
			fmt.Fprintln(o.out)
		}
		o.list(p)
	}
	return nil
}

func reportOfProvider(p providers.Provider) providerReport {
	r := providerReport{
		Provider: p.Kind(), Name: words.Provider(p.Kind()), Methods: p.Methods(),
		Needs: map[providers.Purpose][]neededReport{},
	}
	if cloud, err := p.Locate(""); err == nil {
		r.Host = cloud.URL
	}
	for _, purpose := range providers.Purposes {
		for _, requirement := range providers.PolicyOf(p.Kind()).Requirements(purpose) {
			needed := neededReport{
				Name: requirement.Name, Label: requirement.Label, Why: requirement.Why[purpose], Source: requirement.Source,
			}
			for _, need := range requirement.Needs {
				if names := need.Names(); len(names) > 0 {
					needed.Tokens = append(needed.Tokens, needReport{need.Kinds, names})
				}
			}
			r.Needs[purpose] = append(r.Needs[purpose], needed)
		}
	}
	return r
}

// list shows a provider to a person.
func (o *providersOptions) list(p providerReport) {
	at := words.AboutProvider(p.Provider)
	fmt.Fprintf(o.out, "%s (%s), %s\n", p.Name, p.Provider, at)
	fmt.Fprintf(o.out, "  methods: %s\n", strings.Join(texts(p.Methods), ", "))
	for _, purpose := range providers.Purposes {
		fmt.Fprintf(o.out, "  %s:\n", strings.ToLower(words.Purpose(purpose)))
		for _, needed := range p.Needs[purpose] {
			fmt.Fprintf(o.out, "    %s\n      %s\n", needed.Label, words.Because(needed.Why))
			for _, need := range needed.Tokens {
				if !slices.Equal(need.Needs, []string{needed.Name}) {
					fmt.Fprintf(o.out, "      %s: %s\n", strings.Join(texts(need.Kinds), ", "), strings.Join(need.Needs, ", "))
				}
			}
		}
	}
}
