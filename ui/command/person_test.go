package command_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
)

// consentPage is the page that a sign-in in a browser asks a person to open.
var consentPage = regexp.MustCompile(`\bOpen (\S+) in your browser`)

// person is a program for the scripts: it starts another one and decides on the
// page of consent that this one names on standard error. The streams and the
// exit code are those of the other one.
//
//	person approve|deny PROGRAM args...
func person() {
	code, err := decideFor(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "person:", err)
		code = 99
	}
	os.Exit(code)
}

func decideFor(decision, program string, args []string) (int, error) {
	started := exec.Command(program, args...)
	started.Stdin, started.Stdout = os.Stdin, os.Stdout
	told, err := started.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := started.Start(); err != nil {
		return 0, err
	}
	trouble := follow(told, decision)
	if trouble != nil {
		_ = started.Process.Kill()
	}
	var ended *exec.ExitError
	if err := started.Wait(); err != nil && !errors.As(err, &ended) {
		return 0, err
	}
	return started.ProcessState.ExitCode(), trouble
}

// follow passes on what a program tells and decides on every page in it.
func follow(told io.Reader, decision string) error {
	lines := bufio.NewScanner(told)
	for lines.Scan() {
		fmt.Fprintln(os.Stderr, lines.Text())
		page := consentPage.FindStringSubmatch(lines.Text())
		if page == nil {
			continue
		}
		resp, err := http.PostForm(page[1], url.Values{"decision": {decision}, "login": {"octocat"}})
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("the browser is shown %s", resp.Status)
		}
	}
	return lines.Err()
}
