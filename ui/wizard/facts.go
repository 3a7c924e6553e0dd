package wizard

import (
	"gitgrant/flows"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// The questions behind the token, for what only its owner can tell. Each says
// why anybody asks.
var (
	emailScene    = scene{name: "email", page: emailPage, keys: fieldKeys}
	usernameScene = scene{name: "username", page: usernamePage, keys: fieldKeys}
	endScene      = scene{name: "end", page: endPage, keys: choiceKeys}
	dayScene      = scene{name: "day", page: dayPage, keys: fieldKeys}
)

func topicScene(t flows.Topic) scene {
	switch t {
	case flows.Email:
		return emailScene
	case flows.Username:
		return usernameScene
	case flows.Day:
		return dayScene
	default:
		return endScene
	}
}

func emailPage(w *Wizard, width int) widget.Page {
	return w.withField(widget.Page{Body: w.question(words.AskEmail, words.AboutEmail, width)}, words.EmailHint, "", width)
}

func usernamePage(w *Wizard, width int) widget.Page {
	p := widget.Page{Body: w.question(words.AskUsername, words.AboutUsername(w.talk.UsualUsername()), width)}
	return w.withField(p, words.UsernameHint, "", width)
}

func endPage(w *Wizard, width int) widget.Page {
	about := words.AboutEnd(words.EndSite(w.talk), w.talk.Provider().Guess(w.talk.Answers().Token))
	p := widget.Page{Body: w.question(words.AskEnd, about, width), Foot: w.problem(width)}
	return w.withChoice(p, w.entries(func(id string) (string, string) { return words.Choice(id), "" }), false, width)
}

func dayPage(w *Wizard, width int) widget.Page {
	return w.withField(widget.Page{Body: w.question(words.AskDay, words.AboutDay, width)}, words.DayHint, "", width)
}
