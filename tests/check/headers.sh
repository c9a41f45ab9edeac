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
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"

while read -r header; do
	# Included twice: the guard is part of what is checked. A translation unit may not be empty.
	ok=yes
	printf '#include "%s"\n#include "%s"\nextern int nothing;\n' "$tree/$header" "$tree/$header" |
		"$compiler" "${flags[@]}" -x c - || ok=no
	tell "$ok" "$header does not compile alone"
done < <(cd -- "$tree" && find app handlers tests -name '*.h' -type f | sort)

# The check bites: a header that uses a name it did not declare is refused.
ok=yes
! echo 'struct unknown_thing thing;' | "$compiler" "${flags[@]}" -x c - 2>/dev/null || ok=no
tell "$ok" "a header that cannot compile alone was accepted"
tell "$([[ $passed -gt 1 ]] && echo yes || echo no)" "there is no header in $tree"
tally_end
