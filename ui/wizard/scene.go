package wizard

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// scene is the screen of one question. It holds nothing: what is typed and
// chosen is in the wizard, what was answered in the conversation.
type scene struct {
	name string
	// page draws the question for a width of text.
	page func(w *Wizard, width int) widget.Page
	// keys are what can be pressed beside the keys that all questions have.
	keys func(w *Wizard) []key.Binding
	// press takes the keys that are the scene's own; it may be nil.
	press func(w *Wizard, k tea.KeyPressMsg) (action screen.Action, taken bool)
}

func (w *Wizard) scene() scene {
	q := w.talk.Question()
	switch {
	case q.Ask == flows.AskPassphrase:
		return passphraseScene
	case q.Trouble != nil:
		return storeScene
	}
	if q.Topic != flows.TheToken {
		return topicScene(q.Topic)
	}
	switch q.Step {
	case flows.StepRuntime:
		return runtimeScene
	case flows.StepProvider:
		return providerScene
	case flows.StepHost:
		return hostScene
	case flows.StepMethod:
		return methodScene
	case flows.StepApplication:
		if q.Ask == flows.AskSecret {
			return secretScene
		}
		return applicationScene
	case flows.StepAuthorize:
		if w.talk.Answers().Method == providers.Browser {
			return browserScene
		}
		if w.talk.Answers().Method.OAuth() {
			return deviceScene
		}
		return tokenScene
	case flows.StepScopes:
		return scopesScene
	case flows.StepSave:
		return saveScene
	default:
		return handOffScene
	}
}

// Scene implements screen.Screen.
func (w *Wizard) Scene() string { return w.scene().name }

// Measures of the layout, in cells.
const (
	railWidth = 42 // the steps beside the question
	roomy     = 16 // lines from which there is room for frames and blank lines
	narrow    = 56 // below, only what is needed
	headLines = 3
)

// View implements screen.Screen.
func (w *Wizard) View() (string, *tea.Cursor) {
	laid := w.lay()
	return strings.Join(laid.Lines, "\n"), laid.Cursor
}

func (w *Wizard) lay() widget.Laid {
	if w.width >= theme.TwoPanes {
		return w.layBeside()
	}
	page := w.scene().page(w, min(w.width, theme.TextWidth))
	page.Head, page.Scroll = w.head(min(w.width, theme.TextWidth)), w.scroll
	return page.Lay(w.look.Theme, w.width, w.height)
}

// layBeside puts the steps with their answers beside the question.
func (w *Wizard) layBeside() widget.Laid {
	t := w.look.Theme
	width := min(w.width-railWidth, theme.TextWidth)
	page := w.scene().page(w, width)
	page.Head, page.Scroll = []string{w.stepLine(), ""}, w.scroll
	laid := page.Lay(t, width, w.height)
	rail := w.rail()
	line := t.Rule.Render(t.Glyph.Border.Left) + "  "
	for i := range laid.Lines {
		step := ""
		if i < len(rail) {
			step = rail[i]
		}
		laid.Lines[i] = widget.Pad(t, step, railWidth-4) + line + laid.Lines[i]
	}
	if laid.Cursor != nil {
		laid.Cursor.X += railWidth - 1
	}
	return laid
}

// head is the step, and under it the answers.
func (w *Wizard) head(width int) []string {
	t := w.look.Theme
	steps, current := w.talk.Trail()
	rail := ""
	if width >= narrow {
		rail = widget.Rail(t, len(steps), current)
	}
	head := []string{widget.Spread(t, w.stepLine(), rail, width), widget.Crumbs(t, w.crumbs(), width)}
	if w.tight() {
		return head
	}
	return append(head, "")
}

// tight reports whether the window is so low that only what matters is said.
func (w *Wizard) tight() bool { return w.height < roomy }

func (w *Wizard) stepLine() string {
	steps, current := w.talk.Trail()
	return w.look.Theme.Accent.Render(words.StepLine(current+1, len(steps), string(w.talk.Step())))
}

// crumbs are the answers so far, beginning with what all this is for.
func (w *Wizard) crumbs() []string {
	crumbs := []string{w.subject()}
	steps, current := w.talk.Trail()
	for _, s := range answered {
		if answer := w.answerOf(s); answer != "" && !slices.Contains(steps[w.given(current):], s) {
			crumbs = append(crumbs, answer)
		}
	}
	return crumbs
}

// given is how many steps have an answer that stands: those before the present
// one, and the name of the runtime for as long as its field holds it.
func (w *Wizard) given(current int) int {
	if name := w.talk.Answers().Runtime; name != "" && w.talk.Step() == flows.StepRuntime && w.field.Text() == name {
		return current + 1
	}
	return current
}

func (w *Wizard) subject() string {
	purpose := words.Purpose(w.talk.Answers().Purpose)
	if w.talk.Old() != nil {
		return words.Renewing(purpose)
	}
	return purpose
}

// answered are the steps whose answers are worth repeating.
var answered = []flows.Step{
	flows.StepRuntime, flows.StepProvider, flows.StepHost, flows.StepMethod, flows.StepAuthorize,
}

// answerOf is what was said at a step, in the words of the screen.
func (w *Wizard) answerOf(s flows.Step) string {
	a := w.talk.Answers()
	switch s {
	case flows.StepRuntime:
		return a.Runtime
	case flows.StepProvider:
		return words.Provider(a.Provider)
	case flows.StepHost:
		return words.HostName(w.talk.Host().URL)
	case flows.StepMethod:
		return words.Method(a.Method)
	case flows.StepAuthorize:
		if v := w.talk.Verdict(); v != nil {
			return v.Account.Login
		}
	}
	return ""
}

// rail is the steps under each other, with the answers beside them.
func (w *Wizard) rail() []string {
	t := w.look.Theme
	steps, current := w.talk.Trail()
	lines := append(widget.Text(t.Strong, w.subject(), railWidth-6), "")
	for i, s := range steps {
		name := widget.Pad(t, string(s), 13)
		switch {
		case i < current:
			name = t.Good.Render(t.Glyph.Done) + " " + t.Plain.Render(name)
		case i == current:
			name = t.Accent.Render(t.Glyph.Here) + " " + t.Accent.Render(name)
		default:
			name = t.Rule.Render(t.Glyph.Ahead) + " " + t.Quiet.Render(name)
		}
		answer := ""
		if i < w.given(current) {
			answer = t.Quiet.Render(w.answerOf(s))
		}
		lines = append(lines, widget.Fit(t, name+answer, railWidth-6))
	}
	return append(lines, w.settled(steps)...)
}

// settled are the answers that no step of this branch asks for.
func (w *Wizard) settled(steps []flows.Step) []string {
	t := w.look.Theme
	var facts []widget.Fact
	for _, s := range answered[:4] {
		if answer := w.answerOf(s); answer != "" && !slices.Contains(steps, s) {
			facts = append(facts, widget.Fact{Name: string(s), Value: answer})
		}
	}
	if len(facts) == 0 {
		return nil
	}
	return append([]string{""}, widget.Facts(t, facts, railWidth-6)...)
}

// question is the line that asks, and what there is to know before one answers.
func (w *Wizard) question(asks, explains string, width int) []string {
	t := w.look.Theme
	return append(widget.Text(t.Strong, asks, width), widget.Text(t.Quiet, explains, width)...)
}

// withField puts the field and what is wrong under a page.
func (w *Wizard) withField(p widget.Page, hint, note string, width int) widget.Page {
	t := w.look.Theme
	lines, x, y := w.field.Lines(t, hint, min(width, fieldWidth), !w.tight())
	p.Focus = len(p.Foot) + y
	if w.Typing() {
		p.Cursor = widget.Caret(x, p.Focus)
	}
	p.Foot = append(p.Foot, lines...)
	if w.field.Veiled() {
		note = words.NoTokenTyped
	}
	if problem := w.problem(width); len(problem) > 0 {
		p.Foot, p.Urgent = append(p.Foot, problem...), true
	} else {
		p.Foot = append(p.Foot, widget.Text(t.Quiet, note, width)...)
	}
	return p
}

const fieldWidth = 64

// problem is why the last answer was not good enough.
func (w *Wizard) problem(width int) []string {
	text := w.slip
	if err := w.talk.Question().Problem; text == "" && err != nil && !w.edited {
		text = words.ProblemAt(err, w.look.Now()).String()
	}
	if text == "" {
		return nil
	}
	t := w.look.Theme
	return widget.Hang(t.Bad.Render(t.Glyph.Bad), t.Plain, text, width)
}

// withChoice puts the options under a page.
func (w *Wizard) withChoice(p widget.Page, entries []widget.Entry, under bool, width int) widget.Page {
	choice := widget.Choice{Entries: entries, At: w.at, Under: under, Brief: w.tight()}
	lines, focus := choice.Lines(w.look.Theme, width)
	p.Focus = len(p.Foot) + focus
	p.Foot = append(p.Foot, lines...)
	return p
}

// entries are the options in the words of the screen.
func (w *Wizard) entries(word func(id string) (name, note string)) []widget.Entry {
	var entries []widget.Entry
	for _, o := range w.talk.Question().Options {
		var e widget.Entry
		e.Name, e.Note = word(o.ID)
		if o.Closed != nil {
			e.Closed, e.Note = true, words.ProblemAt(o.Closed, w.look.Now()).String()
		}
		entries = append(entries, e)
	}
	return entries
}

// fieldKeys and choiceKeys are what most scenes have to press.
func fieldKeys(w *Wizard) []key.Binding {
	if w.talk.Waiting() {
		return nil
	}
	return []key.Binding{w.look.Keys.Enter}
}

func choiceKeys(w *Wizard) []key.Binding {
	if w.talk.Waiting() || len(w.talk.Question().Options) == 0 {
		return nil
	}
	return []key.Binding{w.look.Keys.Enter, w.look.Keys.Move}
}
