#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# cppcheck.sh - what cppcheck finds in the program; it follows values across branches, as clang-tidy
# without the analyser does not
#
# usage: cppcheck.sh [TREE]              the last line is RESULT cppcheck PASSED FAILED SECONDS
set -euo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
cd -- "$tree"
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

find_faults() { # FILE...
	cppcheck --std=c17 --quiet --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --error-exitcode=1 -j "$(nproc)" -Iapp -I. \
		--include=app/base/banned.h --include=tests/check/cppcheck.h "$@"
}

ok=yes
find_faults app handlers >&2 || ok=no
tell "$ok" "something was found in app/ or handlers/"

# The check bites: a null pointer that is followed is found.
printf 'int first(const int *p);\nint first(const int *p) { if (p == 0) return *p; return 1; }\n' >"$work/fault.c"
ok=no
if ! find_faults "$work/fault.c" 2>/dev/null; then ok=yes; fi
tell "$ok" "a null pointer that is followed was not found"
tally_end
