package flows_test

import (
	"fmt"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// minted are grants of one account and application, the first the oldest.
func minted(n int, change func(i int, g *keyring.Grant)) []keyring.Grant {
	var grants []keyring.Grant
	for i := range n {
		g := keyring.Grant{
			Key:      keyring.Key{Runtime: fmt.Sprintf("runtime-%d", i), Purpose: "user", Account: "octocat"},
			Provider: "github", Host: "https://github.com", Method: "device", ClientID: "app",
			SavedAt: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
		}
		if change != nil {
			change(i, &g)
		}
		grants = append(grants, g)
	}
	return grants
}

func TestTheLimitOfLiveTokensIsSeenBeforeItBites(t *testing.T) {
	for name, test := range map[string]struct {
		grants []keyring.Grant
		live   int // zero where there is room
		full   bool
	}{
		"eight":                       {minted(8, nil), 0, false},
		"nine, and the next is tenth": {minted(9, nil), 9, false},
		"ten, and one is too many":    {minted(10, nil), 10, true},
		"of two accounts":             {minted(10, func(i int, g *keyring.Grant) { g.Account = fmt.Sprint(i % 2) }), 0, false},
		"of two applications":         {minted(10, func(i int, g *keyring.Grant) { g.ClientID = fmt.Sprint("app", i%2) }), 0, false},
		"for two purposes": {minted(10, func(i int, g *keyring.Grant) {
			if i%2 == 0 {
				g.Purpose = "runtime"
			}
		}), 0, false},
		"made by a person": {minted(10, func(_ int, g *keyring.Grant) { g.Method = "pat" }), 0, false},
		"at another host":  {minted(10, func(_ int, g *keyring.Grant) { g.Host = "https://ghe.acme.example" }), 0, false},
		"ten, two of them ended": {minted(10, func(i int, g *keyring.Grant) {
			if i < 2 {
				g.Verdict = []byte(`{"status":"revoked"}`)
			}
		}), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(test.grants...)
			w.Hosts = profiles{"https://github.com": "app"}
			k := begin(t, w, flows.Answers{Purpose: providers.User, Runtime: "prod", Provider: providers.GitHub}).at(flows.StepMethod)
			crowd := k.Crowd()
			switch {
			case test.live == 0:
				if crowd != nil {
					t.Errorf("it is %+v", crowd)
				}
			case crowd == nil || crowd.Live != test.live || crowd.Full() != test.full || crowd.Oldest.Runtime != "runtime-0" || crowd.Account != "octocat":
				t.Errorf("it is %+v", crowd)
			}
		})
	}
}

func TestTheLimitSaysNothingWhereTheOldestIsReplaced(t *testing.T) {
	grants := minted(10, nil)
	w := world(grants...)
	w.Hosts = profiles{"https://github.com": "app"}
	for i, crowded := range map[int]bool{0: false, 5: true} {
		c, _, err := flows.Reauthorize(w, grants[i], flows.Answers{})
		if err != nil {
			t.Fatal(err)
		}
		if (c.Crowd() != nil) != crowded {
			t.Errorf("renewing number %d: %+v", i, c.Crowd())
		}
	}
}

func TestAHostWithoutSuchALimitHasNoCrowd(t *testing.T) {
	w := world(minted(20, func(_ int, g *keyring.Grant) { g.Provider, g.Host = "gitlab", "https://gitlab.com" })...)
	w.Hosts = profiles{"https://gitlab.com": "app"}
	k := begin(t, w, flows.Answers{Purpose: providers.User, Runtime: "prod", Provider: providers.GitLab})
	if crowd := k.Crowd(); crowd != nil {
		t.Errorf("it is %+v", crowd)
	}
}
