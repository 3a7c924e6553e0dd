package flows_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
)

// watched is a host whose one token is in a state that a test chooses, and a
// desk that watches it by a clock of its own.
type watched struct {
	t    *testing.T
	desk *flows.Desk
	now  time.Time

	mu     sync.Mutex
	answer func(w http.ResponseWriter)
}

func watch(t *testing.T) *watched {
	t.Helper()
	w := &watched{t: t, now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	w.desk, _ = atHosts(t, func(rw http.ResponseWriter, _ string, _ int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.answer(rw)
	})
	w.desk.Now = func() time.Time { return w.now }
	w.works(time.Time{})
	return w
}

// works has the host accept the token, which ends then.
func (w *watched) works(end time.Time) {
	w.says(func(rw http.ResponseWriter) {
		if !end.IsZero() {
			rw.Header().Set("GitHub-Authentication-Token-Expiration", end.Format("2006-01-02 15:04:05 UTC"))
		}
		fine(rw, "", 0)
	})
}

func (w *watched) says(answer func(rw http.ResponseWriter)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// hears is the news of one look at everything.
func (w *watched) hears() string {
	w.t.Helper()
	var news []string
	_, _, err := w.desk.Watch(w.t.Context(), func(n flows.Notice) error {
		news = append(news, string(n.News))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(news, " ")
}

func down(rw http.ResponseWriter) { rw.WriteHeader(http.StatusBadGateway) }

func lacks(rw http.ResponseWriter) {
	rw.Header().Set("X-OAuth-Scopes", "repo")
	fmt.Fprint(rw, `{"login":"acme-bot","type":"User"}`)
}

func TestEveryChangeOfStateIsToldOnce(t *testing.T) {
	w := watch(t)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	for i, step := range []struct {
		answer func(rw http.ResponseWriter)
		want   string
	}{
		{nil, ""},
		{nil, ""},
		{down, ""}, // a failure of the network is no news
		{refuse1, "died"},
		{refuse1, ""},
		{down, ""},
		{refuse1, ""},
		{lacks, "lacking"},
		{lacks, ""},
		{refuse1, "died"},
	} {
		if step.answer != nil {
			w.says(step.answer)
		}
		if got := w.hears(); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	w.works(time.Time{})
	if got := w.hears() + w.hears(); got != "works" {
		t.Errorf("working again is told as %q", got)
	}
}

func refuse1(rw http.ResponseWriter) { refuse(rw) }

func TestTheEndIsToldOnItsDaysOnceEach(t *testing.T) {
	w := watch(t)
	end := w.now.Add(40 * 24 * time.Hour)
	w.works(end)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	told := map[int]int{}
	for hours := 40 * 24; hours > -48; hours -= 6 {
		w.now = end.Add(-time.Duration(hours) * time.Hour)
		if hours <= 0 {
			w.says(refuse1)
		}
		switch news := w.hears(); {
		case news == "ends":
			told[hours/24]++
		case news == "died" && hours == 0:
			told[0]++
		case news != "":
			t.Errorf("%d hours before its end: %q", hours, news)
		}
	}
	for _, day := range []int{30, 14, 7, 3, 1, 0} {
		if told[day] != 1 {
			t.Errorf("on day %d it is told %d times", day, told[day])
		}
	}
	if len(told) != 6 {
		t.Errorf("it is told on days %v", told)
	}
}

func TestAnEndIsToldThoughTheHostIsDown(t *testing.T) {
	w := watch(t)
	end := w.now.Add(20 * 24 * time.Hour)
	w.works(end)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	if got := w.hears(); got != "ends" {
		t.Fatalf("twenty days before: %q", got)
	}
	w.says(down)
	w.now = end.Add(-5 * 24 * time.Hour)
	if got := w.hears() + w.hears(); got != "ends" {
		t.Errorf("five days before: %q", got)
	}
}

func TestWhoWantsToHearEarlierDoesOnce(t *testing.T) {
	w := watch(t)
	w.desk.Within = 60 * 24 * time.Hour
	end := w.now.Add(61 * 24 * time.Hour)
	w.works(end)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	var days []int
	for day := 61; day > 13; day-- {
		w.now = end.Add(-time.Duration(day) * 24 * time.Hour)
		if w.hears() == "ends" {
			days = append(days, day)
		}
	}
	if !slices.Equal(days, []int{60, 30, 14}) {
		t.Errorf("it is told on days %v", days)
	}
}

func TestATokenThatRenewsItselfNeverEnds(t *testing.T) {
	w := watch(t)
	g := stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	if _, err := w.desk.Ring.Save(t.Context(), keyring.Grant{
		Key: g.Key, Provider: g.Provider, Host: g.Host, Method: "device", ClientID: "Iv1.some",
		ExpiresAt: w.now.Add(2 * time.Hour), ExpirySource: "oauth",
	}, keyring.Credential{Access: secret.New(numbered(1)), Refresh: secret.New("ghr_" + numbered(2))}); err != nil {
		t.Fatal(err)
	}
	if got := w.hears() + w.hears(); got != "" {
		t.Errorf("it is told as %q", got)
	}
}

func TestAMutedRuntimeIsCheckedAndNotTold(t *testing.T) {
	w := watch(t)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	if err := w.desk.Mute("prod", true); err != nil {
		t.Fatal(err)
	}
	w.says(refuse1)
	if got := w.hears(); got != "" {
		t.Errorf("it is told as %q", got)
	}
	grants, _ := w.desk.Ring.Grants()
	if s := flows.Remembered(grants[0]).Status; s != flows.Rejected {
		t.Errorf("the index remembers %s", s)
	}
	if err := w.desk.Mute("prod", false); err != nil {
		t.Fatal(err)
	}
	if got := w.hears(); got != "" {
		t.Errorf("old news is told as %q once it is not muted", got)
	}
}

// As the release notes of another product name it.
func TestInvalidGitRuntimeTokenNotificationReappearsEvenWhenRuntimeHasAValidToken(t *testing.T) {
	w := watch(t)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	w.says(refuse1)
	if got := w.hears(); got != "died" {
		t.Fatalf("it is told as %q", got)
	}
	stored(t, w.desk, 0, "prod", "runtime", numbered(2)) // re-authorized
	w.works(time.Time{})
	for range 3 {
		if got := w.hears(); got != "" {
			t.Errorf("the new token is told as %q", got)
		}
	}
}

func TestWhatWasToldIsRememberedAcrossRestarts(t *testing.T) {
	w := watch(t)
	dir, box := t.TempDir(), memory.New()
	again := func() {
		ring, err := keyring.Open(keyring.Options{Dir: dir, Store: box})
		if err != nil {
			t.Fatal(err)
		}
		w.desk.Ring = ring
	}
	again()
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	w.says(refuse1)
	if got := w.hears(); got != "died" {
		t.Fatalf("it is told as %q", got)
	}
	again()
	if got := w.hears(); got != "" {
		t.Errorf("after a restart it is told as %q", got)
	}
}

func TestOfSeveralWhoWatchOneTells(t *testing.T) {
	w := watch(t)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	w.says(refuse1)
	var mu sync.Mutex
	told := 0
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			_, _, err := w.desk.Watch(t.Context(), func(flows.Notice) error {
				mu.Lock()
				defer mu.Unlock()
				told++
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if told != 1 {
		t.Errorf("it is told %d times", told)
	}
}

func TestWhatCouldNotBeToldIsToldLater(t *testing.T) {
	w := watch(t)
	stored(t, w.desk, 0, "prod", "runtime", numbered(1))
	w.says(refuse1)
	if _, _, err := w.desk.Watch(t.Context(), func(flows.Notice) error { return errors.New("no way to tell") }); err != nil {
		t.Fatal(err)
	}
	if got := w.hears() + w.hears(); got != "died" {
		t.Errorf("it is told as %q", got)
	}
}
