package words

import (
	"time"

	"gitgrant/keyring"
)

// StoreChosen says where tokens rest from now on.
func StoreChosen(kind keyring.Kind) string {
	return "New tokens rest in " + WhereItRests(kind) + " from now on."
}

// ChoiceOverruled is for a choice of store that a flag or variable overrules.
func ChoiceOverruled(by string, kind keyring.Kind) Message {
	return Message{
		What: "For now tokens rest in " + WhereItRests(kind) + " all the same.",
		Why:  by + " names it, and comes first.",
		Next: "Leave " + by + " out to follow your choice.",
	}
}

// NoChoiceInMemory is for a choice that could not be remembered.
func NoChoiceInMemory() Message {
	return Message{
		"A choice of store cannot be kept with --store memory.",
		"Everything is in the memory of this program then, its list too.",
		"Leave --store and GITGRANT_STORE out.",
	}
}

// EndsWithThis is for a token that no later command will find.
func EndsWithThis() Message {
	return Message{
		"The token ends with this command.",
		"With --store memory nothing rests anywhere; no later command finds it.",
		"Leave --store and GITGRANT_STORE out to keep it.",
	}
}

// ToMove asks whether tokens are to be moved.
func ToMove(n int, to keyring.Kind) string {
	return "Move " + count(n, "token") + " to " + Store(to) + " too? Each is copied and read back before it is deleted where it rests now."
}

// Moved says what was moved.
func Moved(n int, to keyring.Kind) string {
	if n == 0 {
		return "Every token rests in " + Store(to) + " already."
	}
	return count(n, "token") + " moved to " + Store(to) + "."
}

// Stayed says what was left where it is.
func Stayed(n int) string {
	return count(n, "token") + " left in another store. Move with `gitgrant keyring migrate` at any time."
}

// NotMoved is for tokens that their former store does not have.
func NotMoved(keys []keyring.Key) Message {
	return Message{
		What: count(len(keys), "token") + " could not be moved: " + keyNames(keys) + ".",
		Why:  "The store that they rested in does not have them, or not whole.",
		Next: "Run `gitgrant keyring repair`.",
	}
}

// Opened says that a store is open.
func Opened(kind keyring.Kind) string {
	return Condition(keyring.Condition{Store: kind, State: keyring.Ready}).What
}

// KeptOpen says how long a vault stays open.
func KeptOpen(span time.Duration) string {
	return "The vault is open to your commands for " + Lasts(span) + ". Close it before with `gitgrant keyring lock`."
}

// VaultLocked says that a vault is not kept open, and what opens it.
func VaultLocked(c keyring.Condition) string {
	switch {
	case c.State == keyring.Missing, c.New:
		return vaults[keyring.Missing].What
	case c.State == keyring.Ready:
		return "The vault is not kept open. The file that you named opens it whenever a command needs it."
	case c.Seal == "identity":
		return "The vault is not kept open. It is sealed to an age identity, and whoever has the file of that opens it."
	default:
		return "The vault is locked. The next command asks for its passphrase again."
	}
}

// Interrupted tells of changes that were begun and not brought to their end.
func Interrupted(keys []keyring.Key) Message {
	return Message{
		What: "A change was interrupted: " + keyNames(keys) + ".",
		Why:  "What was stored before still counts.",
		Next: "Run `gitgrant keyring repair` to bring it to its end.",
	}
}

// InOrder says that the list and the stores agree.
const InOrder = "The list of runtimes and what rests in the stores agree."

// NotLookedAt is for a store of which nothing can be said now.
func NotLookedAt(c keyring.Condition) Message {
	m := Condition(c)
	m.What = "Nothing was looked for in " + Store(c.Store) + ". " + m.What
	return m
}

// LostToken is for a token in the list that its store does not have.
func LostToken(k keyring.Key) string {
	return capital(keyName(k)) + " is in the list, and its store does not have it."
}

// ChangedToken is for a token that is not what was saved.
func ChangedToken(k keyring.Key) string {
	return capital(keyName(k)) + " is in its store, and is not what was saved."
}

// Stray is for an item that nothing in the list names.
func Stray(s keyring.Stray) string {
	return capital(Store(s.Store)) + " holds " + s.Item + ", which nothing in the list names."
}

// ToMend asks whether what was found is to be mended.
func ToMend(entries, strays int) string {
	var does []string
	if entries > 0 {
		does = append(does, "take "+count(entries, "token")+" off the list, to be authorized again")
	}
	if strays > 0 {
		does = append(does, "delete "+count(strays, "item")+" that nothing names")
	}
	return capital(list(does, "and")) + "?"
}

// Mended says what was done.
func Mended(entries, strays int) string {
	var done []string
	if entries > 0 {
		done = append(done, count(entries, "token")+" taken off the list")
	}
	if strays > 0 {
		done = append(done, count(strays, "item")+" deleted")
	}
	if len(done) == 0 {
		return "Nothing was left to mend."
	}
	return list(done, "and") + "."
}

func keyNames(keys []keyring.Key) string {
	var names []string
	for _, k := range keys {
		names = append(names, keyName(k))
	}
	return list(names, "and")
}

// keyName is what a key stands for: a token, or the secret of an OAuth
// application, which belongs to no runtime.
func keyName(k keyring.Key) string {
	if k.Runtime == "" {
		return "the client secret for " + hostName(k.Account)
	}
	return "the " + k.Purpose + " token of " + k.Account + " in " + k.Runtime
}
