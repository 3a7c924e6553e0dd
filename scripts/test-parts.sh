#!/usr/bin/env bash
# Fetches the parts that some tests run against: real programs of other people.
# Nothing here is needed to build gitgrant, and a part that cannot be had is no
# failure: its tests say that they are skipped. What is left out is said on
# standard output in lines that begin with "skipped", all else on standard error.
set -uo pipefail
cd "$(dirname "$0")/.."

# program and the Debian package that holds it
debian_parts="
gnome-keyring-daemon gnome-keyring
dbus-launch          dbus-x11
secret-tool          libsecret-tools
tmux                 tmux
git                  git
tinyproxy            tinyproxy-bin
npm                  npm
chromium             chromium
"

quietly() { # runs a command, showing what it said only where it fails
	local said
	said=$("$@" 2>&1) || { printf '%s\n' "$said" | tail -n 15 >&2; return 1; }
}

packages_to_install() {
	local program package
	while read -r program package; do
		[ -z "$program" ] || command -v "$program" >/dev/null || printf '%s\n' "$package"
	done <<<"$debian_parts"
}

debian() {
	local missing
	mapfile -t missing < <(packages_to_install)
	[ "${#missing[@]}" -gt 0 ] || return 0
	if ! command -v apt-get >/dev/null; then
		echo "skipped: ${missing[*]} (this is not a Debian system: install what holds these programs)"
	elif [ "$(id -u)" -ne 0 ]; then
		echo "skipped: ${missing[*]} (only root can install packages: apt-get install ${missing[*]})"
	else
		echo "installing Debian packages: ${missing[*]}" >&2
		export DEBIAN_FRONTEND=noninteractive
		quietly apt-get update &&
			quietly apt-get install -y --no-install-recommends "${missing[@]}" ||
			echo "skipped: ${missing[*]} (apt-get failed, see above)"
	fi
}

npm_packages() {
	local installed=test/npm/node_modules/.package-lock.json
	[ ! "$installed" -nt test/npm/package-lock.json ] || return 0
	if ! command -v npm >/dev/null; then
		echo "skipped: npm packages (npm is not installed)"
	else
		echo "installing npm packages: test/npm" >&2
		quietly npm ci --prefix test/npm --ignore-scripts --no-audit --no-fund ||
			echo "skipped: npm packages (npm ci failed, see above)"
	fi
}

debian
npm_packages
