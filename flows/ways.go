package flows

import "gitgrant/providers"

// Way is one way to authorize, on its own: the flows of OAuth2 apart.
type Way struct {
	Option
	// Since is the first version of a server that has it; empty where all do.
	Since string
}

// Ways are the ways to authorize at a host for a purpose as a conversation that
// begins here offers them, without asking anybody.
func (w World) Ways(p providers.Provider, h providers.Host, purpose providers.Purpose) []Way {
	h.Provider = p.Kind()
	c := Conversation{world: w, provider: p, host: h, ownID: h.ClientID != ""}
	c.answers.Purpose = purpose
	var list []Way
	add := func(o Option) {
		way := Way{Option: o}
		if hasNoCloud(p) {
			way.Since = p.Since(providers.Method(o.ID))
		}
		way.Other = nil
		list = append(list, way)
	}
	for _, o := range c.methodOptions() {
		add(o)
		if o.Other != nil {
			add(*o.Other)
		}
	}
	return list
}
