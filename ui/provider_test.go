package ui

import "testing"

func toProviders(t *testing.T) *stage {
	t.Helper()
	s := open(t, set{start: StartInstall, others: true})
	toProvider(s)
	return s
}

func TestTheBeginningOfANameLeadsToItsProvider(t *testing.T) {
	s := toProviders(t)
	s.write("gitl")
	s.expect("❯ GitLab Cloud", "gitl", "enter continue")
	s.write("ab S")
	s.expect("❯ GitLab Server")
	s.press("up")
	s.expect("❯ GitLab Cloud")
	s.never("gitlab S")
	s.write("bit")
	s.press("esc")
	s.expect("· Provider", "❯ GitHub")
	s.write("bitb")
	s.press("enter")
	s.expect("· Method", "bitbucket.org")
}

func TestAnAddressThatIsTypedInPlaceOfAProviderIsTakenLikeOneThatIsPasted(t *testing.T) {
	s := toProviders(t)
	s.write("gitlab.com/acme/app")
	s.never("❯ GitLab", "❯ GitHub")
	s.expect("enter find the host")
	s.press("enter")
	s.until("· Method")
	s.expect("GitLab Cloud")
}

func TestAnAddressThatLeadsNowhereStaysToBeCorrected(t *testing.T) {
	s := toProviders(t)
	s.write("http://git.example.com/x")
	s.press("enter")
	s.until("✗")
	s.expect("· Provider", "http://git.example.com/x")
	s.press("ctrl+u")
	s.never("✗")
	s.expect("❯ GitHub")
}

func TestNoTokenIsTakenInPlaceOfAProvider(t *testing.T) {
	s := toProviders(t)
	s.paste(goodToken)
	s.expect("· Provider", "looks like a token")
	s.write(goodToken)
	s.press("enter")
	s.expect("· Provider", "No token belongs here")
	s.noSecret(goodToken)
}
