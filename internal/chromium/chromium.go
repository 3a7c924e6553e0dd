// Package chromium runs a real browser, Chromium without a window, for tests
// that must not believe a browser of our own alone: what it makes of policies,
// redirects and pages that do not load is what a person's browser does.
//
// Rules of this package:
//
//   - A test that cannot have the browser is skipped and says what to install.
//   - The browser asks nobody for anything but the pages that it is sent to, and
//     ends with its test.
//   - Each page knows nothing of the others: it has its own cookies.
//
// It is for tests alone.
package chromium

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience bounds each step. Only a failure ever reaches it.
const patience = 60 * time.Second

// Browser is a running browser.
type Browser struct {
	ctx context.Context //nolint:containedctx // the library keeps the browser in it
}

// Start starts a browser that ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed: on Debian, apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, // root is refused otherwise, and the pages are those of the tests
		chromedp.DisableGPU,
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		end, overdue := context.WithTimeout(ctx, patience)
		defer overdue()
		if err := chromedp.Cancel(end); err != nil {
			t.Logf("Chromium did not end by itself: %v", err)
		}
		cancel()
		release()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &Browser{ctx: ctx}
}

// Page is what the browser shows at one address and wherever that leads.
type Page struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // the library keeps the page in it
}

// Open brings up the page at an address. It is closed with the test.
func (b *Browser) Open(t testing.TB, address string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium opens no page: %v", err)
	}
	p.do("open "+address, chromedp.Navigate(address))
	return p
}

// Choose clicks the element that a CSS selector names, which stays on its page.
func (p *Page) Choose(selector string) {
	p.t.Helper()
	p.do("choose "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Write types into the field that a CSS selector names.
func (p *Page) Write(selector, text string) {
	p.t.Helper()
	p.do("write into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Follow clicks the element that a CSS selector names, and is back when the
// browser shows the page that this leads to in the end, or says that it does
// not load.
func (p *Page) Follow(selector string) {
	p.t.Helper()
	p.do("follow "+selector, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector)))(ctx, t)
		return chromedp.Void{}, err
	})
}

// Text is what the page says.
func (p *Page) Text() string {
	p.t.Helper()
	return run(p, "read the page", chromedp.Text(chromedp.CSS("body")))
}

// Address is what a person copies from the address bar, also where no page
// was found.
func (p *Page) Address() string {
	p.t.Helper()
	history := run(p, "read the address", chromedp.NavigationEntries())
	return history.Entries[history.CurrentIndex].URL
}

func (p *Page) do(what string, step chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	run(p, what, step)
}

// run takes one step, and ends the test where the browser cannot.
func run[T any](p *Page, what string, step chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, step)
	if err != nil {
		p.t.Fatalf("Chromium cannot %s: %v", what, err)
	}
	return got
}
