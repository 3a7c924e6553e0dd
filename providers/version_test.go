package providers_test

import (
	"testing"

	"gitgrant/providers"
)

func TestAVersionIsOlderByItsNumbersAlone(t *testing.T) {
	for _, test := range []struct {
		version, other string
		older          bool
	}{
		{"16.11.2-ee", "17.2", true},
		{"17.1.99", "17.2", true},
		{"17.2.0-ce.0", "17.2", false},
		{"17.10.1", "17.2", false},
		{"v7.19.3", "7.20", true},
		{"9", "7.20", false},
		{"", "17.2", false},
		{"17.1", "", false},
		{"unknown", "17.2", false},
	} {
		if got := providers.Before(test.version, test.other); got != test.older {
			t.Errorf("%q is older than %q: %v", test.version, test.other, got)
		}
	}
}
