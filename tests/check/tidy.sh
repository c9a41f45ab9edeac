#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# tidy.sh - what clang-tidy finds with the tree's .clang-tidy
#
# usage: [TIDY_DEEP=1] tidy.sh [TREE]    the last line is RESULT tidy PASSED FAILED SECONDS
#
# clang's static analyser takes more than a second per file where all the other checks take a
# twentieth of that, and has found nothing yet that was a fault: only TIDY_DEEP=1 runs it.
set -euo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
cd -- "$tree"
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"
checks='-clang-analyzer-*'
if [[ -n ${TIDY_DEEP:-} ]]; then checks=''; fi
export checks
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
read -r -a flags <<<"-std=c17 -D_GNU_SOURCE $(pkg-config --cflags libpq json-c libsodium libcurl)"

# Say of each file that is named on standard input whether nothing was found.
tidy() { # FLAG...
	# shellcheck disable=SC2016 # expanded by the shell of each file
	xargs -P "$(nproc)" -I '{}' bash -c '
		if clang-tidy --quiet --checks="$checks" "$1" -- "${@:2}" 2>/dev/null; then
			echo "clean $1"
		else
			echo "found something in $1"
		fi' tidy '{}' "${flags[@]}" "$@"
}

find app handlers -name '*.c' | tidy -Iapp -I. -include app/base/banned.h '-DSYSCONFDIR="/etc"' >"$work/said"
find tests/support -name '*.c' | tidy -Itests >>"$work/said"
while read -r verdict; do
	ok=no
	if [[ $verdict = clean\ * ]]; then ok=yes; fi
	tell "$ok" "$verdict"
done < <(grep -E '^(clean|found) ' "$work/said")
grep -vE '^(clean|found) ' "$work/said" >&2 || :

# The check bites: a number that nobody looks at is found.
cp -- .clang-tidy "$work"
printf '#include <stdlib.h>\nint number(const char *s);\nint number(const char *s) { return atoi(s); }\n' >"$work/fault.c"
ok=no
if echo "$work/fault.c" | tidy | grep -q '^found '; then ok=yes; fi
tell "$ok" "atoi was not found"
tally_end
