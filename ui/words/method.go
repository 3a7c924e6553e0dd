package words

import (
	"errors"
	"slices"

	"gitgrant/flows"
	"gitgrant/providers"
)

// AskMethod is the question for the way to authorize.
const AskMethod = "How do you want to authorize?"

// AboutMethod says what a way to authorize means at a host, and what there is to
// know about it here. How is what a person does to take the other flow of OAuth2,
// where there are two; empty leaves that out.
func AboutMethod(o flows.Option, h providers.Host, how string) string {
	var about string
	host := hostName(h.URL)
	switch providers.Method(o.ID) {
	case providers.Device:
		about = "You enter a code at " + host + " in a browser, on this or any other machine. You handle no token."
	case providers.Browser:
		about = "You approve gitgrant at " + host + " in your browser"
		if !slices.ContainsFunc(o.Remarks, flows.Remark.Obstacle) {
			about += ", which then comes back here"
		}
		about += ". You handle no token."
	default:
		about = aboutToken(h.Provider, host)
	}
	for _, r := range o.Remarks {
		about = join(about, remark(r, o.Remarks))
	}
	about = join(about, otherFlow(o, how))
	if o.Best {
		about = join(about, "Recommended here.")
	}
	return about
}

// otherFlow says how the other flow is taken and what there is to know about it,
// or why there is none.
func otherFlow(o flows.Option, how string) string {
	var closed *flows.MethodError
	switch {
	case o.Other == nil || o.Closed != nil || how == "":
		return ""
	case errors.As(o.Other.Closed, &closed):
		m := closedMethod(closed)
		return join(m.What, m.Why)
	}
	about := how + " to enter a code there instead, in a browser on any machine."
	if providers.Method(o.Other.ID) == providers.Browser {
		about = how + " to approve it in your browser instead, without a code."
	}
	for _, r := range o.Other.Remarks {
		if !slices.Contains(o.Remarks, r) {
			about = join(about, remark(r, o.Other.Remarks))
		}
	}
	return about
}

// ToFlow is the name of the key that takes a flow of OAuth2.
func ToFlow(id string) string {
	if providers.Method(id) == providers.Device {
		return KeyByCode
	}
	return KeyByBrowser
}

// PressFor and TypeFor are how a flow is taken, on screens and in lines.
func PressFor(key string) string { return "Press " + key }

// TypeFor is how it is taken in lines: by its own word.
func TypeFor(o flows.Option) string {
	if o.Other == nil {
		return ""
	}
	return "Type " + o.Other.ID
}

// remark is something to know about a way.
func remark(r flows.Remark, among []flows.Remark) string {
	const bring = "you paste the address that it ends on."
	switch r {
	case flows.OverSSH:
		return "You came here over SSH, where your browser does not come back by itself: " + bring
	case flows.InContainer:
		return "This is a container, which your browser may not reach: then " + bring
	case flows.InWSL:
		return "Your browser is that of Windows and may not reach this program: then " + bring
	case flows.NoDesktop:
		return "There is no desktop here to open a browser on: from one elsewhere, " + bring
	case flows.EndsSoon:
		return "Its token ends within hours, and nothing in a cluster renews it: a token that you make lasts."
	case flows.WantsSecret:
		if slices.Contains(among, flows.WantsApplication) {
			return "Its secret is wanted too."
		}
		return "It takes the secret of the OAuth application; the next screen asks for it."
	default:
		return "It takes an OAuth application there; the next screen shows how to register one."
	}
}
