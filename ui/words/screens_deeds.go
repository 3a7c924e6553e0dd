package words

import (
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers/cause"
)

// A runtime that nobody is notified about.
const (
	Muted      = "muted"
	AboutMuted = "Muted: nobody is notified about this runtime. Press m to change that."
)

// MutedInLines is AboutMuted for those who answer in lines.
const MutedInLines = "Muted: nobody is notified about this runtime."

// NothingToUndo says that nothing was forgotten that could come back.
const NothingToUndo = "There is nothing to undo."

// NamesOfOthers is the prompt for the runtimes that a token is used for too.
const NamesOfOthers = "Names, separated by blanks, or Enter for none"

// Mutes says what was done.
func Mutes(runtime string, muted bool) string {
	if muted {
		return runtime + " is muted: nobody is notified about it. Press m again to change that."
	}
	return runtime + " is muted no more."
}

// The history of a token.
const (
	HistoryHead = "How it stood"
	FactMethod  = "Method"
)

// Changed is a line of a history: since when, which status, and why.
func Changed(c keyring.Change) string {
	line := c.At.UTC().Format("2006-01-02 15:04 UTC") + ", " + Status(flows.Status(c.Status))
	switch c.Why {
	case "":
		return line + "."
	case flows.WhySaved:
		return line + ", with a new token."
	default:
		return line + ". " + Cause(cause.Cause{Kind: cause.Kind(c.Why)}, c.At).What
	}
}

// The question before a token is replaced at its host.
const (
	RotateNothing = "Keep it as it is"
	RenewOnPage   = "Open the page where it is renewed"

	CopyPageAddress = "Copy the address"
	RotateIt        = "Replace it"
)

// AskRotate is its head.
func AskRotate(g keyring.Grant) string {
	return "Replace the " + g.Purpose + " token of " + g.Runtime + " at " + hostName(g.Host) + "?"
}

// AboutRotate says what follows, also for those that share the token.
func AboutRotate(until time.Time, sharing []keyring.Grant) string {
	return join("The host makes a new one with the same rights, which lasts until "+until.UTC().Format(time.DateOnly)+
		" and is stored here. The old one is dead at once, also where a cluster still uses it.", getsNew(sharing))
}

// RotateByHand says where a token is renewed that no program can replace.
func RotateByHand(g keyring.Grant) string {
	return hostName(g.Host) + " has no way for a program to replace this token. Renew it on its page, then press r."
}

// RotatingAt says that a token is being replaced.
func RotatingAt(host string) string { return "replacing the token at " + host }

// The question before a token is ended at its host.
const (
	RevokeNothing  = "Keep it"
	RevokeByHand   = "Open the page where it is ended"
	RevokeOnlyHere = "Delete it from this machine alone"
)

// AboutRevoke says what follows, also for those that share the token.
func AboutRevoke(sharing []keyring.Grant) string {
	return join("Whatever uses it stops working, and nobody can undo it. It is deleted from this machine as well.", losesToo(sharing))
}

// AskRevoke is its head.
func AskRevoke(g keyring.Grant) string {
	return "End the " + g.Purpose + " token of " + g.Account + " in " + g.Runtime + "?"
}

// RevokeIt is the choice to do it.
func RevokeIt(host string) string { return "End it at " + host + " and delete it here" }

// CannotRevoke says that a person has to do it.
func CannotRevoke(host string, sharing []keyring.Grant) string {
	return join(host+" has no way for a program to end this token. You end it on its page there.", losesToo(sharing))
}

// WhoElse says that it is found out who else holds a token.
const WhoElse = "looking who else uses the token"

// RevokingAt says that a token is being ended.
func RevokingAt(host string) string { return "ending the token at " + host }

// The question about a new token that the store did not take.
const (
	SuccessorInMemory = "The new token is not stored yet."
	SaveSuccessor     = "Try to save it once more"
	LoseSuccessor     = "Give it up: the runtime has no token then"
)

// OneAtATime says that something has to end before the next thing begins.
const OneAtATime = "One thing after the other: something is under way at a host."

// ChangeLeave says that whoever leaves does so once that has ended.
const ChangeLeave = "A change is under way. gitgrant leaves as soon as that is done."

// NoHostFor says that the profile of a host cannot be read.
func NoHostFor(g keyring.Grant) string {
	return "The profile of " + hostName(g.Host) + " cannot be used. Run `gitgrant hosts list` to see why."
}

// OnlyUserTokens refuses the choice of runtimes for what is not a user token.
const OnlyUserTokens = "A runtime token belongs to its runtime: only user tokens are used elsewhere."

// AskReuse is its head.
func AskReuse(g keyring.Grant) string {
	return "For which runtimes is the user token of " + g.Account + " used too?"
}

// AboutReuse says what follows.
func AboutReuse(g keyring.Grant) string {
	return "It is checked, and stored for each that you mark. " + g.Runtime + " stays as it is."
}

// AboutOther says what a runtime has now.
func AboutOther(has, fresh bool) string {
	switch {
	case fresh:
		return "new"
	case has:
		return "its own is replaced"
	default:
		return "has none of this account"
	}
}

// BriefOther is AboutOther where there is little room.
func BriefOther(has, fresh bool) string {
	switch {
	case fresh:
		return "new"
	case has:
		return "replaced"
	default:
		return "has none"
	}
}

// AboutOtherName asks for the name of a runtime that is not known yet.
func AboutOtherName(host string) string {
	return "The name of a runtime on " + host + " that is not in the list yet."
}

// Restored says that something forgotten is back.
func Restored(n int, runtime string) string {
	return count(n, "token") + " of " + runtime + " " + agree(n, "is", "are") + " back."
}

// NotRestored says that the store had not shown what was forgotten.
func NotRestored(runtime string) string {
	return "The store did not show the tokens of " + runtime + " before they were deleted, so they cannot come back."
}
