package command

import (
	"bytes"
	"fmt"
	"strings"

	"gitgrant/flows"
	"gitgrant/keyring"
)

// metrics writes the verdicts in the text format of Prometheus: for every token
// one series a status, 1 for the one that it has, and its moments.
func (o *statusOptions) metrics(grants []keyring.Grant, verdicts []flows.Verdict) error {
	var b bytes.Buffer
	head(&b, "gitgrant_token_status", "Status of a stored Git token: 1 for the one that it has, 0 for the others.")
	for i, g := range grants {
		for _, status := range flows.Statuses {
			value := 0
			if verdicts[i].Status == status {
				value = 1
			}
			fmt.Fprintf(&b, "gitgrant_token_status{%s,status=\"%s\"} %d\n", labels(g), status, value)
		}
	}
	head(&b, "gitgrant_token_expiry_timestamp_seconds", "When a stored Git token ends, where that is known.")
	for i, g := range grants {
		if at := verdicts[i].ExpiresAt; !at.IsZero() {
			fmt.Fprintf(&b, "gitgrant_token_expiry_timestamp_seconds{%s} %d\n", labels(g), at.Unix())
		}
	}
	head(&b, "gitgrant_token_checked_timestamp_seconds", "When a stored Git token was last checked.")
	for i, g := range grants {
		if at := verdicts[i].CheckedAt; !at.IsZero() {
			fmt.Fprintf(&b, "gitgrant_token_checked_timestamp_seconds{%s} %d\n", labels(g), at.Unix())
		}
	}
	_, err := b.WriteTo(o.out)
	return err
}

func head(b *bytes.Buffer, name, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func labels(g keyring.Grant) string {
	var pairs []string
	for _, pair := range [][2]string{
		{"runtime", g.Runtime}, {"purpose", g.Purpose}, {"provider", g.Provider}, {"host", g.Host}, {"account", g.Account},
	} {
		pairs = append(pairs, pair[0]+`="`+escapeLabel.Replace(pair[1])+`"`)
	}
	return strings.Join(pairs, ",")
}
