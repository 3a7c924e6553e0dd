#!/usr/bin/env bash
# Writes the shell completions that packages carry into .cache/completions: not
# into dist, which a release clears.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.cache/completions
mkdir -p "$out"
for shell in bash zsh fish powershell; do
	go run . completion "$shell" >"$out/gitgrant.$shell"
done
