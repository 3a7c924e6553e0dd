package flows_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"gitgrant/flows"
)

const thinks = 50 * time.Millisecond // how long a host takes for an answer

func slowly(w http.ResponseWriter, token string, asked int) {
	time.Sleep(thinks)
	fine(w, token, asked)
}

// BenchmarkStatusOfAThousand is a thousand tokens at one host. It must not take
// more than one and a half times what sixteen at a time take at least.
func BenchmarkStatusOfAThousand(b *testing.B) {
	const tokens, atATime = 1000, 16
	d, servers := atHosts(b, slowly)
	for n := range tokens {
		stored(b, d, 0, fmt.Sprint("runtime-", n), "runtime", numbered(n))
	}
	ideal := thinks * (tokens + atATime - 1) / atATime
	for b.Loop() {
		began := time.Now()
		for name, v := range swept(b, d) {
			if v.Status != flows.Valid {
				b.Fatalf("%s is %s", name, v.Status)
			}
		}
		took := time.Since(began)
		b.ReportMetric(float64(took)/float64(ideal), "×ideal")
		if took > ideal*3/2 {
			b.Errorf("it took %s, and %s at least", took, ideal)
		}
	}
	if most := servers[0].most; most > 64 {
		b.Errorf("%d connections at a time", most)
	}
}

// BenchmarkStatusWithADeadHost is five hosts of which one takes questions and
// never answers. The others must not wait for it, nor it for longer than once.
func BenchmarkStatusWithADeadHost(b *testing.B) {
	over := make(chan struct{})
	d, _ := atHosts(b, slowly, slowly, func(http.ResponseWriter, string, int) { <-over }, slowly, slowly)
	b.Cleanup(func() { close(over) }) // before the servers are closed
	for host := range 5 {
		for n := range 40 {
			stored(b, d, host, fmt.Sprintf("runtime-%d-%d", host, n), "runtime", numbered(host*100+n))
		}
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		b.Fatal(err)
	}
	const patience = 10 * time.Second // of one exchange, for the first byte
	for b.Loop() {
		began := time.Now()
		verdicts, err := d.Status(b.Context(), grants, func(i int, v flows.Verdict) {
			if v.Status == flows.Valid && time.Since(began) > 2*time.Second {
				b.Errorf("%s came after %s", grants[i].Runtime, time.Since(began))
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		for i, v := range verdicts {
			dead := grants[i].Host == "https://git-2.example"
			if dead != (v.Status == flows.Unreachable) {
				b.Fatalf("%s is %s", grants[i].Runtime, v.Status)
			}
		}
		if took := time.Since(began); took > patience*12/10 {
			b.Errorf("it took %s", took)
		}
	}
}
