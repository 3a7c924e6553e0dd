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
	Ways     map[providers.Purpose][]wayReport    `json:"ways"`
	Needs    map[providers.Purpose][]neededReport `json:"needs"`
}

// wayReport is one of the methods as it is from here.
type wayReport struct {
	Method      providers.Method `json:"method"`
	Possible    bool             `json:"possible"`
	Recommended bool             `json:"recommended,omitempty"`
	About       string           `json:"about,omitempty"`
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
		Long: `Lists what a runtime token and a user token need on each kind of Git host, and the
ways to authorize there: which is recommended from here, and why one is closed. A
profile in hosts.yaml counts, and so do SSH, a container and a missing desktop.
Nobody is asked anything.`,
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
	d, err := o.desk()
	if err != nil {
		return err
	}
	world, err := d.World(false)
	if err != nil {
		return err
	}
	report := providersReport{Schema: schemaProviders}
	for _, p := range all.Providers() {
		if len(names) > 0 && names[0] != string(p.Kind()) {
			continue
		}
		about, err := reportOfProvider(world, p)
		if err != nil {
			return err
		}
		report.Providers = append(report.Providers, about)
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

func reportOfProvider(w flows.World, p providers.Provider) (providerReport, error) {
	r := providerReport{
		Provider: p.Kind(), Name: words.Provider(p.Kind()), Methods: p.Methods(),
		Ways: map[providers.Purpose][]wayReport{}, Needs: map[providers.Purpose][]neededReport{},
	}
	if cloud, err := p.Locate(""); err == nil {
		r.Host = cloud.URL
	}
	h, err := hostOfKind(w, p)
	if err != nil {
		return r, err
	}
	for _, purpose := range providers.Purposes {
		for _, way := range w.Ways(p, h, purpose) {
			r.Ways[purpose] = append(r.Ways[purpose], wayReport{
				providers.Method(way.ID), way.Closed == nil, way.Best, words.WayHere(way),
			})
		}
		r.Needs[purpose] = needsOf(p.Kind(), purpose)
	}
	return r, nil
}

// hostOfKind is the host that a kind of provider is here: its cloud, or the one
// server of the kind that has a profile. It is empty where nothing is known.
func hostOfKind(w flows.World, p providers.Provider) (providers.Host, error) {
	if _, err := p.Locate(""); err == nil {
		return w.Hosts.Resolve(p, "")
	}
	only, _ := w.Hosts.Only(p.Kind())
	return only, nil
}

func needsOf(kind providers.Kind, purpose providers.Purpose) []neededReport {
	var list []neededReport
	for _, requirement := range providers.PolicyOf(kind).Requirements(purpose) {
		needed := neededReport{
			Name: requirement.Name, Label: requirement.Label, Why: requirement.Why[purpose], Source: requirement.Source,
		}
		for _, need := range requirement.Needs {
			if names := need.Names(); len(names) > 0 {
				needed.Tokens = append(needed.Tokens, needReport{need.Kinds, names})
			}
		}
		list = append(list, needed)
	}
	return list
}

// list shows a provider to a person.
func (o *providersOptions) list(p providerReport) {
	at := words.AboutProvider(p.Provider)
	fmt.Fprintf(o.out, "%s (%s), %s\n", p.Name, p.Provider, at)
	fmt.Fprintf(o.out, "  methods: %s\n", strings.Join(texts(p.Methods), ", "))
	for _, purpose := range providers.Purposes {
		fmt.Fprintf(o.out, "    %s\n", words.WaysFor(purpose))
		for _, way := range p.Ways[purpose] {
			fmt.Fprintf(o.out, "      %s: %s\n", way.Method, words.OrPossible(way.About))
		}
	}
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
