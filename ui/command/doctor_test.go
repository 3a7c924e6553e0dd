package command_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestDoctorFindsWhatIsWrongOnTheWayToEachHost(t *testing.T) {
	h := newHome(t)
	behind, err := url.Parse(h.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	late := httputil.NewSingleHostReverseProxy(behind)
	late.ModifyResponse = func(a *http.Response) error {
		a.Header.Set("Date", time.Now().Add(-2*time.Hour).UTC().Format(http.TimeFormat))
		return nil
	}
	past, private := httptest.NewServer(late), httptest.NewTLSServer(late)
	t.Cleanup(past.Close)
	t.Cleanup(private.Close)
	h.write("config/hosts.yaml", `hosts:
  - {host: clock.acme.example, provider: github-enterprise, web_url: "`+past.URL+`/ghes", api_url: "`+past.URL+`/ghes/api/v3"}
  - {host: tls.acme.example, provider: github-enterprise, web_url: "`+private.URL+`/ghes", api_url: "`+private.URL+`/ghes/api/v3"}
  - {host: proxy.acme.example, provider: github-enterprise, proxy: "http://127.0.0.1:1"}
  - {host: dns.acme.invalid, provider: github-enterprise}
`)
	cmd := exec.Command(program(t), "doctor", "-o", "json")
	cmd.Env = h.env()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var report struct {
		Findings []struct{ Check, State, Found, Remedy string }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	checks, hosts := map[string]bool{}, ""
	for _, f := range report.Findings {
		checks[f.Check] = true
		if f.Check == "host" && f.State == "trouble" {
			hosts += f.Found + " " + f.Remedy + "\n"
			if f.Remedy == "" {
				t.Errorf("there is no remedy for %q", f.Found)
			}
		}
		if strings.Contains(f.Found+f.Remedy, "\n") {
			t.Errorf("it takes more than a line: %q", f.Found)
		}
	}
	for _, check := range []string{"program", "folders", "system", "vault", "storing", "memory", "terminal", "browser", "clipboard", "notifications", "git", "host"} {
		if !checks[check] {
			t.Errorf("nothing is said of %s", check)
		}
	}
	for _, want := range []string{"The clock here is 2 hours ahead", "certificate", "proxy", "name service"} {
		if !strings.Contains(hosts, want) {
			t.Errorf("it does not speak of %q:\n%s", want, hosts)
		}
	}
	for _, hidden := range []string{"acme", "127.0.0.1", h.dir} {
		if strings.Contains(string(out), hidden) {
			t.Errorf("it tells of %q:\n%s", hidden, out)
		}
	}
}
