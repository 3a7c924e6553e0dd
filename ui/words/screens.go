package words

import "fmt"

// What the keys do, as the help line and the list of keys say it.
const (
	KeyMove         = "choose"
	KeyUp           = "up"
	KeyDown         = "down"
	KeyPageUp       = "a page up"
	KeyPageDown     = "a page down"
	KeyMore         = "more"
	KeyFirst        = "to the first"
	KeyLast         = "to the last"
	KeyContinue     = "continue"
	KeyBack         = "back"
	KeyLeave        = "leave"
	KeyClear        = "clear"
	KeyCopyCode     = "copy the code"
	KeyWriteValues  = "write the values"
	KeyCopyPage     = "copy the address"
	KeyCopyCommand  = "copy the command"
	KeyOpenBrowser  = "open the browser"
	KeyOpenPage     = "open the page"
	KeyNewCode      = "new code"
	KeyByToken      = "token instead"
	KeyByCode       = "with a code"
	KeyByBrowser    = "in the browser"
	KeyApprove      = "approve"
	KeyNew          = "new"
	KeyReauthorize  = "reauthorize"
	KeyCheck        = "check again"
	KeyAddUser      = "add the user token"
	KeyForget       = "forget"
	KeyFilter       = "filter"
	KeyReuse        = "reuse"
	KeyUseIt        = "use it there"
	KeyOtherName    = "another name"
	KeyMark         = "mark"
	KeyRotate       = "rotate"
	KeyRevoke       = "revoke"
	KeyMute         = "mute"
	KeyUnmute       = "unmute"
	KeyUndo         = "undo"
	KeySort         = "sort"
	KeyGroup        = "group by host"
	KeyFilterDone   = "keep the filter"
	KeyFilterOff    = "all of them"
	KeyOpenVault    = "open the vault"
	KeyOpenKeychain = "open the keychain"
	KeyOpenEntry    = "open"
	KeyTake         = "take it"
	KeyFindHost     = "find the host"
	KeySave         = "save"
	KeyQuit         = "quit"
	KeyHelp         = "keys"
	KeyClose        = "close"
	KeyInterrupt    = "leave at once"
	KeySuspend      = "suspend"
)

// KeyMeans is what a key does in the words of the list of keys: those that are
// called after a command say what it is.
func KeyMeans(key string) string {
	switch key {
	case KeyNew:
		return "install: the wizard for another runtime"
	case KeyReauthorize:
		return "reauthorize: a new token in place of the old one"
	case KeyReuse:
		return "reuse: the user token for other runtimes too"
	case KeyRotate:
		return "rotate: the host replaces the token in place"
	case KeyRevoke:
		return "revoke: the token ends at its host"
	case KeyForget:
		return "forget: the token goes from this machine alone"
	case KeyCheck:
		return "check again: every host is asked how its tokens are"
	case KeyMute:
		return "mute: nobody is notified about the runtime"
	case KeyCopyCommand:
		return "copy the command that hands the token over"
	default:
		return key
	}
}

// MoreLines says how many lines are out of sight above and below.
func MoreLines(up string, above int, down string, below int) string {
	switch {
	case above == 0:
		return fmt.Sprintf("%s %d more (PgDn)", down, below)
	case below == 0:
		return fmt.Sprintf("%s %d more (PgUp)", up, above)
	default:
		return fmt.Sprintf("%s %d  %s %d more (PgUp, PgDn)", up, above, down, below)
	}
}
