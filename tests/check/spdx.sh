#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# spdx.sh - every source says its licence, in one line near its top
#
# usage: spdx.sh [TREE]    the last line is RESULT spdx PASSED FAILED SECONDS
set -euo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
passed=0 failed=0

# What a person wrote, and a compiler, a shell, PostgreSQL or nginx reads.
sources() {
	cd -- "$tree"
	find . \( -path ./.git -o -path './build*' -o -path ./var -o -path ./m4 -o -path ./autom4te.cache \) \
		-prune -o -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' -o -name '*.conf' \
		-o -name '*.conf.in' -o -name 'Makefile.am' -o -name configure.ac \) -print
	for script in quickstart check .ci/run; do
		[[ ! -e $script ]] || echo "./$script"
	done
}

while read -r file; do
	if head -n 6 -- "$tree/$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause'; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "spdx: ${file#./} has no line \"SPDX-License-Identifier: BSD-2-Clause\" among its first six" >&2
	fi
done < <(sources | sort)
echo "RESULT spdx $passed $failed $SECONDS"
[[ $failed -eq 0 && $passed -gt 0 ]]
