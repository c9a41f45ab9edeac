#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# headers.sh - every header compiles alone, so that the order of includes never matters
#
# usage: headers.sh [TREE]    the last line is RESULT headers PASSED FAILED SECONDS
set -euo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
compiler=${CC:-gcc}
read -r -a flags <<<"-std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
	-I$tree/app -I$tree -I$tree/tests $(pkg-config --cflags libpq json-c libsodium libcurl)"
passed=0 failed=0

while read -r header; do
	# Included twice: the guard is part of what is checked. A translation unit may not be empty.
	if printf '#include "%s"\n#include "%s"\nextern int nothing;\n' "$tree/$header" "$tree/$header" |
		"$compiler" "${flags[@]}" -x c -; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "headers: $header does not compile alone" >&2
	fi
done < <(cd -- "$tree" && find app handlers tests -name '*.h' -type f | sort)

# The check bites: a header that uses a name it did not declare is refused.
if echo 'struct unknown_thing thing;' | "$compiler" "${flags[@]}" -x c - 2>/dev/null; then
	failed=$((failed + 1))
	echo "headers: a header that cannot compile alone was accepted" >&2
else
	passed=$((passed + 1))
fi
echo "RESULT headers $passed $failed $SECONDS"
[[ $failed -eq 0 && $passed -gt 1 ]]
