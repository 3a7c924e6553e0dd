package flows

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// Topic is a fact beside a token that only its owner can tell: what the step
// Authorize asks for once it has the token.
type Topic string

// The topics, in the order in which they are asked. TheToken is the question
// that the step begins with.
const (
	TheToken Topic = ""
	Email    Topic = "email"    // the user name for REST
	Username Topic = "username" // the user name for git; an empty answer is the usual one
	End      Topic = "end"      // when the token ends: a choice, or a day in its place
	Day      Topic = "day"      // on which it ends, where no choice fits
)

// Choices for the end of a token. Hosts offer the same spans when a token is
// made.
const (
	In30Days  = "30d"
	In90Days  = "90d"
	In180Days = "180d"
	In365Days = "365d"
	OnADay    = "on-a-day"
	NeverEnds = "never"
	NotKnown  = "unknown"
)

var spans = map[string]int{In30Days: 30, In90Days: 90, In180Days: 180, In365Days: 365}

// facts is where a conversation stands with them.
type facts struct {
	topic Topic
	given map[Topic]bool // said beforehand, not asked; TheToken among them
	mends bool           // the e-mail is being corrected: its answer is checked at once
	end   string         // the choice that was made for the end
}

// MaxAPIToken is the longest life of an API token of Bitbucket, in days.
const MaxAPIToken = 365

var oneWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\x21-\x7e]+$`) })

// ReadEmail makes an e-mail address of what was typed. Only its shape is looked
// at: whether it is the right one, the host alone can tell.
func ReadEmail(text string) (string, error) {
	text = strings.TrimFunc(text, invisible)
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || !oneWord().MatchString(text) || strings.Contains(text, ":") {
		return "", ErrEmail
	}
	return text, nil
}

// ReadUsername makes a user name for git of what was typed. It stands before a
// colon in what is sent, so that it has none itself.
func ReadUsername(text string) (string, error) {
	text = strings.TrimFunc(text, invisible)
	if text != "" && (!oneWord().MatchString(text) || strings.Contains(text, ":")) {
		return "", ErrUsername
	}
	return text, nil
}

// ReadEnd makes a moment of a day, which lasts until its end in UTC, or of a
// moment. One that has passed is a fact like any other.
func ReadEnd(text string) (time.Time, error) {
	text = strings.TrimFunc(text, invisible)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return endOf(day), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, ErrEnd
	}
	return at.UTC(), nil
}

func endOf(day time.Time) time.Time {
	return day.UTC().Truncate(24 * time.Hour).Add(24*time.Hour - time.Second)
}

// topics are what is asked beside the token at hand.
func (c *Conversation) topics() []Topic {
	if c.cred == nil || c.answers.Method.OAuth() {
		return nil
	}
	wants := c.provider.Wants(c.cred.Token)
	var list []Topic
	for _, t := range []struct {
		topic  Topic
		wanted bool
	}{{Email, wants.Email}, {Username, wants.Username}, {End, wants.Expiry}, {Day, wants.Expiry && c.facts.end == OnADay}} {
		if t.wanted && !c.facts.given[t.topic] {
			list = append(list, t.topic)
		}
	}
	return list
}

// unsaid is the first topic that a check, or a save, cannot do without and that
// nobody has answered for the token at hand.
func (c *Conversation) unsaid() (Topic, bool) {
	for _, t := range c.topics() {
		if t == Email && c.answers.Email == "" || t == End && c.answers.Stated.Source == "" {
			return t, true
		}
	}
	return TheToken, false
}

// Lacks reports whether the token at hand cannot be used before its owner has
// said something about a topic. defaults says that what was said of an earlier
// token of the same host will do.
func (c *Conversation) Lacks(t Topic, defaults bool) bool {
	return t == Email && slices.Contains(c.topics(), Email) && c.answers.Email == "" && (!defaults || c.earlierEmail() == "")
}

func (c *Conversation) askTopic() Question {
	q := Question{Topic: c.facts.topic, Final: c.facts.mends}
	topics := c.topics()
	if last := len(topics) > 0 && topics[len(topics)-1] == c.facts.topic; last {
		q.Final = true
	}
	switch c.facts.topic {
	case Email:
		q.Ask, q.Default = AskText, orElse(c.answers.Email, c.earlierEmail())
	case Username:
		q.Ask, q.Default = AskText, orElse(c.answers.Username, c.earlierUsername())
	case Day:
		q.Ask = AskText
		if c.answers.Stated.Source == providers.ExpiryUser {
			q.Default = c.answers.Stated.At.Format(time.DateOnly)
		}
	default:
		q.Ask, q.Options, q.Default = AskChoice, c.endOptions(), c.facts.end
		if q.Default == "" && !c.world.Ask {
			q.Default = NotKnown // nobody is there who could know it
		}
	}
	return q
}

// endOptions are the ends to choose from. The first states nothing, for whoever
// hurries on. A token of a sort that always ends is not offered to last for ever.
func (c *Conversation) endOptions() []Option {
	list := options(NotKnown, In30Days, In90Days, In180Days, In365Days, OnADay)
	if c.provider.Guess(c.cred.Token) != providers.APIToken {
		list = append(list, options(NeverEnds)...)
	}
	return list
}

// earlierEmail is what was said of another token of this host: of the one that
// is replaced, of one with the same purpose, of any.
func (c *Conversation) earlierEmail() string {
	return c.earlier(func(g keyring.Grant) string { return g.Email })
}

// earlierUsername is the same for git, of tokens of the same person alone:
// beside another's token it would be refused. Else it is the usual one.
func (c *Conversation) earlierUsername() string {
	return orElse(c.earlier(func(g keyring.Grant) string {
		if g.Email != c.answers.Email {
			return ""
		}
		return g.Username
	}), c.UsualUsername())
}

// UsualUsername is the user name that git uses with tokens such as the one at
// hand, where nobody gave another.
func (c *Conversation) UsualUsername() string {
	id := providers.Identity{Kind: c.provider.Guess(c.cred.Token), Email: c.answers.Email}
	return c.provider.Names(id).Git
}

func (c *Conversation) earlier(fact func(keyring.Grant) string) string {
	if c.old != nil && fact(*c.old) != "" {
		return fact(*c.old)
	}
	other := ""
	for _, g := range slices.Backward(c.world.Grants) {
		switch {
		case g.Host != c.host.URL || fact(g) == "":
		case g.Purpose == string(c.answers.Purpose):
			return fact(g)
		case other == "":
			other = fact(g)
		}
	}
	return other
}

func (c *Conversation) answerTopic(text string) []Effect {
	if err := c.say(text); err != nil {
		return c.refuse(err)
	}
	c.equip()
	c.verdict = nil // it was about a token with other facts beside it
	if c.facts.mends {
		c.facts.mends = false
		return c.goTo(StepScopes)
	}
	return c.nextTopic()
}

func (c *Conversation) say(text string) error {
	switch c.facts.topic {
	case Email:
		email, err := ReadEmail(text)
		if err != nil {
			return err
		}
		if email != c.answers.Email && !c.facts.given[Username] {
			c.answers.Username = "" // it was another person's
		}
		c.answers.Email = email
	case Username:
		name, err := ReadUsername(text)
		if err != nil {
			return err
		}
		if name == c.UsualUsername() {
			name = ""
		}
		c.answers.Username = name
	case Day:
		at, err := ReadEnd(text)
		if err != nil {
			return err
		}
		c.answers.Stated = providers.Expiry{At: at, Source: providers.ExpiryUser}
	default:
		return c.chooseEnd(text)
	}
	return nil
}

func (c *Conversation) chooseEnd(text string) error {
	if at, err := ReadEnd(text); err == nil {
		c.facts.end, c.answers.Stated = OnADay, providers.Expiry{At: at, Source: providers.ExpiryUser}
		c.facts.topic = Day // it is answered with it
		return nil
	}
	if err := choose(c.endOptions(), text); err != nil {
		return err
	}
	c.facts.end = text
	switch text {
	case OnADay: // the day comes next
	case NeverEnds:
		c.answers.Stated = providers.Expiry{Source: providers.ExpiryNone}
	case NotKnown:
		c.answers.Stated = providers.Expiry{Source: providers.ExpiryUnknown}
	default:
		at := c.world.Now().AddDate(0, 0, spans[text])
		c.answers.Stated = providers.Expiry{At: endOf(at), Source: providers.ExpiryUser}
	}
	return nil
}

// nextTopic goes on to what is asked next beside the token, or to its check.
func (c *Conversation) nextTopic() []Effect {
	topics := c.topics()
	if i := slices.Index(topics, c.facts.topic); i+1 < len(topics) {
		c.facts.topic, c.problem = topics[i+1], nil
		return nil
	}
	return c.goOn()
}

// backTopic goes back within the step Authorize; false where that leads out of
// it.
func (c *Conversation) backTopic() bool {
	topics := c.topics()
	i := slices.Index(topics, c.facts.topic)
	switch {
	case c.step != StepAuthorize || c.facts.topic == TheToken:
		return false
	case c.facts.mends:
		c.interrupt()
		c.facts.mends, c.step = false, StepScopes // its verdict stands
		return true
	case i > 0:
		c.facts.topic = topics[i-1]
	case c.facts.given[TheToken]:
		return false
	default:
		c.facts.topic = TheToken
	}
	c.problem = nil
	return true
}

// Inside reports whether Back leads to another question of the same step.
func (c *Conversation) Inside() bool {
	if c.step == StepApplication {
		return c.behindID()
	}
	if c.step != StepAuthorize || c.facts.topic == TheToken {
		return false
	}
	first := slices.Index(c.topics(), c.facts.topic) == 0
	return c.facts.mends || !first || !c.facts.given[TheToken]
}

// equip puts the facts beside the token that wants them.
func (c *Conversation) equip() {
	wants := c.provider.Wants(c.cred.Token)
	c.cred.Email, c.cred.Username = "", ""
	if wants.Email || c.facts.given[Email] {
		c.cred.Email = c.answers.Email
	}
	if wants.Username || c.facts.given[Username] {
		c.cred.Username = c.answers.Username
	}
}

// Identity is what is known of whose the token at hand is.
func (c *Conversation) Identity() providers.Identity {
	var id providers.Identity
	if c.cred != nil {
		id.Email, id.Username = c.cred.Email, c.cred.Username
	}
	if c.verdict != nil {
		id.Kind, id.Account = c.verdict.Kind, c.verdict.Account
	}
	return id
}

// doubtful reports whether a wrong e-mail may be why the token is refused: the
// host answers that in the same words as a dead token.
func (c *Conversation) doubtful() bool {
	if c.verdict == nil || c.verdict.Status != Rejected || c.cred == nil {
		return false
	}
	id := providers.Identity{Kind: c.provider.Guess(c.cred.Token), Email: c.cred.Email}
	return id.Email != "" && c.provider.Names(id).REST != "" // else it was not sent
}

// mendEmail asks for the e-mail once more. The token stays.
func (c *Conversation) mendEmail() []Effect {
	effects := c.askFor(Email)
	c.facts.mends = true
	return effects
}

// newToken forgets what was true of the token before.
func (c *Conversation) newToken(token secret.Secret) {
	if !c.answers.Token.Empty() && !c.answers.Token.Equal(token) {
		c.answers.Stated, c.facts.end = providers.Expiry{}, ""
		delete(c.facts.given, End)
		delete(c.facts.given, Day)
	}
	c.answers.Token = token
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
