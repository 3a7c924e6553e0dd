package words

import (
	"strings"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// The screen before anything is written.
const (
	AskSave     = "Save this token?"
	NothingYet  = "Nothing has been written yet."
	InMemory    = "The token is kept in memory until it is saved or you leave."
	SavingIt    = "Saving"
	SavingLeave = "The token is being saved. gitgrant leaves as soon as that is done."
	EndUnknown  = "not known"
	NeverEnds   = "never"
)

// WaitingForStore says that a store which has not answered is waited for.
func WaitingForStore(kind keyring.Kind) string { return "Waiting for " + Store(kind) + " to answer" }

// Names of the facts on it.
const (
	FactRuntime = "Runtime"
	FactPurpose = "Purpose"
	FactAccount = "Account"
	FactEmail   = "For REST"
	FactGit     = "For git"
	FactHost    = "Host"
	FactKind    = "Kind"
	FactExpires = "Ends"
	FactRests   = "Rests in"
	FactSaved   = "Saved"
	FactChecked = "Checked"
	FactUsed    = "Last used"
)

// AboutSaving is what there is to know before one answers: that nothing has been
// written, unless a store has not answered and may have done so.
func AboutSaving(late bool) string {
	if late {
		return InMemory
	}
	return NothingYet
}

// KindLabel is the sort of token at the head of a column, without its article.
func KindLabel(kind providers.TokenKind) string {
	_, name, _ := strings.Cut(Kind(kind), " ")
	return name
}

// EndsOn is when a token ends, as a fact of its own.
func EndsOn(v flows.Verdict, now time.Time) string {
	switch {
	case !v.ExpiresAt.IsZero() && v.Expiry == providers.ExpiryUser:
		return When(now, v.ExpiresAt) + ", as you stated"
	case !v.ExpiresAt.IsZero():
		return When(now, v.ExpiresAt)
	case v.Expiry == providers.ExpiryNone:
		return NeverEnds
	default:
		return EndUnknown
	}
}

// WhereItRests is the store, as a fact of its own.
func WhereItRests(kind keyring.Kind) string {
	switch kind {
	case keyring.System:
		return "the keychain of this system"
	case keyring.Vault:
		return "an encrypted vault in your data folder"
	case keyring.Memory:
		return "the memory of this program, until it ends"
	default:
		return string(kind)
	}
}

// Replaces says what a re-authorization does.
func Replaces(account string) string {
	return "It takes the place of the token of " + account + ", which stays until this one is stored."
}

// Concern is the advice about the owner of a token; empty where there is none.
func Concern(c flows.Concern, login string) string {
	switch c {
	case flows.Personal:
		return login + " looks like a person. A runtime should have a robot account of its own: it stops working when the person's access ends."
	case flows.OneProject:
		return "This token belongs to a bot of one project and reaches that project alone. A runtime works with several repositories: give it a token of a group, or of a robot account."
	case flows.OneRepository:
		return "This token reaches one repository alone. A runtime works with several: give it a token of a project, of a workspace, or of a robot account."
	case flows.Fleeting:
		return "This OAuth token ends within hours, and nothing in a cluster renews it: the runtime would stop on the first day. Make a token that lasts."
	case flows.OwnAccount:
		return login + " owns a user token here too. What the runtime does looks like that person's doing and ends with their access: a robot account keeps the two apart."
	case flows.BothPurposes:
		return "One token of " + login + " serves as runtime token and as user token. Whoever has the one acts as the other, and replacing one ends both: make a token for each."
	case flows.Broader:
		return "The token may do more than its purpose needs. What nobody needs is only there to be misused: make one with the rights that are needed and no more."
	default:
		return ""
	}
}

// SavedWhere says what was stored where.
func SavedWhere(g keyring.Grant) string {
	return "The " + g.Purpose + " token of " + g.Runtime + " is in " + WhereItRests(g.Store) + "."
}

// The last screen.
const (
	DemoKept = "This is the demo: the token is gone when it ends, and no other command reaches it."
	// DemoPassphrase opens the vault of the demo, and DemoVault says so.
	DemoPassphrase = "demo"
	DemoVault      = "This is the demo: its passphrase is " + DemoPassphrase + "."
	UserNext       = "Everybody who works with this runtime needs a user token of their own, for clone and push."
)

// SavedHead is its head.
func SavedHead(runtime string) string { return runtime + " is ready" }

// The screens about the store.
const (
	PassphraseHint    = "passphrase"
	PassphraseAgain   = "the same passphrase again"
	PassphraseEmpty   = "The passphrase is empty."
	PassphraseDiffers = "The two passphrases differ. Type the first one again."
	OpeningStore      = "Opening it"
)

// AskPassphrase is the head of the screen that takes a passphrase.
func AskPassphrase(creates, again bool) string {
	switch {
	case creates && again:
		return "Type the passphrase once more"
	case creates:
		return "Choose a passphrase for the vault"
	default:
		return "What is the passphrase of the vault?"
	}
}

// AboutPassphrase says what follows from a passphrase.
func AboutPassphrase(creates bool) string {
	if creates {
		return "The vault is a folder of encrypted files, sealed with this passphrase. Nobody can open it without, and nobody can reset it."
	}
	return "Opening takes a second: that is what keeps guessing slow."
}

// StoreTrouble says what is the matter with a store, without the advice for
// other ways to run: the choices below it are the advice.
func StoreTrouble(c keyring.Condition) Message {
	m := Condition(c)
	return Message{What: m.What, Why: m.Why}
}

// AboutStoreChoice says what a way out means.
func AboutStoreChoice(id string, c keyring.Condition) string {
	switch id {
	case flows.OpenStore:
		switch {
		case c.Store == keyring.Vault && c.State == keyring.Missing:
			return "It is made now, sealed with a passphrase of yours."
		case c.Store == keyring.Vault:
			return ""
		default:
			return DesktopAsks
		}
	case flows.TakeVault:
		return "Encrypted files in your data folder, opened with a passphrase."
	case flows.ProbeAgain:
		return "After you have unlocked or started it yourself."
	default:
		return ""
	}
}

// DesktopAsks says who asks for the password of a keychain.
const DesktopAsks = "Your desktop asks for its password in a window of its own."

// OpenStoreName is how opening a store is called.
func OpenStoreName(c keyring.Condition) string {
	switch {
	case c.Store == keyring.Vault && c.State == keyring.Missing:
		return "Create the vault"
	case c.Store == keyring.Vault:
		return "Open the vault"
	case c.State == keyring.NoCollection:
		return "Set up the keychain"
	case c.State == keyring.Activatable:
		return "Start the keychain"
	default:
		return "Unlock the keychain"
	}
}
