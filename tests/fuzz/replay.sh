#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# replay.sh - every fuzz target over its corpus; a crash is a failure
#
# usage: replay.sh    srcdir and builddir in the environment
# the last line is RESULT fuzz PASSED FAILED SECONDS
set -euo pipefail

srcdir=${srcdir:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
builddir=${builddir:-$srcdir/build}
passed=0 failed=0

for corpus in "$srcdir"/tests/fuzz/corpus/*/; do
	name=$(basename -- "$corpus")
	if "$builddir/tests/fuzz/replay_$name" "$corpus"; then
		passed=$((passed + 1))
	else
		printf 'fuzz: replay_%s failed\n' "$name" >&2
		failed=$((failed + 1))
	fi
done
[[ $passed -gt 0 ]] || failed=$((failed + 1))
echo "RESULT fuzz $passed $failed $SECONDS"
[[ $failed -eq 0 ]]
