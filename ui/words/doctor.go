package words

import (
	"time"

	"gitgrant/flows"
)

// What doctor says about this machine.
const (
	ShieldedMemory   = "Other programs cannot read the memory of this one, and it leaves no core file."
	UnshieldedMemory = "Other programs of yours could read the memory of this one while it runs."

	BrowserHere   = "Pages can be opened from here."
	ClipboardHere = "Codes and addresses can be copied with "
	ClipboardNone = "No tool for the clipboard is here. The terminal is asked by itself, and many take it."
	ScreenHere    = "Standard input and output are a terminal"
	ScreenDumb    = "The terminal is dumb, so that everything is asked in plain lines."
	ScreenNone    = "Standard input or output is no terminal, so that nothing can be asked."
	NotifyHere    = "Notifications are shown on this desktop."
	NotifyNone    = "There is no desktop here to notify. `gitgrant watch` writes on standard output all the same."
	GitNone       = "git was not found. Tokens can be kept and handed over without it."
	FoldersHere   = "The folders can be written to."
)

// GitHere says which git there is.
func GitHere(version string) string { return "git is here: " + version + "." }

// Storable says whether a token can be stored at all: whether a store takes one,
// and the data folder what is known about it.
func Storable(store, folder bool) Message {
	m := Message{What: "No token can be stored here."}
	switch {
	case !folder:
		m.Why, m.Next = "The list of runtimes beside it cannot be kept.", "Mend that, as it says above."
	case !store:
		m.Why = "Neither the keychain nor the vault can be used as it is."
		m.Next = "Mend one of the two, as it says above."
	default:
		m.What = "Tokens can be stored here."
	}
	return m
}

// aheadAtMost is how wrong a clock may be before dates are told wrongly.
const aheadAtMost = 2 * time.Minute

// LookedAt says what a host looks like from here, and whether all is well.
func LookedAt(l flows.Look, now time.Time) (m Message, fine bool) {
	name := hostName(l.Host.URL)
	if l.Err != nil {
		return ProblemAt(l.Err, now), false
	}
	what := name + " answers as " + Provider(l.Host.Provider)
	if l.Version != "" {
		what += " " + l.Version
	}
	if l.Proxy != "" {
		what += ", through the proxy " + l.Proxy
	}
	switch {
	case l.Ahead > aheadAtMost:
		return Message{what + ".", "The clock here is " + Lasts(l.Ahead) + " ahead of its own.", "Set the clock of this machine."}, false
	case l.Ahead < -aheadAtMost:
		return Message{what + ".", "The clock here is " + Lasts(-l.Ahead) + " behind its own.", "Set the clock of this machine."}, false
	default:
		return Message{What: what + ", and its clock agrees with the one here."}, true
	}
}

// NoHosts is for a list of hosts that is empty.
const NoHosts = "No host is known yet, so that none was asked."

// HiddenHosts says that names of hosts were left out.
func HiddenHosts(n int) string {
	return "The names of " + count(n, "host") + " of your own are left out, so that this can be shown to others."
}
