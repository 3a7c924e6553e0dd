package words

import (
	"slices"

	"gitgrant/flows"
	"gitgrant/providers"
)

// AskMethod is the question for the way to authorize.
const AskMethod = "How do you want to authorize?"

// MethodChoice is how a way to authorize reads among others: where there are
// two flows of OAuth2, each says which it is.
func MethodChoice(id string, among []flows.Option) string {
	m := providers.Method(id)
	flow := func(o flows.Option) bool { return providers.Method(o.ID).OAuth() && o.ID != id }
	switch {
	case !m.OAuth() || !slices.ContainsFunc(among, flow):
		return Method(m)
	case m == providers.Device:
		return Method(m) + " with a code"
	default:
		return Method(m) + " in the browser"
	}
}

// AboutMethod says what a way to authorize means at a host, and what there is to
// know about it here. Usual is the one that an empty answer takes.
func AboutMethod(o flows.Option, h providers.Host, usual bool) string {
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
	if usual {
		about = join(about, "Recommended here.")
	}
	return about
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
	case flows.WantsSecret:
		if slices.Contains(among, flows.WantsApplication) {
			return "Its secret is wanted too."
		}
		return "It takes the secret of the OAuth application; the next screen asks for it."
	default:
		return "It takes an OAuth application there; the next screen shows how to register one."
	}
}
