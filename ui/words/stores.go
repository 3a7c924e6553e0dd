package words

import (
	"fmt"
	"strings"

	"gitgrant/keyring"
	"gitgrant/keyring/durable"
)

// keychains are the words for the states of the system's keychain.
var keychains = map[keyring.State]Message{
	keyring.Ready: {What: "The keychain is open."},
	keyring.Locked: {
		"The keychain is locked.",
		"It opens with the password of your session.",
		"Run `gitgrant keyring unlock`, then this again.",
	},
	keyring.NoCollection: {
		"The keychain is empty and has no password yet.",
		"Nobody has set it up for this account.",
		"Create it in the password manager of your desktop, or use the vault with --store vault.",
	},
	keyring.Activatable: {
		"The keychain is not running yet.",
		"The desktop starts it when it is first asked for.",
		"Open the password manager of your desktop, or use the vault with --store vault.",
	},
	keyring.NoService: {
		"There is no keychain here.",
		"No program of this desktop keeps passwords for others, such as GNOME Keyring does.",
		"Install one, or use the vault with --store vault.",
	},
	keyring.NoBus: {
		"There is no keychain here.",
		"A keychain belongs to a desktop session, and this is none: a remote login or a container, perhaps.",
		"Use the vault with --store vault.",
	},
	keyring.Denied: {
		"The keychain refused.",
		"Its prompt was dismissed, or a rule of the system forbids it.",
		"Allow gitgrant there, or use the vault with --store vault.",
	},
	keyring.Unsupported: {
		"This system has no keychain that gitgrant knows.",
		"",
		"Use the vault with --store vault.",
	},
	keyring.Unresponsive: {
		"The keychain does not answer.",
		"It may be waiting for you in a window of its own.",
		"Look for a window that asks for your password, then run this again.",
	},
	keyring.Missing: {
		"There is no keychain yet.",
		"Nobody has set it up for this account.",
		"Create it in the password manager of your desktop, or use the vault with --store vault.",
	},
	keyring.Damaged: {
		"The keychain cannot be read.",
		"Its content is damaged.",
		"Look at it in the password manager of your desktop.",
	},
}

// vaults are the words for the states of a vault. Those that it shares with a
// keychain are not here.
var vaults = map[keyring.State]Message{
	keyring.Ready: {What: "The vault is open."},
	keyring.Locked: {
		"The vault is locked.",
		"It is sealed by a passphrase.",
		"Type the passphrase on a terminal, keep it open with `gitgrant keyring unlock`, or name its file in GITGRANT_VAULT_PASSPHRASE_FILE.",
	},
	keyring.Missing: {
		"There is no vault yet.",
		"It is made when the first token is saved, and needs something to be sealed with.",
		"Name a file in GITGRANT_VAULT_PASSPHRASE_FILE or in GITGRANT_VAULT_IDENTITY_FILE, or install on a terminal.",
	},
	keyring.Denied: {
		"The vault could not be opened.",
		"Its files cannot be read or written.",
		"Look at the files that you named and at the data folder.",
	},
	keyring.Damaged: {
		"The vault cannot be read.",
		"A file of it is damaged or gone.",
		"Put back a copy of its files, or move them away and authorize again.",
	},
}

// sealedToIdentity replaces what the words for a locked vault say of passphrases.
var sealedToIdentity = Message{
	"The vault is locked.",
	"It is sealed to an age identity; a passphrase does not open it.",
	"Name the file of that identity in GITGRANT_VAULT_IDENTITY_FILE.",
}

// Condition is the state of a store.
func Condition(c keyring.Condition) Message {
	m, ok := keychains[c.State]
	if of, found := vaults[c.State]; found && c.Store == keyring.Vault {
		m, ok = of, true
	}
	if !ok {
		m = keychains[keyring.Unresponsive]
	}
	if c.Store == keyring.Vault && c.State == keyring.Locked && c.Seal == "identity" {
		m = sealedToIdentity
	}
	switch {
	case c.New:
		m = Message{What: "There is no vault yet.", Why: "It is made when the first token is saved."}
	case c.Store == keyring.Memory && c.State == keyring.Ready:
		m.What = "The memory of this program is open, and what is in it ends with the program."
	case c.Store == keyring.Memory:
		m.What = "The memory of this program cannot be used."
	}
	switch {
	case c.Wrong && c.Seal == "identity":
		m.Why = "It is sealed to another age identity than the one that was given."
	case c.Wrong:
		m.Why = "It is sealed by another passphrase than the one that was given."
	case c.State == keyring.NoBus, c.State == keyring.NoService: // what the system says is the same, in words for programmers
	case c.Detail != "" && c.State != keyring.Ready:
		m.Why = "The system says: " + quote(strings.TrimRight(c.Detail, ". ")) + "."
	}
	return m
}

// faults say why a file is refused.
var faults = map[durable.Fault]string{
	durable.SymbolicLink: "It is a symbolic link, which could lead anywhere.",
	durable.NotRegular:   "It is not an ordinary file.",
	durable.NotAFolder:   "It is not a folder.",
	durable.ForeignOwner: "It belongs to another user.",
	durable.SharedFolder: "Everybody may write to this folder.",
	durable.TooLarge:     "It is larger than it can be.",
}

func unsafeFile(u *durable.Unsafe) Message {
	return Message{
		u.Path + " was not touched.",
		faults[u.Fault],
		"Move it away, or name another folder with --data-dir.",
	}
}

// Tightened tells of a file that others could read and now cannot.
func Tightened(n durable.Notice) Message {
	return Message{
		What: n.Path + " was open to others and is now yours alone.",
		Why:  fmt.Sprintf("Its mode was %04o.", n.Mode),
	}
}
