package plain

import (
	"gitgrant/flows"
	"gitgrant/flows/handover"
	"gitgrant/providers"
	"gitgrant/ui/words"
)

// background is what there is to know before a question, one line each.
func (p *Person) background(c *flows.Conversation, q flows.Question) []string {
	a := c.Answers()
	switch {
	case q.Topic != flows.TheToken:
		return words.AboutTopic(c, q.Topic)
	case q.Step == flows.StepRuntime:
		return []string{words.AboutRuntime(a.Purpose)}
	case q.TakesAddress:
		return []string{words.OrAddress}
	case q.Step == flows.StepHost:
		return []string{words.AboutHost}
	case q.Step == flows.StepMethod:
		return []string{words.TooMany(c.Crowd())}
	case q.Ask == flows.AskSecret:
		r := c.Provider().Registration(c.Host())
		return []string{words.AboutClientSecret, words.SecretIsThere + " " + r.Secrets(), words.RegisterWay(r.MadeWay)}
	case q.Step == flows.StepApplication:
		return append([]string{words.AboutApplication}, words.Register(c.Provider().Registration(c.Host()), c.WantsSecret())...)
	case q.Ask == flows.AskToken:
		return tokenPage(c)
	case q.Step == flows.StepSave:
		return p.beforeSaving(c)
	case q.Step == flows.StepHandOff && !c.Waiting():
		return p.handOff(c)
	default:
		return nil
	}
}

// tokenPage says where a token is made, and what to tick there and why.
func tokenPage(c *flows.Conversation) []string {
	a := c.Answers()
	lines := []string{
		words.MakeItHere + " " + c.Provider().TokenPage(c.Host(), a.Purpose, words.TokenName(a.Runtime, a.Purpose)),
	}
	if about := words.AboutTokenPage(c.Host().Provider); about != "" {
		lines = append(lines, about)
	}
	lines = append(lines, words.TickThere)
	for _, tick := range words.Ticks(c.Host().Provider, a.Purpose, providers.UnknownKind) {
		lines = append(lines, tick.String())
	}
	return lines
}

// beforeSaving shows what would be written, and where.
func (p *Person) beforeSaving(c *flows.Conversation) []string {
	a, v := c.Answers(), c.Verdict()
	lines := []string{
		words.FactRuntime + ": " + a.Runtime,
		words.FactPurpose + ": " + words.Purpose(a.Purpose),
		words.FactAccount + ": " + v.Account.Login,
	}
	if names := c.Provider().Names(c.Identity()); names.REST != "" {
		lines = append(lines, words.FactEmail+": "+names.REST, words.FactGit+": "+names.Git)
	}
	lines = append(lines,
		words.FactHost+": "+c.Host().URL,
		words.FactKind+": "+words.KindLabel(v.Kind),
		words.FactExpires+": "+words.EndsOn(*v, p.Now()),
		words.FactRests+": "+words.WhereItRests(c.Store()),
		words.AboutSaving(c.Late()),
	)
	if old := c.Old(); old != nil {
		lines = append(lines, words.Replaces(old.Account))
	}
	for _, concern := range c.Concerns() {
		lines = append(lines, words.Concern(concern, v.Account.Login))
	}
	return lines
}

// handOff says what comes next for what was stored, as commands without a
// secret in them.
func (p *Person) handOff(c *flows.Conversation) []string {
	saved := c.Outcome().Saved
	switch {
	case saved == nil:
		return nil
	case p.Demo:
		return []string{words.DemoKept}
	}
	var lines []string
	for _, next := range words.NextCommands(*saved) {
		lines = append(lines, next.About+" "+next.Command)
	}
	if s := flows.HandoverOf(c.Provider(), c.Host(), *saved); s.Purpose == providers.Runtime {
		for _, caveat := range handover.Caveats(handover.HelmValues, s, flows.ShortLived(*saved)) {
			lines = append(lines, words.Caveat(caveat, s).String())
		}
	}
	return lines
}

// Tell implements flows.Asker: one event a line.
func (p *Person) Tell(c *flows.Conversation, ev flows.Event) {
	switch what := ev.What.(type) {
	case flows.HostMet:
		if what.Version != "" {
			p.say(words.HostAnswered(c.Answers().Provider, words.HostName(c.Host().URL), what.Version))
		}
	case flows.CodeIssued:
		p.arrive(c)
		p.say(words.EnterCode(what.Code, p.Now()), words.WaitInLines(words.WaitingForApproval, p.In.Terminal()))
	case flows.PageOpened:
		p.arrive(c)
		p.say(words.OpenPage(what.Page, p.Now()), words.WaitForReturn(what.Page, c.Obstructed()), words.WaitInLines(words.WaitingForBrowser, p.In.Terminal()))
	case flows.NotReturned:
		p.say(words.ProblemAt(what.Err, p.Now()).String())
	case flows.Authorized:
		p.say(words.SignedIn(words.HostName(c.Host().URL)) + ".")
	case flows.Checked:
		p.arrive(c)
		p.verdict(c, what.Verdict)
	case flows.Saved:
		p.say(words.Stored(what.Grant))
		p.aboutOld(c)
	case flows.Ended:
		p.say(words.OldEnded(words.HostName(c.Host().URL)))
	case flows.Shared:
		for _, g := range what.Given {
			p.say(words.GivenTo(g, words.Subject{
				Runtime: g.Grant.Runtime, Purpose: providers.Purpose(g.Grant.Purpose), Provider: c.Provider(), Host: c.Host(),
				Method: providers.Method(g.Grant.Method), Store: g.Grant.Store, Now: p.Now(),
			}))
		}
	}
}

// aboutOld tells what became of the token that was replaced.
func (p *Person) aboutOld(c *flows.Conversation) {
	if c.Former() == nil {
		return
	}
	page := ""
	if !c.CanEnd() {
		page = c.Provider().ManagePage(c.Host())
	}
	p.say(words.OldStays(words.HostName(c.Host().URL), page))
	if runtimes := c.Sharing(); len(runtimes) > 0 {
		p.say(words.StillUsed(runtimes))
	}
}

// verdict tells what was found out about the token that was just checked.
func (p *Person) verdict(c *flows.Conversation, v flows.Verdict) {
	p.Verdict(words.Present(c, p.Now()), v)
}

// Verdict tells what was found out about a token.
func (p *Person) Verdict(about words.Subject, v flows.Verdict) {
	if v.Account.Login != "" {
		p.say(words.Whose(v, about.Now))
	}
	if !v.LastUsed.IsZero() {
		p.say(words.FactUsed + ": " + words.Ago(about.Now, v.LastUsed))
	}
	p.say(words.Findings(v)...)
	if len(v.Excess) > 0 {
		p.say(words.Excess(v.Excess))
	}
	p.say(words.StatusInLines(v.Status), words.Reason(v, about))
	if v.Status == flows.Valid {
		p.say(words.AllGranted)
	}
}
