#!/usr/bin/env bash
# What must hold before a change goes to others: format, vet, build and every
# test. All of it runs even where an early part fails, and one summary ends it.
set -uo pipefail
cd "$(dirname "$0")/.."

summary=()
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

step() { # step NAME COMMAND...
	local name=$1
	shift
	echo "== $name"
	if "$@"; then
		summary+=("ok       $name")
	else
		summary+=("FAILED   $name")
		failed=1
	fi
}

format() {
	local unformatted
	unformatted=$(find . -name '*.go' -not -path '*/node_modules/*' -exec gofmt -l {} +) || return 1
	[ -z "$unformatted" ] || { printf 'gofmt would change:\n%s\n' "$unformatted"; return 1; }
}

# The race detector needs a C compiler and its headers. Linking one small test
# with it is the only proof that they are there.
race() { go test -race -run '^$' ./internal/canary >/dev/null 2>&1; }

# Everything but the noise of what passed stays in sight: result lines, failures, skips.
tests() { go test -v -timeout 20m "$@" 2>&1 | tee -a "$log" | grep --line-buffered -Ev '^(=== |PASS$| *--- PASS)'; }

# The scripts of the command line start hundreds of programs, each of which the
# race detector makes several times as slow; what they reach is raced elsewhere.
whole_programs() { go list ./ui/command; }
the_rest() { go list ./... | grep -vxF "$(whole_programs)"; }

# The names of the tests that failed.
failures() { awk '/--- FAIL/{print $3}' "$log"; }

# "name: reason" for every test that was skipped; the reason is the line before.
skips() { awk '/^=== /{next} /--- SKIP/{sub(/^ +/, "", reason); print $3 ": " reason} {reason=$0}' "$log"; }

echo "== test parts"
mapfile -t parts < <(scripts/test-parts.sh)
flags=()
if race; then flags=(-race); else parts+=("skipped: the race detector (it needs a C compiler)"); fi

step format format
step vet go vet ./...
step build go build -buildvcs=false ./...
mapfile -t rest < <(the_rest)
step tests tests "${flags[@]}" "${rest[@]}"
[ ${#flags[@]} -eq 0 ] || step "tests that cannot be raced" tests -run '^TestNoStateOfTheProgram' ./ui
step "tests of whole programs" tests "$(whole_programs)"

echo "== summary"
printf '%s\n' "${summary[@]}" "${parts[@]}"
skips | sed 's/^/skipped: /'
failures | sed 's/^/failed: /'
exit "$failed"
