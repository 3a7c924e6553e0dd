package ui

import (
	"slices"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
)

// scene is one screen of the program: how it is set up, and the way to it.
type scene struct {
	name string
	set  set
	walk func(s *stage)
}

// scenes are all of them.
var scenes = slices.Concat(ownScenes, hostScenes, browserScenes)

// ownScenes are those that are the same for every host.
var ownScenes = []scene{
	{"runtime", set{start: StartInstall}, func(*stage) {}},
	{"runtime refused", set{start: StartInstall}, func(s *stage) { s.write("Prod 1"); s.press("enter") }},
	{"provider", set{start: StartInstall}, toProvider},
	{"provider typed", set{start: StartInstall}, func(s *stage) { toProvider(s); s.write("enter") }},
	{"provider by a typed address", set{start: StartInstall}, func(s *stage) { toProvider(s); s.write("git.example.com") }},
	{"host", set{start: StartInstall}, toHost},
	{"host refused", set{start: StartInstall}, func(s *stage) { toHost(s); s.write("http://git.example.com"); s.press("enter") }},
	{"host not met", set{start: StartInstall}, func(s *stage) {
		toHost(s)
		s.write("http://127.0.0.1:1")
		s.press("enter")
		s.until("enter once more")
	}},
	{"method", set{start: StartInstall}, toMethod},
	{"method of a server", set{start: StartInstall}, toServerMethod},
	{"method closed", set{start: StartInstall}, func(s *stage) {
		toHost(s)
		s.write("ghe.closed.example")
		s.press("enter")
		s.until("· Method")
		s.press("down", "enter")
	}},
	{"application", set{start: StartInstall}, toApplication},
	{"application refused", set{start: StartInstall}, func(s *stage) { toApplication(s); s.write("Iv1.0123456789abcdef"); s.press("enter") }},
	{"device", set{start: StartInstall}, toDevice},
	{"device in the demo", set{start: StartInstall, demo: true}, toDevice},
	{"device soon over", set{start: StartInstall}, func(s *stage) { toDevice(s); s.later(14*time.Minute + 18*time.Second) }},
	{"device over", set{start: StartInstall}, func(s *stage) { toDevice(s); s.hub.expire(); s.until("run out") }},
	{"token", set{start: StartInstall}, toToken},
	{"token pasted", set{start: StartInstall}, func(s *stage) { toToken(s); s.paste(goodToken) }},
	{"token typed where it can be read", set{start: StartInstall}, func(s *stage) { s.write(goodToken) }},
	{"token in place of one that was refused", set{start: StartInstall}, func(s *stage) { toScopes(s, deadToken); s.press("enter"); s.gone("Looking at") }},
	{"token refused", set{start: StartInstall}, func(s *stage) { toToken(s); s.paste("ghp_two words"); s.press("enter") }},
	{"scopes being checked", set{start: StartInstall}, func(s *stage) { toToken(s); s.paste(silentToken); s.press("enter") }},
	{"scopes being checked without motion", set{start: StartInstall, still: true}, func(s *stage) {
		toToken(s)
		s.paste(silentToken)
		s.press("enter")
		s.later(3 * time.Second)
	}},
	{"scopes granted", set{start: StartInstall}, func(s *stage) { toScopes(s, goodToken) }},
	{"scopes missing", set{start: StartInstall}, func(s *stage) { toScopes(s, lackingToken) }},
	{"scopes unverifiable", set{start: StartInstall}, func(s *stage) { toScopes(s, finelyToken) }},
	{"scopes too many", set{start: StartInstall}, func(s *stage) { toScopes(s, broadToken) }},
	{"scopes of a dead token", set{start: StartInstall}, func(s *stage) { toScopes(s, deadToken) }},
	{"scopes not told", set{start: StartInstall}, func(s *stage) { toScopes(s, refusingToken) }},
	{"scopes with a better token", set{start: StartInstall}, func(s *stage) { toScopes(s, lackingToken); s.write("ghp_b") }},
	{"save", set{start: StartInstall}, func(s *stage) { toSave(s, endingToken) }},
	{"save of a person", set{start: StartInstall}, func(s *stage) { toSave(s, personToken) }},
	{"save under way", set{start: StartInstall, store: slowStore}, func(s *stage) { toSave(s, goodToken); s.press("enter") }},
	{"save to leave", set{start: StartInstall, store: slowStore}, func(s *stage) { toSave(s, goodToken); s.press("enter", "ctrl+c") }},
	{"save of another account", renewing(), func(s *stage) {
		s.press("enter")
		s.until("paste the token")
		s.paste(personToken)
		s.press("enter")
		s.until("Continue")
		s.press("enter")
	}},
	{"hand off", set{start: StartInstall}, func(s *stage) { toHandOff(s, goodToken) }},
	{"hand off in the demo", set{start: StartInstall, demo: true}, func(s *stage) { toHandOff(s, goodToken) }},
	{"user token after the runtime token", set{start: StartInstall}, func(s *stage) { toHandOff(s, goodToken); s.press("enter"); s.until("User token ›") }},
	{"hand off of a user token", set{start: StartInstall, answers: flows.Answers{Purpose: providers.User}}, func(s *stage) { toHandOff(s, personToken) }},
	{"reauthorize", renewing(), func(*stage) {}},
	{"keychain locked", set{start: StartInstall, vault: true, store: inState(keyring.System, keyring.Locked)}, toTrouble},
	{"vault missing", set{start: StartInstall, store: inState(keyring.Vault, keyring.Missing)}, toTrouble},
	{"passphrase", set{start: StartInstall, store: inState(keyring.Vault, keyring.Locked)}, func(s *stage) { toTrouble(s); s.press("enter") }},
	{"passphrase wrong", set{start: StartInstall, store: inState(keyring.Vault, keyring.Locked)}, func(s *stage) {
		toTrouble(s)
		s.press("enter")
		s.write("guess")
		s.press("enter")
		s.until("another passphrase")
	}},
	{"passphrase twice", set{start: StartInstall, store: inState(keyring.Vault, keyring.Missing)}, func(s *stage) {
		toTrouble(s)
		s.press("enter")
		s.write("correct horse")
		s.press("enter")
	}},
	{"list", set{grants: several}, func(s *stage) { s.gone("checking") }},
	{"list of a locked vault", sealedList(keyring.Vault), func(s *stage) { s.gone("checking") }},
	{"list with a passphrase", sealedList(keyring.Vault), func(s *stage) { s.gone("checking"); s.press("p"); s.write("guess") }},
	{"list with a wrong passphrase", sealedList(keyring.Vault), func(s *stage) {
		s.gone("checking")
		s.press("p")
		s.write("guess")
		s.press("enter")
		s.until("another passphrase")
	}},
	{"list with the vault of the demo", inDemo(sealedList(keyring.Vault)), func(s *stage) { s.gone("checking"); s.press("p") }},
	{"list being checked", set{grants: []stored{{"prod", "runtime", "acme-bot", silentToken}}}, func(*stage) {}},
	{"list empty", set{}, func(*stage) {}},
	{"list filtered", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("/"); s.write("prod") }},
	{"list without a find", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("/"); s.write("nowhere") }},
	{"page", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("enter") }},
	{"page of two", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("end", "up", "enter", "down") }},
	{"page of a muted runtime", set{grants: several}, func(s *stage) {
		s.gone("checking")
		s.press("down", "m")
		s.until("Press m again")
		s.press("enter")
	}},
	{"list sorted", set{grants: spread}, func(s *stage) { s.gone("checking"); s.press("s") }},
	{"list by host", set{grants: spread}, func(s *stage) { s.gone("checking"); s.press("h", "down", "down") }},
	{"list with a muted runtime", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("m"); s.until("Press m again") }},
	{"list after forgetting", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("end", "f"); s.until("undo that") }},
	{"rotate", set{grants: spread}, func(s *stage) { s.gone("checking"); s.press("t"); s.until("Replace it") }},
	{"revoke", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("end", "x"); s.until("Keep it") }},
	{"revoke a token of several", set{grants: alike}, func(s *stage) { s.gone("checking"); s.press("x"); s.until("Keep it") }},
	{"revoke by hand", set{grants: spread}, func(s *stage) {
		s.gone("checking")
		s.press("x")
		s.until("Open the page")
	}},
	{"successor unsaved", set{grants: spread}, func(s *stage) {
		s.gone("checking")
		s.take(unsavedMsg{s.m.list.Grants()[0], nil, &flows.UnsavedError{Err: keyring.ErrUnknownOutcome}})
	}},
	{"reuse", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("end", "up", "e", "down", "space") }},
	{"reuse filtered", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("end", "up", "e", "down", "space", "/"); s.write("ed") }},
	{"reuse for a new one", set{grants: several}, func(s *stage) {
		s.gone("checking")
		s.press("end", "up", "e", "n")
		s.write("Staging 2")
		s.press("enter")
	}},
	{"reused", set{grants: several}, func(s *stage) {
		s.gone("checking")
		s.press("end", "up", "e", "space", "space", "enter")
		s.until("✓ dev")
	}},
	{"hand off after a renewal", renewingLive(), func(s *stage) {
		s.press("enter")
		s.until("paste the token")
		s.paste(broadToken)
		s.press("enter")
		s.until("Continue")
		s.press("enter", "enter")
		s.until("is ready")
	}},
	{"hand off after ending the old one", renewingLive(), func(s *stage) {
		s.press("enter")
		s.until("paste the token")
		s.paste(broadToken)
		s.press("enter")
		s.until("Continue")
		s.press("enter", "enter")
		s.until("is ready")
		s.press("down", "enter")
		s.until("✓ twin")
		s.press("down", "enter")
		s.until("was ended")
	}},
	{"forget", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("end", "up", "f") }},
	{"keys of a question", set{start: StartInstall}, func(s *stage) { toMethod(s); s.press("?") }},
	{"keys of the list", set{grants: several}, func(s *stage) { s.gone("checking"); s.press("f1") }},
	{"said", set{start: StartInstall}, func(s *stage) { toDevice(s); s.press("o"); s.until("no display") }},
	{tooSmall, set{start: StartInstall}, func(*stage) {}},
	{"glyphs of ASCII", set{start: StartInstall, plain: true}, func(s *stage) { toScopes(s, lackingToken) }},
}

// several are runtimes in all sorts of states.
var several = []stored{
	{"dev", "runtime", "acme-bot", lackingToken},
	{"dev", "user", "octocat", deadToken},
	{"edge-eu-west", "runtime", "acme-bot", finelyToken},
	{"lab", "runtime", "acme-bot", refusingToken},
	{"prod", "runtime", "acme-bot", goodToken},
	{"prod", "user", "octocat", personToken},
	{"staging", "runtime", "acme-bot", endingToken},
}

// alike are runtimes of which three hold one token.
var alike = []stored{
	{"lab", "user", "octocat", personToken}, {"prod", "user", "octocat", personToken}, {"staging", "user", "octocat", personToken}, {"test", "user", "octocat", goodToken},
}

// spread are runtimes on two hosts.
var spread = []stored{
	{"corp-edge", "runtime", "acme-bot", goodToken},
	{"corp-main", "runtime", "acme-bot", lackingToken},
	{"dev", "runtime", "acme-bot", endingToken},
	{"prod", "runtime", "acme-bot", goodToken},
}

func toProvider(s *stage) { s.write("prod"); s.press("enter") }

func toHost(s *stage) { toProvider(s); s.press("down", "enter", "ctrl+u") }

func toMethod(s *stage) { toProvider(s); s.press("enter") }

func toServerMethod(s *stage) {
	toHost(s)
	s.write("ghe.acme.example")
	s.press("enter")
	s.until("· Method")
}

func toApplication(s *stage) { toServerMethod(s); s.press("up", "enter") }

func toDevice(s *stage) { toMethod(s); s.press("enter"); s.until("WDJB-MJHT") }

func toToken(s *stage) { toMethod(s); s.press("end", "enter"); s.gone("Looking at") }

func toScopes(s *stage, token string) {
	toToken(s)
	s.paste(token)
	s.press("enter")
	s.until("Leave without saving")
}

func toSave(s *stage, token string) { toScopes(s, token); s.press("enter") }

func toHandOff(s *stage, token string) { toSave(s, token); s.press("enter"); s.until("is ready") }

func toTrouble(s *stage) { toMethod(s); s.press("end", "enter"); s.until("Look again") }

func renewing() set {
	return set{
		start: StartReauthorize, renew: &keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"},
		grants: []stored{{"prod", "runtime", "acme-bot", deadToken}},
	}
}

// renewingLive replaces a token that works and that another runtime has too.
func renewingLive() set {
	c := renewing()
	c.grants = []stored{{"prod", "runtime", "acme-bot", goodToken}, {"twin", "runtime", "acme-bot", goodToken}}
	return c
}

func inState(kind keyring.Kind, state keyring.State) func() keyring.Store {
	return func() keyring.Store {
		return &moody{Store: memory.New(), condition: keyring.Condition{Store: kind, State: state}, passphrase: "correct horse"}
	}
}

// sealedList is a list whose tokens rest in a store that is locked.
func sealedList(kind keyring.Kind) set {
	return set{grants: several, store: inState(kind, keyring.Ready), locked: true}
}

func inDemo(c set) set {
	c.demo = true
	return c
}

func slowStore() keyring.Store {
	return &moody{Store: memory.New(), condition: keyring.Condition{Store: keyring.Vault, State: keyring.Ready}, slow: make(chan struct{})}
}
