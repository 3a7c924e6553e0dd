package words

import (
	"gitgrant/flows"
)

// OldStays says that a token that is stored no more lives on at its host; page
// is where a person ends it, where no program can.
func OldStays(host, page string) string {
	stays := "The old token is not stored here any more, and is still valid at " + host + "."
	if page == "" {
		return stays
	}
	return stays + " Delete it on its page: " + page
}

// OldEnded says that a token is valid nowhere any more.
func OldEnded(host string) string { return "The old token was ended at " + host + "." }

// EndingOld and GivingNew say what is under way.
const (
	EndingOld = "Ending the old token"
	GivingNew = "Checking the new token for each of them"
)

// StillUsed says who uses the token that was replaced.
func StillUsed(runtimes []string) string {
	return list(runtimes, "and") + " still " + agree(len(runtimes), "uses", "use") + " the old one."
}

// GivenTo says what came of giving a token to a runtime.
func GivenTo(g flows.Given, s Subject) string {
	name := g.Grant.Runtime + ", " + g.Grant.Purpose + " token: "
	switch {
	case g.Stored && g.Replaced:
		return name + "stored, in place of the one that was there."
	case g.Stored:
		return name + "stored."
	case g.Err != nil:
		return name + "not stored. " + ProblemAt(g.Err, s.Now).String()
	default:
		return name + "not stored, it is " + Status(g.Verdict.Status) + ". " + Reason(g.Verdict, s)
	}
}
