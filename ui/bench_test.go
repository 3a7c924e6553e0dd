package ui

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/ui/browser"
	"gitgrant/ui/clipboard"
)

// BenchmarkKey is a key and the frame that it leads to.
func BenchmarkKey(b *testing.B) {
	for _, rows := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprintf("in a list of %d", rows), func(b *testing.B) {
			m := benched(b, StartList)
			var grants []keyring.Grant
			for i := range rows {
				grants = append(grants, keyring.Grant{
					Key:      keyring.Key{Runtime: fmt.Sprintf("cluster-%05d", i), Purpose: "runtime", Account: "acme-bot"},
					Provider: "github", Host: "https://github.com",
				})
			}
			m.list.Show(grants)
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

func benched(b *testing.B, start Start) *root {
	b.Helper()
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		b.Fatal(err)
	}
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
