package sandbox

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// breakage is what a broken host does in place of an answer; api is where its
// REST API begins.
type breakage func(x exchange, api string)

// mishap is a token that meets a broken host.
type mishap struct {
	name, about string
	serve       breakage
}

// mishaps are the tokens that meet a broken host, the same at every kind of
// host.
func mishaps() []mishap {
	return []mishap{
		{"error-500", "500 with an HTML page.", htmlPage(500)},
		{"error-502", "502 with an HTML page.", htmlPage(502)},
		{"error-503", "503 with an HTML page.", htmlPage(503)},
		{"html", "200 with an HTML page, as a captive portal sends.", htmlPage(200)},
		{"empty", "200 with nothing in it.", content("")},
		{"invalid-json", "200 with JSON that breaks off.", content(`{"login":"acme-bot","id":`)},
		{"wrong-shape", "200 with JSON of another shape.", content(`{"login":["acme-bot"],"id":"one","scopes":"api"}`)},
		{"large", "200 with ten megabytes of JSON.", large},
		{"endless", "200 with JSON that never ends.", endless},
		{"gzip-bomb", "200 with a gzip body of one gigabyte that the client did not ask for.", gzipBomb},
		{"slow", "200 with a body that stops midway until the client leaves.", slow},
		{"silent", "No answer until the client leaves.", silent},
		{"dropped", "The connection closes without an answer.", dropped},
		{"redirect-302", "302 to another host name, which would say that all is well.", redirect(302)},
		{"redirect-307", "307 to another host name, which would say that all is well.", redirect(307)},
	}
}

// What a hostile host puts into its texts: escape sequences and bidi controls.
const (
	hostileLogin   = "octo\x1b[31mcat\x1b]8;;https://evil.example\x07\u202e\u2066"
	hostileMessage = "\x1b]0;owned\x07\x1b[2J\x1b[31mAccess granted\x1b[0m \u202egnihton\u202c\u2066\r\nSee https://evil.example"
)

// content answers 200 with a body as it is.
func content(body string) breakage {
	return func(x exchange, _ string) {
		x.jsonHeader()
		x.send(body)
	}
}

func htmlPage(status int) breakage {
	return func(x exchange, _ string) { sendHTMLError(x.w, status) }
}

func sendHTMLError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><head><title>"+strconv.Itoa(status)+"</title></head>\n"+
		"<body><p><strong>This page is taking too long to load.</strong></p></body></html>\n")
}

// redirect points at another name of this machine, where Requests would show
// a client that follows.
func redirect(status int) breakage {
	return func(x exchange, api string) {
		name, port, err := net.SplitHostPort(x.r.Host)
		if err != nil {
			name = x.r.Host
		}
		other := "localhost"
		if name == other {
			other = "127.0.0.1"
		}
		if port != "" {
			other = net.JoinHostPort(other, port)
		}
		x.w.Header().Set("Location", "http://"+other+api+"/elsewhere")
		x.w.WriteHeader(status)
	}
}

const tenMegabytes = 10 << 20

func large(x exchange, _ string) {
	x.jsonHeader()
	x.send(`{"login":"acme-bot","bio":"` + strings.Repeat("a", tenMegabytes) + `"}`)
}

func endless(x exchange, _ string) {
	x.jsonHeader()
	x.pour(x.w, -1)
}

func gzipBomb(x exchange, _ string) {
	x.jsonHeader()
	x.w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(x.w)
	x.pour(z, 1<<30)
	_ = z.Close()
}

// pour writes one long JSON text of at least n bytes, without an end where n
// is negative, until the client has gone.
func (x exchange) pour(w io.Writer, n int) {
	chunk := strings.Repeat("a", 64<<10)
	_, err := io.WriteString(w, `{"login":"`)
	for sent := 0; err == nil && x.r.Context().Err() == nil && (n < 0 || sent < n); sent += len(chunk) {
		_, err = io.WriteString(w, chunk)
	}
}

func slow(x exchange, _ string) {
	x.jsonHeader()
	x.send(`{"login":"acme-`)
	_ = http.NewResponseController(x.w).Flush()
	<-x.r.Context().Done()
}

func silent(x exchange, _ string) { <-x.r.Context().Done() }

func dropped(x exchange, _ string) { hangUp(x.w) }

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 has no connection of its own to close; this ends the stream.
		panic(http.ErrAbortHandler)
	}
	_ = connection.Close()
}
