package oidc

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is as much of one as plain pages with one form need.
type browser struct {
	t      testing.TB
	client *http.Client // with cookies and a deadline
}

// page is what the browser shows, with its form if it has one.
type page struct {
	browser browser
	text    string
	action  string
	form    url.Values
}

func (b browser) get(address string) page {
	b.t.Helper()
	return b.load(http.MethodGet, address, nil)
}

// load asks for a page, sending the form where there is one.
func (b browser) load(method, address string, form url.Values) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	p := page{browser: b, text: string(body), action: resp.Request.URL.String()}
	p.read(root, resp.Request.URL)
	return p
}

// read finds the form and what its fields hold.
func (p *page) read(root *html.Node, at *url.URL) {
	for node := range root.Descendants() {
		switch {
		case node.Data == "form" && node.Type == html.ElementNode:
			p.form = url.Values{}
			if target, err := at.Parse(attribute(node, "action")); err == nil {
				p.action = target.String()
			}
		case node.Data == "input" && p.form != nil:
			p.form.Set(attribute(node, "name"), attribute(node, "value"))
		}
	}
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// submit sends the form with what the person adds.
func (p page) submit(added url.Values) page {
	p.browser.t.Helper()
	if p.form == nil {
		p.browser.t.Fatalf("there is no form on this page:\n%s", p.text)
	}
	values := maps.Clone(p.form)
	maps.Copy(values, added)
	return p.browser.load(http.MethodPost, p.action, values)
}
