#!/usr/bin/env bash
# Runs every fuzz target of the tree, one after the other, for the time given.
# A finding lands as a seed in the testdata folder of its package: commit it.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:?how long for each target, such as 30s}

go list ./... | while read -r package; do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
	done
done
