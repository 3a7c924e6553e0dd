package flows

import (
	"regexp"

	"gitgrant/providers"
)

var robotName = regexp.MustCompile(`(?i)(^|[^a-z])(bot|ci|cd|robot|svc|service|automation|deploy|runtime|argo|argocd)([^a-z]|$)|bot$`)

// SeemsPersonal guesses whether an account is a person's: the host does not
// call it a robot, and neither does its name.
func SeemsPersonal(a providers.Account) bool {
	return a.Login != "" && !a.Robot && !robotName.MatchString(a.Login)
}
