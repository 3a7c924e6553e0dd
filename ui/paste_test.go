package ui

import (
	"testing"

	"gitgrant/flows"
	"gitgrant/providers"
)

func TestAPasteOnTheScopesScreenIsCheckedAtOnce(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toScopes(s, lackingToken)
	s.expect("✗ missing", "admin:repo_hook is not granted")
	s.paste(goodToken + "\n")
	s.until("everything that it needs")
	s.noSecret(lackingToken, goodToken)

	s.paste("two words")
	s.expect("characters that no token has", "In place of the token above")
	s.press("esc")
	s.expect("everything that it needs", "❯ Continue")
	s.write(lackingToken)
	s.expect("40 characters")
	s.press("enter")
	s.until("✗ missing")
	s.noSecret(lackingToken)
}

func TestTheEnterBehindAPasteLeavesWhatItCameToInSight(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toScopes(s, goodToken)
	s.paste(lackingToken)
	s.until("admin:repo_hook is not granted")
	s.press("enter")
	s.expect("admin:repo_hook is not granted", "❯ Give another token")
	s.press("enter")
	s.expect("· Authorize")
}

func TestAPasteTakesThePlaceOfAnAnswerThatNobodyHasTouched(t *testing.T) {
	s := open(t, set{start: StartInstall, others: true, answers: flows.Answers{Runtime: "prod", Provider: providers.BitbucketServer}})
	s.until("· Host")
	s.expect("https://git.acme.example/bitbucket")
	s.paste("https://elsewhere.acme.example")
	s.never("git.acme.example")
	s.expect("https://elsewhere.acme.example")
	s.write("/lab")
	s.paste("/git")
	s.expect("https://elsewhere.acme.example/lab/git")
}

func TestAPasteTakesThePlaceOfATokenThatIsBeingChecked(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toToken(s)
	s.paste(silentToken)
	s.press("enter")
	s.expect("checking")
	s.paste(goodToken)
	s.until("everything that it needs")
}
