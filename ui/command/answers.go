package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/ui/words"
)

// answerFlags are the answers of a conversation as flags. install, reauthorize
// and check take the same, so that a line can be tried with check first.
type answerFlags struct {
	provider                   providers.Kind
	host                       string
	purpose                    providers.Purpose
	method                     providers.Method
	tokenStdin                 bool
	email, username            string
	expires                    string
	repositories               []string
	clientID                   string
	clientSecretStdin          bool
	force, yes, replaceAccount bool
}

func (f *answerFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar((*string)(&f.provider), "provider", "", "kind of Git host: "+alternatives(texts(kinds())))
	complete(cmd, "provider", fixed(texts(kinds())))
	flags.StringVar(&f.host, "host", "", "address of the Git host, or of anything on it; the provider's own cloud by default")
	bindChoice(cmd, &f.purpose, "purpose", "what the token is for: runtime or user", providers.Purposes...)
	bindChoice(cmd, &f.method, "method", "how to authorize: device, browser or pat", methods...)
	flags.BoolVar(&f.tokenStdin, "token-stdin", false, "read the token from standard input")
	flags.StringVar(&f.email, "email", "", "user name for REST, where the host wants one")
	flags.StringVar(&f.username, "username", "", "user name for git, where the host wants one")
	flags.StringVar(&f.expires, "expires", "", "when the token ends, where the host cannot tell: 2026-12-31")
	flags.StringArrayVar(&f.repositories, "repo", nil, "repository to prove the token against; may be repeated")
	flags.StringVar(&f.clientID, "client-id", "", "OAuth application of this host")
	flags.BoolVar(&f.clientSecretStdin, "client-secret-stdin", false, "read the secret of the OAuth application from standard input")
	flags.BoolVar(&f.force, "force", false, "store although required scopes are missing")
	flags.BoolVar(&f.yes, "yes", false, "take the defaults, ask nothing that has one")
}

var methods = []providers.Method{providers.Device, providers.Browser, providers.PAT}

// kinds are those that gitgrant speaks with.
func kinds() []providers.Kind {
	var kinds []providers.Kind
	for _, p := range all.Providers() {
		kinds = append(kinds, p.Kind())
	}
	return kinds
}

// check refuses flags that contradict each other.
func (f *answerFlags) check() error {
	switch {
	case f.tokenStdin && f.clientSecretStdin:
		return misused(words.Together("--token-stdin", "--client-secret-stdin", "There is one standard input."))
	case f.tokenStdin && f.method.OAuth():
		return misused(words.Together("--token-stdin", "--method "+string(f.method), "OAuth2 makes the token itself."))
	case f.clientSecretStdin && f.method == providers.PAT:
		return misused(words.Together("--client-secret-stdin", "--method pat", "The secret belongs to OAuth2."))
	}
	if f.tokenStdin {
		f.method = providers.PAT
	}
	if f.email != "" {
		if _, err := flows.ReadEmail(f.email); err != nil {
			return err
		}
	}
	return nil
}

// answers are the flags as a conversation takes them.
func (f *answerFlags) answers(ctx context.Context, s *session) (flows.Answers, error) {
	if err := f.check(); err != nil {
		return flows.Answers{}, err
	}
	stated, err := f.stated()
	if err != nil {
		return flows.Answers{}, err
	}
	a := flows.Answers{
		Purpose: f.purpose, Provider: f.provider, Host: f.host, Method: f.method, ClientID: f.clientID,
		Email: f.email, Username: f.username, Stated: stated, Repositories: f.repositories,
		Force: f.force, ReplaceAccount: f.replaceAccount,
	}
	switch {
	case f.tokenStdin:
		a.Token, err = s.readToken(ctx)
	case f.clientSecretStdin:
		a.ClientSecret, err = s.readClientSecret(ctx)
	}
	return a, err
}

// stated is the end that the person knows of.
func (f *answerFlags) stated() (providers.Expiry, error) {
	if f.expires == "" {
		return providers.Expiry{}, nil
	}
	at, err := readEnd(f.expires)
	return providers.Expiry{At: at, Source: providers.ExpiryUser}, err
}

// readEnd reads --expires.
func readEnd(text string) (time.Time, error) {
	at, err := flows.ReadEnd(text)
	if err != nil {
		err = misused(words.BadValue(text, "--expires", "a day such as 2026-12-31", "a moment such as 2026-12-31T12:00:00Z"))
	}
	return at, err
}

// readToken takes a token from standard input. On a terminal it is typed unseen.
func (s *session) readToken(ctx context.Context) (secret.Secret, error) {
	text, err := s.readSecret(ctx, "Token: ")
	if err != nil {
		return secret.Secret{}, err
	}
	token, err := flows.ReadToken(text)
	s.masks.learn(token)
	return token, err
}

// readClientSecret takes the secret of an OAuth application from standard
// input.
func (s *session) readClientSecret(ctx context.Context) (secret.Secret, error) {
	text, err := s.readSecret(ctx, "Client secret: ")
	if err != nil {
		return secret.Secret{}, err
	}
	read, err := flows.ReadClientSecret(text)
	if err != nil {
		return secret.Secret{}, misused(words.BadClientSecret())
	}
	s.masks.learn(read)
	return read, nil
}

func (s *session) readSecret(ctx context.Context, prompt string) (string, error) {
	switch {
	case !s.input.Terminal():
		text, err := s.input.All(ctx)
		if errors.Is(err, words.TooLong()) {
			err = misused(err)
		}
		return text, err
	case s.noInput:
		return "", misused(words.SecretOnTerminal())
	default:
		return s.ask(ctx, prompt)
	}
}

// ask has a person type a secret unseen.
func (s *session) ask(ctx context.Context, prompt string) (string, error) {
	text, err := s.input.Secret(ctx, func() { fmt.Fprint(s.errs, prompt) })
	fmt.Fprintln(s.errs)
	if errors.Is(err, io.EOF) {
		err = words.InputEnded(strings.TrimRight(prompt, ": "), "")
	}
	return text, err
}
