package command

import (
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"gitgrant/keyring/durable"
	"gitgrant/ui/git"
	"gitgrant/ui/words"
)

// job is what a scheduler is told to run, again and again.
type job struct {
	command []string
	env     [][2]string
	every   time.Duration

	withheld string // variable whose proxy it is not told of
}

// unit is a file for a scheduler.
type unit struct{ path, text string }

// schedule writes what makes the scheduler of this system watch, after showing
// it. It starts nothing: that is one command, which it names.
func (o *watchOptions) schedule(ctx context.Context, every time.Duration) error {
	j, err := o.job(every)
	if err != nil {
		return err
	}
	var units []unit
	var begin, undo string
	switch runtime.GOOS {
	case "linux":
		units, begin, undo = systemd(j)
	case "darwin":
		units, begin, undo = launchd(j)
	default:
		return misused(words.NoScheduler(runtime.GOOS))
	}
	var paths []string
	for _, u := range units {
		paths = append(paths, u.path)
	}
	fmt.Fprintln(o.out, words.WatchInstalls(paths))
	for _, u := range units {
		fmt.Fprintf(o.out, "\n%s", u.text)
	}
	fmt.Fprintln(o.out)
	if j.withheld != "" {
		o.warn(words.ProxyWithheld(j.withheld))
	}
	if agreed, err := o.agreed(ctx, words.AskToWatch, o.yes); !agreed {
		return err
	}
	for _, u := range units {
		if err := os.MkdirAll(filepath.Dir(u.path), 0o700); err != nil {
			return err
		}
		if err := durable.Replace(u.path, []byte(u.text)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(o.out, words.WatchInstalled(begin, undo))
	return err
}

// job runs this very program with the folders, the store, the key files and the
// way to the hosts that it was given now.
func (o *watchOptions) job(every time.Duration) (job, error) {
	own, err := os.Executable()
	if err != nil {
		return job{}, err
	}
	j := job{every: every, command: []string{
		own, "watch", "--once", "--no-input", "--expiring-within", o.within,
		"--config-dir", o.configFolder(), "--data-dir", o.dataFolder(),
	}}
	if o.store != "" {
		j.command = append(j.command, "--store", string(o.store))
	}
	for _, name := range []string{"GITGRANT_STORE", passphraseFile, identityFile, "SSL_CERT_FILE"} {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		if name != "GITGRANT_STORE" {
			value = folder(value, "", "")
		}
		j.env = append(j.env, [2]string{name, value})
	}
	j.bringProxy()
	return j, nil
}

// bringProxy adds the proxy and those who are reached without it. A password goes
// into no file, and the address is of no use without it.
func (j *job) bringProxy() {
	if name, address := firstSet("HTTPS_PROXY", "https_proxy"); strings.Contains(address, "@") {
		j.withheld = name
	} else if name != "" {
		j.env = append(j.env, [2]string{name, address})
	}
	if name, without := firstSet("NO_PROXY", "no_proxy"); name != "" {
		j.env = append(j.env, [2]string{name, without})
	}
}

// firstSet is the variable that counts where several could be set.
func firstSet(variables ...string) (name, value string) {
	for _, name := range variables {
		if value := os.Getenv(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

const jobName = "gitgrant-watch"

func systemd(j job) (units []unit, begin, undo string) {
	dir := filepath.Join(xdg.ConfigHome, "systemd", "user")
	var service, timer strings.Builder
	service.WriteString("[Unit]\nDescription=Check the Git tokens of gitgrant\n\n[Service]\nType=oneshot\n")
	for _, variable := range j.env {
		service.WriteString("Environment=" + forSystemd(variable[0]+"="+variable[1]) + "\n")
	}
	var words []string
	for _, word := range j.command {
		words = append(words, strings.ReplaceAll(forSystemd(word), "$", "$$"))
	}
	service.WriteString("ExecStart=" + strings.Join(words, " ") + "\n")
	service.WriteString("SuccessExitStatus=3 4 5\nTimeoutStartSec=10min\n")
	fmt.Fprintf(&timer, "[Unit]\nDescription=Check the Git tokens of gitgrant now and then\n\n[Timer]\nOnStartupSec=2min\nOnUnitActiveSec=%ds\nRandomizedDelaySec=%ds\n\n[Install]\nWantedBy=timers.target\n",
		int(j.every.Seconds()), int(j.every.Seconds())/10)
	units = []unit{
		{filepath.Join(dir, jobName+".service"), service.String()},
		{filepath.Join(dir, jobName+".timer"), timer.String()},
	}
	begin = "systemctl --user daemon-reload && systemctl --user enable --now " + jobName + ".timer"
	undo = fmt.Sprintf("systemctl --user disable --now %s.timer; rm %s %s", jobName, git.Quote(units[0].path), git.Quote(units[1].path))
	return units, begin, undo
}

// forSystemd is a word as systemd reads it, which knows specifiers too.
func forSystemd(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "\n", `\n`).Replace(word) + `"`
}

func launchd(j job) (units []unit, begin, undo string) {
	path := filepath.Join(xdg.Home, "Library", "LaunchAgents", jobName+".plist")
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	b.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n")
	b.WriteString("<plist version=\"1.0\">\n<dict>\n")
	b.WriteString("  <key>Label</key><string>" + jobName + "</string>\n  <key>ProgramArguments</key>\n  <array>\n")
	for _, word := range j.command {
		b.WriteString("    <string>" + html.EscapeString(word) + "</string>\n")
	}
	b.WriteString("  </array>\n")
	if len(j.env) > 0 {
		b.WriteString("  <key>EnvironmentVariables</key>\n  <dict>\n")
		for _, variable := range j.env {
			b.WriteString("    <key>" + html.EscapeString(variable[0]) + "</key><string>" + html.EscapeString(variable[1]) + "</string>\n")
		}
		b.WriteString("  </dict>\n")
	}
	fmt.Fprintf(&b, "  <key>StartInterval</key><integer>%d</integer>\n  <key>RunAtLoad</key><true/>\n</dict>\n</plist>\n", int(j.every.Seconds()))
	begin = "launchctl bootstrap gui/$(id -u) " + git.Quote(path)
	undo = "launchctl bootout gui/$(id -u)/" + jobName + "; rm " + git.Quote(path)
	return []unit{{path, b.String()}}, begin, undo
}
