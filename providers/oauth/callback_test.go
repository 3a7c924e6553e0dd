package oauth_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

// raw sends bytes to the callback and returns the status of the answer, or 0
// where there is none.
func (tr *trip) raw(text string) int {
	tr.t.Helper()
	conn, err := net.Dial("tcp", tr.host())
	if err != nil {
		tr.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, text)
	answer, _ := io.ReadAll(conn)
	var minor, status int
	_, _ = fmt.Sscanf(string(answer), "HTTP/1.%d %d", &minor, &status)
	return status
}

// request is a GET of the callback with another line, host or query in it.
func (tr *trip) request(method, target, host string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
}

// junk is what does not end the wait, by name, and the status that it gets.
var junk = map[string]struct {
	send func(tr *trip) string
	want int
}{
	"a wrong path":              {func(tr *trip) string { return tr.line("/", tr.query()) }, 404},
	"the path with a slash":     {func(tr *trip) string { return tr.line("/callback/", tr.query()) }, 404},
	"a path below it":           {func(tr *trip) string { return tr.line("/callback/more", tr.query()) }, 404},
	"the path in capitals":      {func(tr *trip) string { return tr.line("/Callback", tr.query()) }, 404},
	"the path through another":  {func(tr *trip) string { return tr.line("/x/../callback", tr.query()) }, 404},
	"the path with two slashes": {func(tr *trip) string { return tr.line("//callback", tr.query()) }, 404},
	"the path in other letters": {func(tr *trip) string { return tr.line("/c%61llback%2f", tr.query()) }, 404},
	"the icon of a browser":     {func(tr *trip) string { return tr.line("/favicon.ico", "") }, 404},

	"HEAD":    {func(tr *trip) string { return tr.request("HEAD", "/callback?"+tr.query(), tr.host()) }, 405},
	"POST":    {func(tr *trip) string { return tr.request("POST", "/callback?"+tr.query(), tr.host()) }, 405},
	"OPTIONS": {func(tr *trip) string { return tr.request("OPTIONS", "/callback?"+tr.query(), tr.host()) }, 405},
	"DELETE":  {func(tr *trip) string { return tr.request("DELETE", "/callback?"+tr.query(), tr.host()) }, 405},

	"a host of another name":           {func(tr *trip) string { return tr.request("GET", "/callback?"+tr.query(), "evil.example") }, 400},
	"that host with the port":          {func(tr *trip) string { return tr.request("GET", "/callback?"+tr.query(), "evil.example:"+tr.port()) }, 400},
	"the host by another of its names": {func(tr *trip) string { return tr.request("GET", "/callback?"+tr.query(), "localhost:"+tr.port()) }, 400},
	"the host without its port":        {func(tr *trip) string { return tr.request("GET", "/callback?"+tr.query(), "127.0.0.1") }, 400},
	"no host":                          {func(tr *trip) string { return "GET /callback?" + tr.query() + " HTTP/1.0\r\n\r\n" }, 400},
	"two hosts":                        {func(tr *trip) string { return "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" }, 400},
	"a request for a proxy": {func(tr *trip) string {
		return tr.request("GET", "http://"+tr.host()+"/callback?"+tr.query(), tr.host())
	}, 400},

	"no query":                   {func(tr *trip) string { return tr.line("/callback", "") }, 400},
	"no state":                   {func(tr *trip) string { return tr.line("/callback", "code=x") }, 400},
	"an empty state":             {func(tr *trip) string { return tr.line("/callback", "code=x&state=") }, 400},
	"another state":              {func(tr *trip) string { return tr.line("/callback", "code=x&state="+strings.Repeat("A", 26)) }, 400},
	"the beginning of the state": {func(tr *trip) string { return tr.line("/callback", "code=x&state="+tr.state()[:25]) }, 400},
	"the state and more":         {func(tr *trip) string { return tr.line("/callback", "code=x&state="+tr.state()+"A") }, 400},
	"the state in small letters": {func(tr *trip) string { return tr.line("/callback", "code=x&state="+strings.ToLower(tr.state())) }, 400},
	"the state twice":            {func(tr *trip) string { return tr.line("/callback", tr.query()+"&state="+tr.state()) }, 400},
	"two states":                 {func(tr *trip) string { return tr.line("/callback", "state=x&"+tr.query()) }, 400},

	"no code":                {func(tr *trip) string { return tr.line("/callback", "state="+tr.state()) }, 400},
	"an empty code":          {func(tr *trip) string { return tr.line("/callback", "code=&state="+tr.state()) }, 400},
	"the code twice":         {func(tr *trip) string { return tr.line("/callback", tr.query()+"&code=y") }, 400},
	"a code with a line end": {func(tr *trip) string { return tr.line("/callback", "code=x%0ay&state="+tr.state()) }, 400},
	"a code with an escape":  {func(tr *trip) string { return tr.line("/callback", "code=%1b%5b31m&state="+tr.state()) }, 400},
	"a code beyond any code": {func(tr *trip) string {
		return tr.line("/callback", "code="+strings.Repeat("x", 2001)+"&state="+tr.state())
	}, 400},
	"a code beside an error":   {func(tr *trip) string { return tr.line("/callback", tr.query()+"&error=access_denied") }, 400},
	"an error without a state": {func(tr *trip) string { return tr.line("/callback", "error=access_denied") }, 400},
	"an error with HTML in it": {func(tr *trip) string { return tr.line("/callback", "error=%3Cscript%3E&state="+tr.state()) }, 400},
	"an error with an escape":  {func(tr *trip) string { return tr.line("/callback", "error=%1b%5b2J&state="+tr.state()) }, 400},
	"an empty error":           {func(tr *trip) string { return tr.line("/callback", "error=&state="+tr.state()) }, 400},
	"the error twice":          {func(tr *trip) string { return tr.line("/callback", "error=a&error=b&state="+tr.state()) }, 400},
	"an issuer elsewhere":      {func(tr *trip) string { return tr.line("/callback", tr.query()+"&iss=https%3A%2F%2Fevil.example") }, 400},
	"an issuer that is nobody": {func(tr *trip) string { return tr.line("/callback", tr.query()+"&iss=") }, 400},
	"two issuers": {func(tr *trip) string {
		return tr.line("/callback", tr.query()+"&iss="+url.QueryEscape(tr.site)+"&iss=x")
	}, 400},
	"a query with a semicolon":  {func(tr *trip) string { return tr.line("/callback", tr.query()+";x=y") }, 400},
	"a query with a bad escape": {func(tr *trip) string { return tr.line("/callback", tr.query()+"&x=%zz") }, 400},

	"headers without end": {func(tr *trip) string {
		return "GET /callback HTTP/1.1\r\nHost: " + tr.host() + "\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n"
	}, 431},
	"something that is not HTTP": {func(*trip) string { return "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" }, 400},
}

func (tr *trip) line(path, query string) string {
	if query != "" {
		path += "?" + query
	}
	return tr.request("GET", path, tr.host())
}

// query is the one that counts.
func (tr *trip) query() string { return "code=" + authCode + "&state=" + tr.state() }

func (tr *trip) port() string {
	_, port, _ := strings.Cut(tr.host(), ":")
	return port
}

func TestJunkAtTheCallbackDoesNotEndTheWait(t *testing.T) {
	for name, test := range junk {
		t.Run(name, func(t *testing.T) {
			tr := newTrip(t, oauth.Browser{}, granted)
			end := tr.wait()
			if status := tr.raw(test.send(tr)); status != test.want {
				t.Errorf("it is answered with %d, want %d", status, test.want)
			}
			if resp, page := get(t, tr.back()); resp.StatusCode != 200 || page != "returned" {
				t.Errorf("the browser is then shown %d %q", resp.StatusCode, page)
			}
			if token, err := end(); err != nil || token.Access.Reveal() != access || len(tr.exchanges) != 1 {
				t.Errorf("%v %v after %d exchanges", token, err, len(tr.exchanges))
			}
		})
	}
}

func TestAnIssuerThatIsTheHostIsTaken(t *testing.T) {
	for _, path := range []string{"", "/", "/login/oauth"} {
		tr := newTrip(t, oauth.Browser{}, granted)
		end := tr.wait()
		get(t, tr.back()+"&iss="+url.QueryEscape(tr.site+path))
		if _, err := end(); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// TestSlowReadersDoNotEndTheWait opens connections that never come to an end
// before and while the browser comes back.
func TestSlowReadersDoNotEndTheWait(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	end := tr.wait()
	for i := range 60 {
		conn, err := net.Dial("tcp", tr.host())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if i%2 == 0 {
			_, _ = io.WriteString(conn, "GET /callback?code=x HTTP/1.1\r\nHost: ")
		}
	}
	if resp, _ := get(t, tr.back()); resp.StatusCode != 200 {
		t.Errorf("the browser is answered with %d", resp.StatusCode)
	}
	if _, err := end(); err != nil {
		t.Error(err)
	}
}

func TestOfTwoBrowsersThatRaceOneCounts(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	conns := make([]net.Conn, 20)
	for i := range conns {
		var err error
		if conns[i], err = net.Dial("tcp", tr.host()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conns[i].Close() }()
		_, _ = io.WriteString(conns[i], strings.TrimSuffix(tr.line("/callback", tr.query()), "\r\n"))
	}
	var mu sync.Mutex
	var good int
	var wg sync.WaitGroup
	for _, conn := range conns {
		wg.Go(func() {
			_, _ = io.WriteString(conn, "\r\n")
			answer, _ := io.ReadAll(conn)
			if bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
				mu.Lock()
				good++
				mu.Unlock()
			}
		})
	}
	wg.Wait() // nobody has taken the first one yet, so that all of them are answered
	end := tr.wait()
	if _, err := end(); err != nil {
		t.Error(err)
	}
	if good != 1 || len(tr.exchanges) != 1 {
		t.Errorf("%d browsers were let in, and %d codes traded", good, len(tr.exchanges))
	}
}

func TestAReplayComesTooLate(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	get(t, tr.back())
	if resp, page := get(t, tr.back()); resp.StatusCode != http.StatusGone || page != "stray" {
		t.Errorf("the replay is shown %d %q", resp.StatusCode, page)
	}
	if _, err := tr.wait()(); err != nil || len(tr.exchanges) != 1 {
		t.Errorf("%v after %d exchanges", err, len(tr.exchanges))
	}
	if _, err := visitor.Get(tr.back()); err == nil {
		t.Error("a replay after the end was answered")
	}
}

func TestARefusalThatTheBrowserBringsHasItsCause(t *testing.T) {
	for name, test := range map[string]struct {
		query  string
		kind   cause.Kind
		detail string
	}{
		"denied":                       {"error=access_denied", cause.Denied, ""},
		"denied with HTML and escapes": {"error=access_denied&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E%1b%5b31m", cause.Denied, ""},
		"another redirect":             {"error=redirect_uri_mismatch", cause.RedirectRefused, "http://127.0.0.1/callback"},
		"a reason of its own":          {"error=application_suspended&error_description=Ask%20us%1b%5b31m%e2%80%ae", cause.SignInRefused, "Ask us[31m"},
		"a scope that is not for it":   {"error=invalid_scope", cause.ScopeRefused, "invalid_scope"},
		"a reason without words":       {"error=server_error", cause.SignInRefused, "server_error"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTrip(t, oauth.Browser{}, granted)
			end := tr.wait()
			resp, page := get(t, tr.Redirect+"?"+test.query+"&state="+tr.state())
			if resp.StatusCode != 200 || page != "denied" {
				t.Errorf("the browser is shown %d %q", resp.StatusCode, page)
			}
			_, err := end()
			wantCause(t, err, cause.Cause{Kind: test.kind, Host: strings.TrimPrefix(tr.site, "http://"), Detail: test.detail})
			if len(tr.exchanges) != 0 {
				t.Error("something was traded")
			}
		})
	}
}

func TestEveryAnswerOfTheCallbackIsStrict(t *testing.T) {
	for name, address := range map[string]func(tr *trip) string{
		"the right one": func(tr *trip) string { return tr.back() },
		"a denial":      func(tr *trip) string { return tr.Redirect + "?error=access_denied&state=" + tr.state() },
		"junk":          func(tr *trip) string { return tr.Redirect + "?code=%3Cscript%3E&state=%3Cscript%3E" },
		"another path":  func(tr *trip) string { return "http://" + tr.host() + "/%3Cscript%3E" },
	} {
		tr := newTrip(t, oauth.Browser{}, granted)
		resp, page := get(t, address(tr))
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer",
			"Cache-Control":           "no-store",
			"X-Content-Type-Options":  "nosniff",
			"Content-Type":            "text/html; charset=utf-8",
		} {
			if got := resp.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if !resp.Close {
			t.Errorf("%s: the connection stays open", name)
		}
		for header := range resp.Header {
			if strings.HasPrefix(header, "Access-Control") || header == "Set-Cookie" {
				t.Errorf("%s: there is a header %s", name, header)
			}
		}
		if strings.Contains(page, "script") || strings.Contains(page, authCode) {
			t.Errorf("%s: the page repeats what was asked: %q", name, page)
		}
		tr.Close()
	}
}

func TestOnlyThisMachineCanReachTheCallback(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	if !strings.HasPrefix(tr.host(), "127.0.0.1:") {
		t.Errorf("the callback is at %s", tr.host())
	}
	others, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, other := range others {
		ip, _, err := net.ParseCIDR(other.String())
		if err != nil || ip.String() == "127.0.0.1" || ip.IsLinkLocalUnicast() {
			continue
		}
		asked++
		if conn, err := net.Dial("tcp", net.JoinHostPort(ip.String(), tr.port())); err == nil {
			_ = conn.Close()
			t.Errorf("it can be reached at %s", ip)
		}
	}
	if asked == 0 {
		t.Skip("this machine has no address but loopback")
	}
}

func TestAPortThatTheRegistrationFixesIsTheOne(t *testing.T) {
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	redirect := "http://localhost:" + strconv.Itoa(port) + "/auth/redirect"
	_ = free.Close()
	tr := newTrip(t, oauth.Browser{Redirect: redirect}, granted)
	if tr.Redirect != redirect {
		t.Fatalf("the redirect is %s", tr.Redirect)
	}
	end := tr.wait()
	// A name may lead to either loopback; the callback is at one of them.
	resp := tr.raw(tr.request("GET", "/auth/redirect?"+tr.query(), tr.host()))
	if resp != 200 {
		t.Errorf("answered with %d", resp)
	}
	if _, err := end(); err != nil {
		t.Error(err)
	}
}

func TestAPortThatIsTakenIsNeverShared(t *testing.T) {
	other, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	port := uint16(other.Addr().(*net.TCPAddr).Port)
	fixed := oauth.Browser{Redirect: fmt.Sprintf("http://127.0.0.1:%d/callback", port)}
	if _, err := fixed.Start(pages); !cause.Is(err, cause.NoListener) {
		t.Errorf("error is %v", err)
	}
	preferred := newTrip(t, oauth.Browser{Ports: []uint16{port, 0}}, granted)
	if preferred.port() == strconv.Itoa(int(port)) {
		t.Error("the port is shared")
	}
}

func FuzzCallbackQuery(f *testing.F) {
	for _, seed := range []string{
		"", "code=x", "state=STATE", "code=x&state=STATE", "code=x&code=y&state=STATE", "error=access_denied&state=STATE",
		"error=%3Cscript%3E&state=STATE", "code=%1b%5b31m&state=STATE", "code=x&state=STATE&iss=https://evil.example",
		"code=x&state=STATE&state=STATE", "code=x;state=STATE", "%63ode=x&state=STATE", "code=x&state=%zz", "code=x&state=STATE&error=",
	} {
		f.Add(seed)
	}
	b := oauth.Browser{
		Application:  oauth.Application{Site: "https://git.example.com", TokenURL: "https://git.example.com/token", ID: "Ov23li"},
		AuthorizeURL: "https://git.example.com/authorize", Redirect: "https://127.0.0.1/callback",
	}
	f.Fuzz(func(t *testing.T, query string) {
		v, err := b.Start(oauth.Pages{})
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		asked, err := url.Parse(v.Address)
		if err != nil {
			t.Fatal(err)
		}
		state := asked.Query().Get("state")
		query = strings.ReplaceAll(query, "STATE", state)
		if v.Bring(v.Redirect+"?"+query) != nil {
			return
		}
		taken, err := url.ParseQuery(strings.SplitN(query, "#", 2)[0])
		if err != nil || len(taken["state"]) != 1 || taken.Get("state") != state {
			t.Errorf("%q was taken without the state of the visit", query)
		}
		if len(taken["code"])+len(taken["error"]) != 1 {
			t.Errorf("%q was taken with %d codes and %d errors", query, len(taken["code"]), len(taken["error"]))
		}
		if strings.ContainsFunc(taken.Get("code")+taken.Get("error"), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Errorf("%q was taken with what no code holds", query)
		}
	})
}
