#!/usr/bin/env bash
# Runs a command with a real gnome-keyring, unlocked and empty, on a D-Bus
# session of its own. Nothing of the person's session is seen or touched, and
# nothing is left running.
#
#	scripts/secret-service.sh go test ./keyring/system
set -euo pipefail

for program in gnome-keyring-daemon:gnome-keyring dbus-run-session:dbus-daemon dbus-send:dbus-bin; do
	command -v "${program%:*}" >/dev/null || { echo "${program%:*} is missing: install ${program#*:}" >&2; exit 69; }
done

if command -v go >/dev/null; then # whose folders hang on HOME, which changes below
	GOPATH=$(go env GOPATH) GOCACHE=$(go env GOCACHE)
	export GOPATH GOCACHE
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home
export XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache XDG_RUNTIME_DIR=$home/run
mkdir -m 700 "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

dbus-run-session -- bash -euc '
	printf "test-pass\n" | gnome-keyring-daemon --unlock --foreground --components=secrets >"$HOME/log" 2>&1 &
	daemon=$!
	trap "kill $daemon 2>/dev/null || true; wait $daemon 2>/dev/null || true" EXIT
	owned() {
		dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
			org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q "boolean true"
	}
	for attempt in $(seq 200); do
		owned && break
		kill -0 $daemon 2>/dev/null && [ "$attempt" -lt 200 ] || { cat "$HOME/log" >&2; exit 70; }
		sleep 0.05
	done
	"$@"
' secret-service "$@"
