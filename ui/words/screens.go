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
	KeyClear        = "clear"
	KeyCopyCode     = "copy the code"
	KeyWriteValues  = "write the values"
	KeyCopyPage     = "copy the address"
	KeyCopyCommand  = "copy the command"
	KeyOpenBrowser  = "open the browser"
	KeyOpenPage     = "open the page"
	KeyNewCode      = "new code"
	KeyByToken      = "token instead"
	KeyApprove      = "approve"
	KeyNew          = "new"
	KeyReauthorize  = "re-authorize"
	KeyCheck        = "check again"
	KeyAddUser      = "add the user token"
	KeyForget       = "forget"
	KeyFilter       = "filter"
	KeyReuse        = "use it elsewhere"
	KeyUseIt        = "use it there"
	KeyOtherName    = "another name"
	KeyMark         = "mark"
	KeyRotate       = "replace in place"
	KeyRevoke       = "end at the host"
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
	KeySave         = "save"
	KeyQuit         = "quit"
	KeyHelp         = "keys"
	KeyClose        = "close"
	KeyInterrupt    = "leave at once"
	KeySuspend      = "suspend"
)

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
