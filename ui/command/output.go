package command

import (
	"bytes"
	"encoding/json"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
)

// format is how a report is written.
type format string

const (
	table      format = "table"
	asJSON     format = "json"
	asYAML     format = "yaml"
	prometheus format = "prometheus"
)

func bindOutput(cmd *cobra.Command, to *format, takes ...format) {
	*to = table
	cmd.Flags().VarP(choiceOf(to, "--output", takes...), "output", "o", "how to report: "+alternatives(texts(takes)))
	complete(cmd, "output", fixed(texts(takes)))
}

// print writes a report for a program: JSON, or the same tree as YAML.
func (s *session) print(as format, report any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	text := b.Bytes()
	if as == asYAML {
		var err error
		if text, err = yaml.JSONToYAML(text); err != nil {
			return err
		}
	}
	_, err := s.out.Write(text)
	return err
}
