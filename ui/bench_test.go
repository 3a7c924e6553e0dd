package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/ui/browser"
	"gitgrant/ui/clipboard"
)

// BenchmarkKey is a key and the frame that it leads to.
func BenchmarkKey(b *testing.B) {
	for _, rows := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("in a list of %d", rows), func(b *testing.B) {
			m := benched(b, StartList)
			m.list.Show(runtimes(b, rows))
			keys := []tea.KeyPressMsg{{Code: tea.KeyDown}, {Code: tea.KeyPgDown}, {Code: tea.KeyUp}}
			for i := 0; b.Loop(); i++ {
				m.Update(keys[i%len(keys)])
				m.View()
			}
		})
	}
	b.Run("in a field", func(b *testing.B) {
		m := benched(b, StartInstall)
		keys := []tea.KeyPressMsg{{Code: 'a', Text: "a"}, {Code: tea.KeyBackspace}}
		for i := 0; b.Loop(); i++ {
			m.Update(keys[i%len(keys)])
			m.View()
		}
	})
}

// BenchmarkTable is the frame of a list in a wide window.
func BenchmarkTable(b *testing.B) {
	for _, rows := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("of %d", rows), func(b *testing.B) {
			m := benched(b, StartList)
			m.Update(tea.WindowSizeMsg{Width: 250, Height: 60})
			m.list.Show(runtimes(b, rows))
			for b.Loop() {
				m.View()
			}
		})
	}
}

// BenchmarkFilter is a letter more in the filter, and one less.
func BenchmarkFilter(b *testing.B) {
	for _, rows := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("of %d", rows), func(b *testing.B) {
			m := benched(b, StartList)
			m.list.Show(runtimes(b, rows))
			for _, letter := range "/cluster-0" {
				m.Update(tea.KeyPressMsg{Code: letter, Text: string(letter)})
			}
			keys := []tea.KeyPressMsg{{Code: '1', Text: "1"}, {Code: tea.KeyBackspace}}
			for i := 0; b.Loop(); i++ {
				m.Update(keys[i%len(keys)])
				m.View()
			}
		})
	}
}

// BenchmarkSort is a list that is put into another order.
func BenchmarkSort(b *testing.B) {
	m := benched(b, StartList)
	m.list.Show(runtimes(b, 10000))
	for b.Loop() {
		m.Update(tea.KeyPressMsg{Code: 's', Text: "s"})
		m.View()
	}
}

// BenchmarkVerdict is a verdict that comes in, and the frame that it leads to.
func BenchmarkVerdict(b *testing.B) {
	m := benched(b, StartList)
	grants := runtimes(b, 10000)
	m.list.Show(grants)
	m.ask(grants, func() {})
	for i := 0; b.Loop(); i++ {
		m.Update(verdictMsg{m.checks, grants[i%len(grants)].Key, flows.Verdict{Status: flows.Valid, CheckedAt: time.Now()}})
		m.View()
	}
}

// BenchmarkShow is a list that is shown for the first time.
func BenchmarkShow(b *testing.B) {
	grants := runtimes(b, 10000)
	for b.Loop() {
		m := benched(b, StartList)
		m.list.Show(grants)
		m.View()
	}
}

// BenchmarkFirstShow is a list from the index file to the first frame, as the
// program starts.
func BenchmarkFirstShow(b *testing.B) {
	for _, rows := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("of %d", rows), func(b *testing.B) {
			dir := indexed(b, rows)
			b.ReportAllocs()
			for b.Loop() {
				ring, err := keyring.Open(keyring.Options{Dir: dir, Store: memory.New()})
				if err != nil {
					b.Fatal(err)
				}
				if frame := begun(b, ring, StartList).View().Content; !strings.Contains(frame, "cluster-00000") {
					b.Fatalf("the frame is\n%s", frame)
				}
			}
		})
	}
}

// indexed is a folder with an index of so many runtimes. One is saved, and the
// others are entries like it: a save for each would write the file as often.
func indexed(b *testing.B, rows int) string {
	b.Helper()
	dir := b.TempDir()
	ring, err := keyring.Open(keyring.Options{Dir: dir, Store: memory.New()})
	if err != nil {
		b.Fatal(err)
	}
	grants := runtimes(b, rows)
	if _, err := ring.Save(b.Context(), grants[0], keyring.Credential{Access: secret.New(goodToken)}); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(dir, "index.json")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	var index map[string]any
	if err := json.Unmarshal(text, &index); err != nil {
		b.Fatal(err)
	}
	first := index["entries"].([]any)[0].(map[string]any)
	var entries []any
	for _, g := range grants {
		e := maps.Clone(first)
		e["runtime"], e["host"], e["expires_at"], e["verdict"] = g.Runtime, g.Host, g.ExpiresAt, g.Verdict
		entries = append(entries, e)
	}
	index["entries"] = entries
	if text, err = json.Marshal(index); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	return dir
}

// runtimes are grants as an index holds them after a check.
func runtimes(b *testing.B, n int) []keyring.Grant {
	b.Helper()
	statuses := []flows.Status{flows.Valid, flows.Expiring, flows.Revoked, flows.MissingScopes}
	var grants []keyring.Grant
	for i := range n {
		ends := time.Now().Add(time.Duration(i%400) * 24 * time.Hour)
		verdict, err := json.Marshal(flows.Verdict{
			Status: statuses[i%len(statuses)], CheckedAt: time.Now(), ExpiresAt: ends, Expiry: providers.ExpiryProvider,
			Findings: []providers.Finding{
				{Name: "repo", Label: "repo: Full control of private repositories", State: providers.Granted, By: "repo", Evidence: "x-oauth-scopes header"},
				{Name: "admin:repo_hook", Label: "admin:repo_hook: Full control of repository hooks", State: providers.Missing, Evidence: "x-oauth-scopes header"},
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		grants = append(grants, keyring.Grant{
			Key:      keyring.Key{Runtime: fmt.Sprintf("cluster-%05d", i), Purpose: "runtime", Account: "acme-bot"},
			Provider: "github", Host: fmt.Sprintf("https://git-%d.example.com", i%7),
			ExpiresAt: ends, ExpirySource: string(providers.ExpiryProvider), Verdict: verdict,
		})
	}
	return grants
}

func benched(b *testing.B, start Start) *root {
	b.Helper()
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		b.Fatal(err)
	}
	return begun(b, ring, start)
}

func begun(b *testing.B, ring *keyring.Ring, start Start) *root {
	b.Helper()
	d := &flows.Desk{Ring: ring, Now: time.Now, Within: flows.DefaultWithin}
	nothing := func(string) string { return "" }
	m, err := newRoot(context.Background(), Options{Desk: d, Start: start, Theme: "dark"}, outside{
		send: func(tea.Msg) {}, browser: browser.New(nothing), clipboard: clipboard.New(nothing),
	})
	if err != nil {
		b.Fatal(err)
	}
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return m
}
