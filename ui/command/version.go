package command

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// What the build writes in by -ldflags.
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

type versionReport struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Date     string `json:"date"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

type versionOptions struct {
	*session
	output format
}

func newVersion(s *session) *cobra.Command {
	o := &versionOptions{session: s}
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		GroupID: groupMore,
		Args:    nothing,
		RunE:    func(*cobra.Command, []string) error { return o.run() },
	}
	bindOutput(cmd, &o.output, table, asJSON, asYAML)
	return cmd
}

func (o *versionOptions) run() error {
	report := versionReport{version, commit, date, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if o.output != table {
		return o.print(o.output, report)
	}
	_, err := fmt.Fprintf(o.out, "gitgrant %s (%s, %s) %s %s\n", report.Version, report.Commit, report.Date, report.Go, report.Platform)
	return err
}
