package handover_test

import (
	"bytes"
	"os/exec"
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"gitgrant/flows/handover"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// texts are what YAML and shells are known to take for something else, and
// anything at all.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"yes", "No", "on", "null", "~", "true", "0123", "0x1f", "0o17", "1e3", "1_000", ".inf", "12:30:45", "2026-12-31", "=", "<<",
			"- a", "? a", ": a", "a: b", "#", " #", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "'", "''", `"`, `\`, `\n`, "{a}", "[a]", ",",
			"---", "...", "$HOME", "$(id)", "`id`", "a'b", "a\"b", "a b", "~root", "é", "\u2028", "\u0085",
		}),
		rapid.StringMatching(`[!-~]{1,60}`),
		rapid.String(),
	)
}

func anySubject(t *rapid.T) handover.Subject {
	kind := rapid.SampledFrom(providers.Kinds).Draw(t, "kind")
	return handover.Subject{
		Runtime: "prod", Purpose: rapid.SampledFrom(providers.Purposes).Draw(t, "purpose"),
		Host:  providers.Host{Provider: kind, URL: "https://git.acme.example", WebURL: "https://git.acme.example", APIURL: "https://git.acme.example/api"},
		Token: secret.New(texts().Draw(t, "token")),
		Names: providers.Names{
			Git: texts().Draw(t, "git"), REST: rapid.OneOf(rapid.Just(""), texts()).Draw(t, "rest"), Bearer: rapid.Bool().Draw(t, "bearer"),
		},
	}
}

func TestNoTextIsTakenForAnythingElseInAManifest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySubject(t)
		f := rapid.SampledFrom([]handover.Format{handover.KubernetesSecret, handover.RepoCreds, handover.ArgoEvents}).Draw(t, "format")
		text, err := handover.Write(f, s, handover.Options{})
		if err != nil {
			if s.Names.Git == "" && f == handover.RepoCreds {
				return
			}
			t.Fatal(err)
		}
		data := parse(t, text).StringData
		for key, want := range map[string]string{"token": s.Token.Reveal(), "bearerToken": s.Token.Reveal(), "password": s.Token.Reveal()} {
			if got, ok := data[key]; ok && got != want {
				t.Fatalf("%s came back as %q, not %q:\n%s", key, got, want, text)
			}
		}
		if got, ok := data["username"]; ok && got != s.Names.Git && got != s.Names.REST {
			t.Fatalf("the user name came back as %q:\n%s", got, text)
		}
		if want := map[handover.Format]string{handover.KubernetesSecret: "", handover.RepoCreds: "git", handover.ArgoEvents: ""}[f]; data["type"] != want {
			t.Fatalf("a text became a field:\n%s", text)
		}
	})
}

func TestNoUserNameIsTakenForAnythingElseInValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySubject(t)
		if s.Names.Git == "" {
			return
		}
		text, err := handover.Write(handover.HelmValues, s, handover.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var values struct {
			Global struct {
				Runtime struct {
					Name           string `yaml:"name"`
					GitCredentials struct {
						Username string `yaml:"username"`
						Password struct {
							SecretKeyRef struct {
								Name string `yaml:"name"`
								Key  string `yaml:"key"`
							} `yaml:"secretKeyRef"`
						} `yaml:"password"`
					} `yaml:"gitCredentials"`
				} `yaml:"runtime"`
			} `yaml:"global"`
		}
		if err := yaml.UnmarshalWithOptions(text, &values, yaml.Strict()); err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		got := values.Global.Runtime.GitCredentials
		if got.Username != s.Names.Git || got.Password.SecretKeyRef.Name != s.SecretName() || got.Password.SecretKeyRef.Key != "token" {
			t.Fatalf("came back as %+v:\n%s", got, text)
		}
	})
}

func TestAShellReadsTheLinesAsTheyWereMeant(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := anySubject(t)
		text, err := handover.Write(handover.Dotenv, s, handover.Options{Env: "EXTRA"})
		if err != nil {
			return // it holds what no line can
		}
		cmd := exec.CommandContext(t.Context(), sh, "-c", `eval "$(cat)"; printf '%s\0%s\0%s' "$GIT_TOKEN" "$GIT_USER" "$EXTRA"`)
		cmd.Stdin, cmd.Env = bytes.NewReader(text), []string{"PATH=/usr/bin:/bin"}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := s.Token.Reveal() + "\x00" + s.Names.Git + "\x00" + s.Token.Reveal(); string(out) != want {
			t.Fatalf("a shell read %q, not %q:\n%s", out, want, text)
		}
	})
}
