package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// choice is an entry that may be chosen on a page.
type choice struct {
	Value, Text string
	Chosen      bool
	// Within marks a scope that the one above includes.
	Within bool
}

// accounts are those that may be signed in at a page.
func (s *Sandbox) accounts() []choice {
	signedIn := s.options.Login
	list := []choice{{Value: person, Text: "a person"}, {Value: robot, Text: "a robot account"}}
	if signedIn != person && signedIn != robot {
		list = append(list, choice{Value: signedIn, Text: "signed in"})
	}
	for i := range list {
		list[i].Chosen = list[i].Value == signedIn
	}
	return list
}

// account is the one that a form was sent as.
func (s *Sandbox) account(r *http.Request) string {
	login := r.PostFormValue("login")
	if !slices.ContainsFunc(s.accounts(), func(c choice) bool { return c.Value == login }) {
		return s.options.Login
	}
	return login
}

// lifetimes are the expirations that a token page offers, in days; 0 is none.
var lifetimes = []int{7, 30, 60, 90, 0}

func lifetimeChoices(chosen string) []choice {
	list := make([]choice, 0, len(lifetimes))
	for _, days := range lifetimes {
		c := choice{Value: strconv.Itoa(days), Text: strconv.Itoa(days) + " days"}
		if days == 0 {
			c.Value, c.Text = "none", "No expiration"
		}
		c.Chosen = c.Value == chosen
		list = append(list, c)
	}
	return list
}

// chosenLifetime is what a form says of the life of a token; zero is for ever.
func chosenLifetime(r *http.Request) time.Duration {
	days, err := strconv.Atoi(r.PostFormValue("expires_in"))
	if err != nil || !slices.Contains(lifetimes, days) {
		return 0
	}
	return time.Duration(days) * day
}
