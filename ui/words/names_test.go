package words_test

import (
	"fmt"
	"testing"

	"gitgrant/keyring"
	"gitgrant/ui/words"
)

func TestTokensThatShareAReasonAreNamedByTheirRuntimes(t *testing.T) {
	of := func(purpose string, runtimes ...string) (grants []keyring.Grant) {
		for _, name := range runtimes {
			grants = append(grants, keyring.Grant{Key: keyring.Key{Runtime: name, Purpose: purpose}})
		}
		return grants
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("r%d", i))
	}
	for name, tc := range map[string]struct {
		grants []keyring.Grant
		want   string
	}{
		"one":                   {of("runtime", "prod"), "prod, runtime token"},
		"several":               {of("runtime", "dev", "lab", "prod"), "dev, lab and prod, runtime tokens"},
		"of both purposes":      {append(of("runtime", "lab", "prod"), of("user", "prod")...), "lab and prod, runtime tokens, and prod, user token"},
		"of two accounts":       {of("user", "prod", "prod"), "prod, user token"},
		"a thousand":            {of("user", many...), "r0, r1, r2, r3, r4, r5, r6, r7 and 992 more, user tokens"},
		"one more than are few": {of("user", many[:9]...), "r0, r1, r2, r3, r4, r5, r6, r7 and r8, user tokens"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := words.TokensOf(tc.grants); got != tc.want {
				t.Errorf("it says %q", got)
			}
		})
	}
}
