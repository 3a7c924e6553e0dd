package words

import (
	"strings"

	"gitgrant/flows/handover"
)

// handing are the words for errors of handing over that carry no facts.
var handing = []said{
	{handover.ErrName, Message{
		"That is not a name for a Secret.",
		"Kubernetes takes lower case letters, digits, hyphens and dots, with a letter or digit at both ends.",
		"Give another name with --name, or leave the flag out.",
	}},
	{handover.ErrNamespace, Message{
		"That is not a name for a namespace.",
		"Kubernetes takes up to 63 lower case letters, digits and hyphens, with a letter or digit at both ends.",
		"Look at the spelling of --namespace.",
	}},
	{handover.ErrReserved, Message{
		"The chart makes a Secret of that name itself.",
		"The two would overwrite each other.",
		"Give another name with --name, or leave the flag out.",
	}},
	{handover.ErrVariable, Message{
		"That is not a name for a variable that holds the token.",
		"A name is letters, digits and underscores and begins with no digit, and GIT_USER holds the user name.",
		"Look at the spelling of --env.",
	}},
	{handover.ErrForeign, Message{
		"The address in --repo is not on the host of this token.",
		"A token is shown to its own host alone.",
		"Give an address on that host, such as that of your organization there.",
	}},
	{handover.ErrNoUser, Message{
		"The user name that belongs to this token is not known.",
		"The consumer sends one beside the token.",
		"Authorize again with `gitgrant reauthorize`, and give the name with --email or --username.",
	}},
	{handover.ErrUnwritten, Message{
		"A value holds a line end or another character that cannot be seen.",
		"The readers of such a file do not agree on how it is written.",
		"Use `gitgrant exec`, which writes no file.",
	}},
}

// NoForm is for an export that does not say in which form.
func NoForm(formats []string) Message {
	return Message{
		What: "Nothing says in which form the token is wanted.",
		Why:  "Each consumer reads its own.",
		Next: "Add --as with " + list(formats, "or") + ".",
	}
}

// ExportOnScreen is for a secret that would be shown to whoever looks.
func ExportOnScreen(runtime string, f handover.Format) Message {
	m := Message{
		What: "The token of " + runtime + " was not printed.",
		Why:  "Standard output is a terminal, where others may see it and where it stays.",
	}
	line := "`gitgrant export " + runtime + " --as " + string(f)
	switch {
	case f.Manifest():
		m.Next = "Send it on: " + line + " | kubectl apply -f -` to the cluster, " + line +
			" | kubeseal --format yaml` to seal it for a repository. --show prints it all the same."
	default:
		m.Next = "Run the program that wants it with `gitgrant exec " + runtime + " -- COMMAND`, send it on through a pipe, or add --show."
	}
	return m
}

// NoUseFor is for a flag that another flag makes pointless.
func NoUseFor(flag, beside string) Message {
	return Message{
		What: flag + " has no use beside " + beside + ".",
		Next: "Leave it out.",
	}
}

// EventSource says how an event source refers to what was just written.
func EventSource(s handover.Source) Message {
	keys := " and the key "
	if len(s.Keys) > 1 {
		keys = " and the keys "
	}
	m := Message{
		What: "The event source finds the token in its field " + s.Field + " by the name " + s.Secret + keys + list(s.Keys, "and") + ".",
		Next: "Write that into the event source, if it is not there yet.",
	}
	if s.AddressField != "" {
		m.Why = "Its field " + s.AddressField + " leads to the host: " + s.Address + " is the address."
	}
	return m
}

// Caveat is why a consumer may not work with a token, and the way out.
func Caveat(c handover.Caveat, s handover.Subject) Message {
	switch c {
	case handover.OneName:
		return Message{
			"The chart has one field for the user name, and this token needs two.",
			"REST wants the e-mail address of the account and git wants another name, so one of them will fail.",
			"Use an access token of a repository or workspace, which needs no e-mail address, or give Argo CD and Argo Events the token with `gitgrant export " +
				s.Runtime + " --as argocd-repo-creds` and `--as argo-events`.",
		}
	case handover.FineGrained:
		return Message{
			"The validation of the chart refuses fine-grained tokens.",
			"It looks for the scopes of a classic token, which a fine-grained one does not have.",
			"Set installer.skipValidation to true, or use a classic token.",
		}
	case handover.ProjectBot:
		return Message{
			"The validation of the chart refuses tokens of a single project.",
			"A runtime works with several repositories.",
			"Use a token of a group that holds them all, or of a robot account.",
		}
	case handover.BearerOnly:
		return Message{
			"The chart sends a user name beside the token.",
			"This kind of token is documented to be sent without one.",
			"Give Argo CD the token with `gitgrant export " + s.Runtime + " --as argocd-repo-creds`, or use a token of a robot account.",
		}
	case handover.Renewed:
		return Message{
			"This token ends within hours, and a cluster does not renew it.",
			"The host gives gitgrant a new one whenever it is needed, and the copy knows nothing of that.",
			"Give the cluster a personal access token instead: `gitgrant reauthorize " + s.Runtime + " --method pat`.",
		}
	case handover.Persons:
		return Message{
			"This is a user token.",
			"What the runtime does with it looks like that person's doing, and ends with their access.",
			"Hand over the runtime token: leave out --purpose.",
		}
	default:
		return Message{What: string(c)}
	}
}

// NothingToRun is for a command line without the command that is to be run.
func NothingToRun(command string) Message {
	return Message{
		What: "`" + command + "` needs a command to run.",
		Why:  "It stands behind two hyphens, so that its flags are its own.",
		Next: "Write it like `" + command + " prod -- flux bootstrap github`.",
	}
}

// NoSuchProgram is for a program that is nowhere on the way.
func NoSuchProgram(name string) Message {
	return Message{
		What: quote(name) + " was not found.",
		Why:  "No folder in PATH has a program of that name.",
		Next: "Look at the spelling, or give its whole path.",
	}
}

// NotStarted is for a program that the system does not start.
func NotStarted(name, why string) Message {
	return Message{
		What: quote(name) + " could not be started.",
		Why:  "The system says: " + quote(strings.TrimRight(why, ". ")) + ".",
		Next: "Look at the file.",
	}
}
