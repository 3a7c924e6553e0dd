package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"gitgrant/keyring/secret"
)

const canary = "ghp_canary0123456789"

// Where a Secret may end up by accident: in fields that printers cannot call
// methods on, behind pointers, in maps and slices.
type state struct {
	Shown  secret.Secret `json:"shown" yaml:"shown"`
	hidden secret.Secret
	nested struct{ deep *secret.Secret }
	list   []secret.Secret
	byName map[string]secret.Secret
	any    any
}

type document struct {
	Shown secret.Secret
}

func holding(s secret.Secret) state {
	held := state{Shown: s, hidden: s, list: []secret.Secret{s}, byName: map[string]secret.Secret{"a": s}, any: s}
	held.nested.deep = &s
	return held
}

func TestASecretPrintsItselfNowhere(t *testing.T) {
	s := secret.New(canary)
	held := holding(s)
	for _, value := range []any{s, &s, held, &held, []any{held}, map[string]any{"a": held}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%10.3v"} {
			hides(t, verb, fmt.Sprintf(verb, value))
		}
		hides(t, "Sprint", fmt.Sprint(value))
		hides(t, "an error", fmt.Errorf("cannot use %v: %w", value, errors.New("no")).Error())
	}
}

func TestASecretIsMarshalledByNobody(t *testing.T) {
	held := holding(secret.New(canary))
	for name, marshal := range map[string]func(any) ([]byte, error){"JSON": json.Marshal, "YAML": yaml.Marshal, "XML": xml.Marshal} {
		for _, value := range []any{held.Shown, &held.Shown, document{held.Shown}} {
			out, err := marshal(value)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			hides(t, name, string(out))
			if !strings.Contains(string(out), secret.Mask) {
				t.Errorf("%s says %s", name, out)
			}
		}
	}
}

func TestASecretIsLoggedByNobody(t *testing.T) {
	held := holding(secret.New(canary))
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("saving", "secret", held.Shown, "pointer", &held.Shown, "state", held, slog.Group("group", "in", held.hidden))
	}
	hides(t, "slog", out.String())
	if !strings.Contains(out.String(), secret.Mask) {
		t.Errorf("slog says %s", out.String())
	}
}

func TestASecretLeavesByReveal(t *testing.T) {
	s := secret.New(canary)
	if s.Reveal() != canary || s.Len() != len(canary) || s.Empty() {
		t.Errorf("it is %d bytes, empty: %v", s.Len(), s.Empty())
	}
}

func TestAnEmptySecretIsTheZeroOne(t *testing.T) {
	for _, s := range []secret.Secret{{}, secret.New("")} {
		if !s.Empty() || s.Reveal() != "" || s.Len() != 0 || fmt.Sprint(s) != "" || s.Sendable() {
			t.Errorf("it is not empty: %d bytes", s.Len())
		}
	}
}

func TestSecretsAreEqualByTheirText(t *testing.T) {
	for name, test := range map[string]struct {
		a, b secret.Secret
		want bool
	}{
		"the same text":   {secret.New("a"), secret.New("a"), true},
		"another text":    {secret.New("a"), secret.New("b"), false},
		"a longer text":   {secret.New("a"), secret.New("aa"), false},
		"nothing":         {secret.Secret{}, secret.New(""), true},
		"nothing or some": {secret.Secret{}, secret.New("a"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if test.a.Equal(test.b) != test.want || test.b.Equal(test.a) != test.want {
				t.Errorf("want %v", test.want)
			}
		})
	}
}

func TestOnlyVisibleASCIIMayBeSent(t *testing.T) {
	for text, want := range map[string]bool{
		"ghp_abc~!": true, "a b": false, "a\n": false, "a\r": false, "a\x00": false, "a\x7f": false, "ä": false, "\u202e": false,
	} {
		if secret.New(text).Sendable() != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

// hides fails where a part of the canary that would help anybody is shown, in
// the clear or in hexadecimal.
func hides(t *testing.T, where, text string) {
	t.Helper()
	for _, part := range []string{canary[4:12], fmt.Sprintf("%x", canary[4:12]), fmt.Sprintf("%X", canary[4:12])} {
		if strings.Contains(text, part) {
			t.Errorf("%s shows %s", where, text)
		}
	}
}
