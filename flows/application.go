package flows

import (
	"slices"
	"strings"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// applying is where a conversation stands with the OAuth application.
type applying struct {
	secret bool   // the question is for its secret
	doubt  string // the id that the host could not be asked about; said again, it is taken
}

// behindID reports whether the question for the secret came after the one for the
// id, so that one goes back to that.
func (c *Conversation) behindID() bool { return c.applying.secret && !c.ownID && !c.idGiven }

// needsApplication reports whether the step is part of the branch: where no
// application is known, or where only its secret is not.
func (c *Conversation) needsApplication() bool {
	return c.answers.Method.OAuth() && (!c.ownID || c.needsSecret())
}

// needsSecret reports whether a person is asked for the secret, whether they
// have given it by now or not.
func (c *Conversation) needsSecret() bool {
	if c.answers.Method != providers.Browser || c.secretGiven || c.secretKept() {
		return false
	}
	return c.provider.Browser(c.host, nil).NeedsSecret
}

// WantsSecret reports whether the step Application asks for a secret too.
func (c *Conversation) WantsSecret() bool { return c.needsSecret() }

// Doubted reports whether a host could not be asked about the application that
// was given. Said again, it is taken.
func (c *Conversation) Doubted() bool {
	return c.step == StepApplication && c.problem != nil && c.applying.doubt != ""
}

// secretKept reports whether the keychain has the secret of the application in
// the profile of the host.
func (c *Conversation) secretKept() bool {
	return c.ownID && !c.badSecret && slices.Contains(c.world.Secrets, c.host.URL)
}

func (c *Conversation) askForApplication() Question {
	if c.applying.secret {
		return Question{Ask: AskSecret, Kept: !c.answers.ClientSecret.Empty(), Options: options(ByToken)}
	}
	return Question{Ask: AskText, Default: c.answers.ClientID, Options: options(ByToken)}
}

func (c *Conversation) answerApplication(a Answer) []Effect {
	if a.Text == ByToken {
		return c.byToken()
	}
	if !c.applying.secret {
		if err := c.giveClientID(a.Text); err != nil {
			return c.refuse(err)
		}
		if c.needsSecret() {
			c.applying.secret, c.problem = true, nil
			return nil
		}
		return c.tryApplication()
	}
	if a.Secret.Empty() && !c.answers.ClientSecret.Empty() {
		return c.tryApplication()
	}
	given, err := ReadClientSecret(a.Secret.Reveal())
	if err != nil {
		return c.refuse(err)
	}
	c.answers.ClientSecret = given
	return c.tryApplication()
}

// tryApplication asks the host whether it has anything against the application
// before anybody is sent to a browser. The device flow needs no such question:
// it begins with one. A host that cannot be asked is taken at the second time.
func (c *Conversation) tryApplication() []Effect {
	if !c.world.Ask || c.answers.Method != providers.Browser || c.applying.doubt == c.host.ClientID {
		return c.goOn()
	}
	return c.await(TryApplication{Provider: c.provider, Host: c.host, Secret: c.answers.ClientSecret})
}

// doubtApplication takes that the host refused the application, or could not be
// asked.
func (c *Conversation) doubtApplication(err error) {
	switch cause.Of(err).Kind {
	case cause.SecretWanted, cause.SecretRefused:
		c.applying.secret = true
		c.answers.ClientSecret = secret.Secret{}
	case cause.UnknownApplication, cause.GitHubApp:
		c.ownID, c.idGiven, c.applying.secret = false, false, false
	case cause.RedirectRefused: // it is mended at the host, and then said again
	default:
		c.applying.doubt = c.host.ClientID
	}
}

func (c *Conversation) giveClientID(text string) error {
	id, err := readClientID(text)
	if err != nil {
		return err
	}
	if err := c.provider.CheckApplication(id); err != nil {
		return err
	}
	if kind := c.provider.Guess(secret.New(id)); kind != providers.UnknownKind && kind != providers.OAuthToken {
		return ErrClientID // a token, and ids are kept in a file
	}
	if c.host.ClientID != id {
		c.dropCredential()
		if !c.secretGiven {
			c.answers.ClientSecret = secret.Secret{} // it belongs to the other one
		}
	}
	c.answers.ClientID, c.host.ClientID = id, id
	return nil
}

// otherApplication asks for another application than the one in the profile, or
// for another secret where that is what the host does not take.
func (c *Conversation) otherApplication() []Effect {
	switch cause.Of(c.problem).Kind {
	case cause.SecretWanted, cause.SecretRefused:
		c.badSecret, c.secretGiven, c.answers.ClientSecret = true, false, secret.Secret{}
	default:
		c.ownID, c.idGiven = false, false
	}
	return c.goTo(StepApplication)
}

// remember keeps what has proved right: the application in the profile of the
// host, and its secret in the store.
func (c *Conversation) remember() []Effect {
	w := RememberHost{Host: c.host}
	if c.answers.Method == providers.Browser || c.secretGiven {
		w.Secret = c.answers.ClientSecret
	}
	if c.ownID && w.Secret.Empty() {
		return nil
	}
	return []Effect{{Work: w}}
}

// maxClientSecret is well above the secrets in use.
const maxClientSecret = 512

// ReadClientSecret makes the secret of an application of what was typed.
func ReadClientSecret(text string) (secret.Secret, error) {
	read := secret.New(strings.TrimFunc(text, wrapping))
	if read.Len() > maxClientSecret || !read.Sendable() {
		return secret.Secret{}, ErrClientSecret
	}
	return read, nil
}
