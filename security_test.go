package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What docs/security.md says is tried is tried: all of its attacks are there,
// and every test that it names.
func TestEveryAttackInTheListIsTried(t *testing.T) {
	row := regexp.MustCompile(`(?m)^\| (\d+) \| .+ \| (.+) \|$`)
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	const attacks = 28
	rows := row.FindAllStringSubmatch(string(page), -1)
	for i, r := range rows {
		if r[1] != strconv.Itoa(i+1) {
			t.Errorf("attack %d is called %s", i+1, r[1])
		}
		if tests := testsIn(t, r[2]); tests == 0 && !strings.HasPrefix(r[2], "nobody") {
			t.Errorf("attack %s names no test", r[1])
		}
	}
	if len(rows) != attacks {
		t.Errorf("there are %d attacks, not %d", len(rows), attacks)
	}
}

// testsIn looks for the tests that a cell names behind their packages.
func testsIn(t *testing.T, cell string) (n int) {
	t.Helper()
	code := ""
	for word := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		switch name, part, _ := strings.Cut(word, "/"); {
		case strings.HasPrefix(word, "`"):
			code = testCode(t, strings.Trim(word, "`"))
		case strings.HasPrefix(word, "Test"), strings.HasPrefix(word, "Fuzz"):
			n++
			if !strings.Contains(code, "func "+name+"(") || part != "" && !strings.Contains(code, `t.Run("`+part+" ") {
				t.Errorf("there is no %s", word)
			}
		}
	}
	return n
}

func testCode(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("there are no tests in %s (%v)", folder, err)
	}
	var code strings.Builder
	for _, file := range files {
		code.WriteString(read(t, file))
	}
	return code.String()
}
