package words

import (
	"errors"
	"slices"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// ToRotate asks before a token is replaced at its host. sharing are those that
// hold it too.
func ToRotate(g keyring.Grant, until time.Time, sharing []keyring.Grant) string {
	return join("Replace the "+g.Purpose+" token of "+g.Runtime+" at "+hostName(g.Host)+" by one that lasts until "+
		until.UTC().Format(time.DateOnly)+"? The old one is dead at once, also where a cluster still uses it.", getsNew(sharing))
}

// getsNew says who else gets a new token.
func getsNew(sharing []keyring.Grant) string {
	if len(sharing) == 0 {
		return ""
	}
	return "It is also " + also(sharing) + ", where the new one is stored too."
}

// also names grants as one token: the user token of lab and prod.
func also(grants []keyring.Grant) string {
	var parts []string
	for _, p := range providers.Purposes {
		var names []string
		for _, g := range grants {
			if g.Purpose == string(p) && !slices.Contains(names, g.Runtime) {
				names = append(names, g.Runtime)
			}
		}
		if len(names) > 0 {
			parts = append(parts, "the "+string(p)+" token of "+list(names, "and"))
		}
	}
	return list(parts, "and")
}

// RotatedGrant says that a token was replaced, and what came of that for those
// that shared it.
func RotatedGrant(s flows.Successor, now time.Time) string {
	g := s.Grant
	end := "It does not end."
	if !g.ExpiresAt.IsZero() {
		end = "It ends " + When(now, g.ExpiresAt) + "."
	}
	var have []keyring.Grant
	var lack []string
	for _, given := range s.Given {
		if given.Stored {
			have = append(have, given.Grant)
			continue
		}
		lack = append(lack, capital(also([]keyring.Grant{given.Grant}))+" is still the old one, which is dead: "+small(ProblemAt(given.Err, now).What)+
			" Run `gitgrant reauthorize "+given.Grant.Runtime+" --purpose "+given.Grant.Purpose+"`.")
	}
	if len(have) > 0 {
		end = join(end, "It was also "+also(have)+", where the new one is stored too.")
	}
	return join("The "+g.Purpose+" token of "+g.Runtime+" was replaced at "+hostName(g.Host)+" and stored.", join(lack...), end,
		"Hand the new one to whatever used the old one: `gitgrant token "+g.Runtime+" --purpose "+g.Purpose+"` in front of a pipe.")
}

// RotateOnPage says that a person replaces this token by hand.
func RotateOnPage(g keyring.Grant, page string) Message {
	return Message{
		"Nothing has changed yet.",
		hostName(g.Host) + " has no way for a program to replace this token.",
		"Renew it on its page, then store the new one with `gitgrant reauthorize " + g.Runtime + " --purpose " + g.Purpose + "`: " + page,
	}
}

// SaveOnceMore asks whether to try again to save a token that has no other
// place to be.
const SaveOnceMore = "Try to save the new token once more? Without it the runtime has no token: the old one is dead."

// SuccessorUnsaved says that a new token is lost because nobody could be asked
// to mend the store.
func SuccessorUnsaved(g keyring.Grant) Message {
	return Message{
		"The new " + g.Purpose + " token of " + g.Runtime + " could not be saved and is lost.",
		"The store did not take it, and nobody could be asked; the old token is dead.",
		"Mend the store, then run `gitgrant reauthorize " + g.Runtime + " --purpose " + g.Purpose + "`.",
	}
}

// ToRevoke asks before a token is ended at its host or, where only a person can
// do that on a page, forgotten here. sharing are those that hold it too.
func ToRevoke(g keyring.Grant, page string, sharing []keyring.Grant) string {
	if page != "" {
		return join("Forget the "+g.Purpose+" token of "+g.Account+" in "+g.Runtime+" here?", hostName(g.Host)+
			" has no way for a program to end it.", losesToo(sharing), "It is good there until you end it at "+page+" yourself.")
	}
	return join("End the "+g.Purpose+" token of "+g.Account+" in "+g.Runtime+" at "+hostName(g.Host)+
		", and forget it here? Whatever uses it stops working, and nobody can undo it.", losesToo(sharing))
}

// losesToo says who else is left without a token.
func losesToo(sharing []keyring.Grant) string {
	if len(sharing) == 0 {
		return ""
	}
	return "It is also " + also(sharing) + ", where it stops working too."
}

// EndsForOthers names those who are about to lose a token that nobody was asked
// about.
func EndsForOthers(sharing []keyring.Grant) Message {
	return Message{What: "The token is also " + also(sharing) + ".", Why: "It stops working there too.", Next: "Run `gitgrant status` to see which need another."}
}

// RevokedGrant says that a token was ended at its host and forgotten here, and
// what that means for those that shared it.
func RevokedGrant(g keyring.Grant, sharing []keyring.Grant) string {
	said := "The " + g.Purpose + " token of " + g.Account + " in " + g.Runtime + " was ended at " + hostName(g.Host) +
		" and deleted from this machine."
	if len(sharing) == 0 {
		return said
	}
	return said + " It was also " + also(sharing) + ", where it is listed as revoked now: give another with `gitgrant reauthorize`."
}

// OnlyForgotten says that a token was deleted here and lives on at its host.
func OnlyForgotten(g keyring.Grant, page string, sharing []keyring.Grant) Message {
	why := hostName(g.Host) + " has no way for a program to do that."
	if len(sharing) > 0 {
		why += " It is also " + also(sharing) + ", where it stops working once it is deleted there."
	}
	return Message{
		"The " + g.Purpose + " token of " + g.Account + " in " + g.Runtime + " was deleted from this machine and not ended at its host.",
		why,
		"Delete it on its page: " + page,
	}
}

// rotations are the words for what can become of a rotation or revocation.
var rotations = []said{
	{flows.ErrNotRotated, Message{
		"The token was not replaced.",
		"The host did not answer, and the token that you have works, as far as can be seen.",
		"Run `gitgrant status` in a minute: a slow host may do it yet.",
	}},
	{flows.ErrSuccessorLost, Message{
		"The token was replaced, and the new one never arrived.",
		"The host did not answer in time, and the old token is dead.",
		"Make a new one with `gitgrant reauthorize`.",
	}},
	{flows.ErrOtherToken, Message{
		"It has another token by now.",
		"Somebody stored one meanwhile, and that one stays.",
		"Run `gitgrant status` to see how it is doing.",
	}},
	{flows.ErrUnknownAtHost, Message{
		"What the host did with the token is not known.",
		"It did not answer, and could not be asked afterwards.",
		"Run `gitgrant status` when it can be reached: it finds out.",
	}},
	{providers.ErrNoSuchAPI, Message{
		"The host has no way for a program to do this.",
		"",
		"Do it on the page of your tokens there.",
	}},
}

// Unrenewed says that a token is used as it is, though it was to be renewed
// before.
func Unrenewed(err error, now time.Time) Message {
	m := ProblemAt(err, now)
	var unsaved *flows.UnsavedError
	if errors.As(err, &unsaved) {
		return Message{
			"The token was renewed, and the new one could not be stored.",
			"This one works; the one in the store does not any more. " + ProblemAt(unsaved.Err, now).What,
			"Mend the store, then sign in again with `gitgrant reauthorize`.",
		}
	}
	return Message{"The token could not be renewed.", m.What, m.Next}
}
