#!/usr/bin/env bash
# Writes the shell completions and the manual page that packages carry into
# .cache: not into dist, which a release clears.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.cache/completions
mkdir -p "$out" .cache/man
for shell in bash zsh fish powershell; do
	go run . completion "$shell" >"$out/gitgrant.$shell"
done
stamp="-X gitgrant/ui/command.version=$(git describe --tags --always) -X gitgrant/ui/command.date=$(git log -1 --format=%cI)"
go run -ldflags "$stamp" . man >.cache/man/gitgrant.1
