package words

import (
	"gitgrant/flows/handover"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// NextCommand is something to do with a token that was just stored, and the
// command that does it. No command holds a secret.
type NextCommand struct {
	About   string
	Command string
}

// NextCommands are what most people do next, the first thing first.
func NextCommands(g keyring.Grant) []NextCommand {
	status := NextCommand{"See how it stands at any time:", "gitgrant status " + g.Runtime}
	if g.Purpose != string(providers.Runtime) {
		return []NextCommand{
			{"Let git itself use it, for clone and push:", "gitgrant git setup"},
			{"Give it to one command, and to no other:", "gitgrant exec " + g.Runtime + " -- COMMAND"},
			status,
		}
	}
	export := "gitgrant export " + g.Runtime + " --as "
	return []NextCommand{
		{
			"Hand it to the cluster, into a namespace that is there already:",
			export + string(handover.KubernetesSecret) + " --namespace " + g.Runtime + " | kubectl apply -f -",
		},
		{"Write the values that refer to it; they hold no secret:", export + string(handover.HelmValues) + " > " + ValuesFile(g.Runtime)},
		{"Install with them, whatever your chart is:", "helm upgrade --install " + g.Runtime + " CHART --namespace " + g.Runtime + " -f " + ValuesFile(g.Runtime)},
		status,
	}
}

// ValuesFile is where the values for a chart are written.
func ValuesFile(runtime string) string { return runtime + "-values.yaml" }

// ValuesWritten says that the values are in a file.
func ValuesWritten(file string) string {
	return "The values are in " + file + " and hold no token."
}

// ValuesThere says that a file of that name is there and stays as it is.
func ValuesThere(file string) string {
	return file + " is there already and was left as it is."
}
