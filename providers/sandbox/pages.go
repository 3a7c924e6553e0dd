package sandbox

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
)

//go:embed pages
var pageFiles embed.FS

var (
	pageStyle = mustRead("pages/style.css")
	pages     = sync.OnceValue(func() templates { return parsePages(pageFiles, "pages/*.html") })
	// Scripts and anything from elsewhere are off; the one style sheet is
	// named by its hash.
	pagePolicy = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

func mustRead(name string) string {
	text, err := pageFiles.ReadFile(name)
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	return string(text)
}

func styleHash() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what every page has; Data is its own.
type page struct {
	Title string
	Host  string
	// LeadsTo is where its form leads in the end, if that is elsewhere.
	LeadsTo *url.URL
	Data    any
}

// plainOrigin is an origin that can be written into a policy as it is.
var plainOrigin = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^https?://[A-Za-z0-9.:\[\]-]+$`) })

// policy names the place that a form leads to, since browsers hold redirects
// of a form to the policy too.
func (p page) policy() string {
	if p.LeadsTo == nil {
		return pagePolicy
	}
	if to := p.LeadsTo.Scheme + "://" + p.LeadsTo.Host; plainOrigin().MatchString(to) {
		return pagePolicy + " " + to
	}
	return pagePolicy
}

// result is a page that says what came of a form. Value is shown to be copied.
type result struct {
	Heading, Text, Label, Value string
}

// show renders a page. Nothing of it may be kept, framed or scripted.
func show(w http.ResponseWriter, status int, name string, p page) {
	text := pages().render(name+".html", p)
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.policy())
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
