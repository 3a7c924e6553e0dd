package flows_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers/all"
	"gitgrant/providers/hosts"
)

// gitHost is a Git host of GitHub's kind that counts what it is asked.
type gitHost struct {
	answer func(w http.ResponseWriter, token string, asked int)

	mu          sync.Mutex
	asked       map[string]int // by token
	total       int
	under, most int
}

func (h *gitHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	h.mu.Lock()
	h.asked[token]++
	h.total++
	asked := h.asked[token]
	h.under++
	h.most = max(h.most, h.under)
	h.mu.Unlock()
	h.answer(w, token, asked)
	h.mu.Lock()
	h.under--
	h.mu.Unlock()
}

func fine(w http.ResponseWriter, _ string, _ int) {
	w.Header().Set("X-OAuth-Scopes", "repo, admin:repo_hook")
	fmt.Fprint(w, `{"login":"acme-bot","type":"User"}`)
}

func refuse(w http.ResponseWriter) {
	w.WriteHeader(http.StatusUnauthorized)
	fmt.Fprint(w, `{"message":"Bad credentials"}`)
}

// atHosts is a desk whose hosts git-0.example, git-1.example, ... answer so.
func atHosts(t testing.TB, answers ...func(w http.ResponseWriter, token string, asked int)) (*flows.Desk, []*gitHost) {
	t.Helper()
	yaml := "hosts:\n"
	var servers []*gitHost
	for i, answer := range answers {
		h := &gitHost{answer: answer, asked: map[string]int{}}
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		servers = append(servers, h)
		yaml += fmt.Sprintf("  - {host: git-%d.example, provider: github-enterprise, web_url: %q, api_url: %q}\n", i, server.URL, server.URL+"/api/v3")
	}
	book, err := hosts.Parse("hosts.yaml", []byte(yaml), all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	d := &flows.Desk{Providers: all.Providers(), Hosts: book, Ring: ring, UserAgent: "gitgrant/test", Now: time.Now, Within: flows.DefaultWithin}
	t.Cleanup(d.Close)
	return d, servers
}

// stored puts a grant into the ring whose token is this text.
func stored(t testing.TB, d *flows.Desk, host int, runtime, purpose, token string) keyring.Grant {
	t.Helper()
	g, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key:      keyring.Key{Runtime: runtime, Purpose: purpose, Account: "acme-bot"},
		Provider: "github-enterprise", Host: fmt.Sprintf("https://git-%d.example", host), Method: "pat", Kind: "classic-pat",
	}, keyring.Credential{Access: secret.New(token)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func swept(t testing.TB, d *flows.Desk) map[string]flows.Verdict {
	t.Helper()
	grants, err := d.Ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := d.Status(t.Context(), grants, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]flows.Verdict{}
	for i, g := range grants {
		found[g.Runtime+" "+g.Purpose] = verdicts[i]
	}
	return found
}

func numbered(n int) string { return fmt.Sprintf("ghp_%036d", n) }

func TestATokenOfSeveralRuntimesIsAskedAboutOnceAndHeldAgainstEachPurpose(t *testing.T) {
	d, servers := atHosts(t, func(w http.ResponseWriter, _ string, _ int) {
		w.Header().Set("X-OAuth-Scopes", "repo")
		fmt.Fprint(w, `{"login":"octocat","type":"User"}`)
	})
	for n := range 20 {
		stored(t, d, 0, fmt.Sprint("runtime-", n), "user", numbered(1))
	}
	stored(t, d, 0, "prod", "runtime", numbered(1))
	stored(t, d, 0, "other", "user", numbered(2))
	found := swept(t, d)
	if n := servers[0].total; n != 2 {
		t.Errorf("%d requests for two tokens", n)
	}
	for name, v := range found {
		want := flows.Valid
		if name == "prod runtime" {
			want = flows.MissingScopes // repo alone is enough for a person only
		}
		if v.Status != want {
			t.Errorf("%s is %s, want %s", name, v.Status, want)
		}
	}
}

func TestAHostIsAskedBySixteenAtATimeAndNoMore(t *testing.T) {
	var came atomic.Int32
	sixteen := make(chan struct{})
	d, servers := atHosts(t, func(w http.ResponseWriter, token string, asked int) {
		if came.Add(1) == 16 {
			close(sixteen)
		}
		select {
		case <-sixteen:
			fine(w, token, asked)
		case <-t.Context().Done():
		}
	})
	for n := range 100 {
		stored(t, d, 0, fmt.Sprint("runtime-", n), "runtime", numbered(n))
	}
	swept(t, d)
	if h := servers[0]; h.total != 100 || h.most != 16 {
		t.Errorf("%d requests, %d at a time", h.total, h.most)
	}
}

func TestALimitStopsTheQuestionsToItsHostAlone(t *testing.T) {
	d, servers := atHosts(t, func(w http.ResponseWriter, _ string, _ int) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"message":"You have exceeded a secondary rate limit"}`)
	}, fine)
	for n := range 60 {
		stored(t, d, 0, fmt.Sprint("limited-", n), "runtime", numbered(n))
	}
	stored(t, d, 1, "prod", "runtime", numbered(1))
	for name, v := range swept(t, d) {
		want := flows.RateLimited
		if name == "prod runtime" {
			want = flows.Valid
		}
		if v.Status != want {
			t.Errorf("%s is %s, want %s", name, v.Status, want)
		}
	}
	if n := servers[0].total; n > 2*16 {
		t.Errorf("the host was asked %d times", n)
	}
}

func TestTheLimitOfOneTokenIsNotThatOfTheOthers(t *testing.T) {
	d, _ := atHosts(t, func(w http.ResponseWriter, token string, asked int) {
		if token != numbered(0) {
			fine(w, token, asked)
			return
		}
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"API rate limit exceeded for user ID 1."}`)
	})
	for n := range 50 {
		stored(t, d, 0, fmt.Sprint("runtime-", n), "runtime", numbered(n))
	}
	for name, v := range swept(t, d) {
		if limited := v.Status == flows.RateLimited; limited != (name == "runtime-0 runtime") {
			t.Errorf("%s is %s", name, v.Status)
		}
	}
}

func TestAHostThatAnswersNothingIsGivenUpOnAndTheOthersAreNot(t *testing.T) {
	d, servers := atHosts(t, func(w http.ResponseWriter, _ string, _ int) { w.WriteHeader(http.StatusBadGateway) }, fine)
	for n := range 60 {
		stored(t, d, 0, fmt.Sprint("lost-", n), "runtime", numbered(n))
		if n < 10 {
			stored(t, d, 1, fmt.Sprint("found-", n), "runtime", numbered(n))
		}
	}
	for name, v := range swept(t, d) {
		want := flows.Valid
		if strings.HasPrefix(name, "lost") {
			want = flows.Unreachable
		}
		if v.Status != want {
			t.Errorf("%s is %s, want %s", name, v.Status, want)
		}
		if want == flows.Unreachable && (v.Cause == nil || v.Cause.Status != http.StatusBadGateway) {
			t.Errorf("%s does not say why: %+v", name, v.Cause)
		}
	}
	if n := servers[0].total; n > 2*16 {
		t.Errorf("the host was asked %d times", n)
	}
}

func TestAHostThatFailsNowAndThenIsAskedToTheEnd(t *testing.T) {
	d, servers := atHosts(t, func(w http.ResponseWriter, token string, asked int) {
		if token < numbered(10) {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fine(w, token, asked)
	})
	for n := range 100 {
		stored(t, d, 0, fmt.Sprintf("runtime-%03d", n), "runtime", numbered(n))
	}
	good := 0
	for _, v := range swept(t, d) {
		if v.Status == flows.Valid {
			good++
		}
	}
	if good != 90 || servers[0].total != 100 {
		t.Errorf("%d are valid after %d requests", good, servers[0].total)
	}
}

func TestATokenThatWasFineIsDeadOnlyOnceItIsRefusedTwice(t *testing.T) {
	flaky := false
	d, servers := atHosts(t, func(w http.ResponseWriter, token string, asked int) {
		if flaky && asked == 2 {
			refuse(w)
			return
		}
		fine(w, token, asked)
	})
	stored(t, d, 0, "prod", "runtime", numbered(1))
	if v := swept(t, d)["prod runtime"]; v.Status != flows.Valid {
		t.Fatalf("it is %s", v.Status)
	}
	flaky = true
	if v := swept(t, d)["prod runtime"]; v.Status != flows.Valid {
		t.Errorf("one refusal made it %s", v.Status)
	}
	if n := servers[0].total; n != 3 {
		t.Errorf("%d requests", n)
	}
}

func TestATokenThatWasNeverAcceptedIsBelievedAtOnce(t *testing.T) {
	d, servers := atHosts(t, func(w http.ResponseWriter, _ string, _ int) { refuse(w) })
	stored(t, d, 0, "prod", "runtime", numbered(1))
	if v := swept(t, d)["prod runtime"]; v.Status != flows.Rejected || servers[0].total != 1 {
		t.Errorf("it is %s after %d requests", v.Status, servers[0].total)
	}
}

func TestAFaultOfWhoListensComesBackToWhoCalled(t *testing.T) {
	d, _ := atHosts(t, fine)
	for n := range 40 {
		stored(t, d, 0, fmt.Sprint("runtime-", n), "runtime", numbered(n))
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if fault := recover(); fault != "of the listener" {
			t.Errorf("it ended with %v", fault)
		}
	}()
	verdicts, err := d.Status(t.Context(), grants, func(int, flows.Verdict) { panic("of the listener") })
	t.Errorf("it returned %d verdicts, %v", len(verdicts), err)
}
