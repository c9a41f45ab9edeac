#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# spdx.sh - every source says its licence, in one line near its top
#
# usage: spdx.sh [TREE]    the last line is RESULT spdx PASSED FAILED SECONDS
set -euo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"

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
	ok=yes
	head -n 6 -- "$tree/$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || ok=no
	tell "$ok" "${file#./} has no line \"SPDX-License-Identifier: BSD-2-Clause\" among its first six"
done < <(sources | sort)
tally_end
