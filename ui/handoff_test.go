package ui

import (
	"os"
	"strings"
	"testing"
)

func TestTheValuesAreWrittenOnceAndHoldNoToken(t *testing.T) {
	t.Chdir(t.TempDir())
	s := open(t, set{start: StartInstall})
	toHandOff(s, goodToken)
	s.press("w")
	s.until("The values are in prod-values.yaml")
	text, err := os.ReadFile("prod-values.yaml")
	if err != nil || !strings.Contains(string(text), "secretKeyRef") || strings.Contains(string(text), goodToken) {
		t.Errorf("%v: %s", err, text)
	}
	if err := os.WriteFile("prod-values.yaml", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.press("w")
	s.until("was left as it is")
	if text, err := os.ReadFile("prod-values.yaml"); err != nil || string(text) != "mine" {
		t.Errorf("%v: %s", err, text)
	}
}
