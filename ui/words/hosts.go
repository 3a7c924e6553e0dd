package words

import (
	"fmt"
	"slices"
	"strings"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/hosts"
)

// inFiles are the words for what is wrong with hosts.yaml: why, and what to do.
// {field} is the field that it is about.
var inFiles = map[hosts.Problem]Message{
	hosts.NotYAML: {
		Why:  "It is not YAML.",
		Next: "Look at the indentation and at quotes around that line.",
	},
	hosts.TooLarge: {
		Why:  "It is larger than any list of hosts.",
		Next: "Look whether it is the right file.",
	},
	hosts.WrongShape: {
		Why:  "It is not a list of hosts under the word hosts.",
		Next: "Begin it with hosts: and write one entry for each host below.",
	},
	hosts.WrongType: {
		Why:  "{field} is a list or a group where a text belongs, or the other way round.",
		Next: "Write it as `gitgrant hosts set` would.",
	},
	hosts.Absent: {
		Why:  "{field} is missing.",
		Next: "Add it to that entry.",
	},
	hosts.Doubled: {
		Why:  "{field} was there before.",
		Next: "Keep one of the two.",
	},
	hosts.Mistyped: {
		Why:  "There is no such field, and it looks like {field}; what it says would count for nothing.",
		Next: "Write {field} there if you mean it, else give it a name of its own.",
	},
	hosts.UnknownProvider: {
		Why:  "The provider is none of the six kinds of Git host.",
		Next: "Write github, github-enterprise, gitlab, gitlab-server, bitbucket or bitbucket-server.",
	},
	hosts.UnknownMethod: {
		Why:  "A method is neither oauth nor pat.",
		Next: "Write one of them, or both.",
	},
	hosts.UnknownTokens: {
		Why:  "OAuth tokens are neither long-lived nor short-lived there.",
		Next: "Write one of them, or nothing.",
	},
	hosts.OtherProvider: {
		Why:  "That address belongs to another kind of Git host.",
		Next: "Change the provider of that entry, or its address.",
	},
	hosts.BadAddress: {
		Why:  "{field} is not an address.",
		Next: "Write it like https://git.example.com, with a port and a path where it has them.",
	},
	hosts.UserInfo: {
		Why:  "{field} holds a user name or a password.",
		Next: "Write the address without them.",
	},
	hosts.PlainHTTP: {
		Why:  "{field} begins with http, which only an address of this very machine may do.",
		Next: "Write an address that begins with https.",
	},
	hosts.BadText: {
		Why:  "{field} holds characters that cannot be seen.",
		Next: "Write it again by hand.",
	},
	hosts.Limited: {
		Why:  "Whoever looks after this machine does not allow one of these methods for this host.",
		Next: "Leave it out; `gitgrant hosts list` names the file that says so.",
	},
	hosts.Shared: {
		Why:  "{field} comes from a profile that is shared on this machine, and cannot be taken out here.",
		Next: "Give it another value; `gitgrant hosts list` names the file that it comes from.",
	},
	hosts.Rigid: {
		Why:  "{field} is written in a way that only you can change, such as an alias or one long line.",
		Next: "Change it in the file yourself.",
	},
}

// HostsFile is what is wrong with hosts.yaml, and where.
func HostsFile(e *hosts.FileError) Message {
	m := inFiles[e.Problem]
	m.What = e.File + " cannot be used as it is."
	if e.Line > 0 {
		m.What = fmt.Sprintf("%s cannot be used as it is: line %d, column %d.", e.File, e.Line, e.Column)
	}
	return m.fill(map[string]string{"field": orElse(e.Field, "an entry")})
}

// ProfileRefused is for a profile that was asked for and cannot be.
func ProfileRefused(e *hosts.FileError) Message {
	m := HostsFile(e)
	m.What = "The profile was not changed."
	return m
}

// ProfileKept says that a profile is in hosts.yaml.
func ProfileKept(url string) string { return "The profile of " + hostName(url) + " is in hosts.yaml." }

// ApplicationUntried says that a host could not be asked about an application,
// and why; it is kept all the same.
func ApplicationUntried(url string, why Message) Message {
	return Message{
		What: "Whether " + hostName(url) + " takes the application is not known yet.",
		Why:  join(why.What, why.Why),
		Next: "It is kept; the first sign-in tells.",
	}
}

// ProfileFrom says which files a profile comes from: the person's own, and those
// that are shared.
func ProfileFrom(own string, files []string) string {
	var from []string
	for _, file := range files {
		if file == own {
			file = "you"
		}
		from = append(from, file)
	}
	return strings.Join(from, ", over ")
}

// ProfileRemoved says that it is not any more.
func ProfileRemoved(name string) string { return "The profile of " + name + " was removed." }

// StillAt says who uses a host whose profile was removed.
func StillAt(url string, grants []keyring.Grant) Message {
	var runtimes []string
	for _, g := range grants {
		if !slices.Contains(runtimes, g.Runtime) {
			runtimes = append(runtimes, g.Runtime)
		}
	}
	return Message{
		What: list(runtimes, "and") + " still " + agree(len(runtimes), "uses", "use") + " " + hostName(url) + ".",
		Why:  "Without a profile it is spoken with as any other host of its kind, at its own address.",
		Next: "Where that does not reach it, make the profile again with `gitgrant hosts set`.",
	}
}

// NoProfiles says that there is none, and what that means.
func NoProfiles() string {
	return "There are no profiles. The cloud hosts need none; `gitgrant hosts set` makes one."
}

// HostIs says what a host is that was asked without a token.
func HostIs(kind providers.Kind, url, version string) string {
	if version == "" {
		return hostName(url) + " is " + Provider(kind) + "."
	}
	return HostAnswered(kind, hostName(url), version)
}
