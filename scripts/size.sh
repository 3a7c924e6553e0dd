#!/usr/bin/env bash
# How large the stripped program is, against the most that it may be.
#
#	scripts/size.sh FLAG...      the flags that it is built with
set -euo pipefail
cd "$(dirname "$0")/.."

most=${MOST:-14000000} # bytes: 14 MB, of a million each
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failed=0
# The linker tells on the way what calls methods by a name that only the running
# program knows: then no exported method of anything can be left out.
CGO_ENABLED=0 go build -buildvcs=false -trimpath "$@" -ldflags "-s -w -dumpdep" -o "$out/gitgrant" . 2>"$out/dependencies" || { tail -5 "$out/dependencies"; exit 1; }
size=$(wc -c <"$out/gitgrant")
echo "the stripped program has $size bytes, of $most at most"
[ "$size" -le "$most" ] || failed=1
if grep -o '[^ ]* <ReflectMethod>' "$out/dependencies" | sort -u | head -5 | grep .; then
	echo "these call methods by name, so that no unused method is left out"
	failed=1
fi
exit "$failed"
