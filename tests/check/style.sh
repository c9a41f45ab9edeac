#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# style.sh - the shape that .clang-format describes, and scripts that shellcheck accepts
#
# usage: style.sh [TREE]    the last line is RESULT style PASSED FAILED SECONDS
set -euo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
cd -- "$tree"
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"

# A tab stands for 8 columns; a byte of a longer UTF-8 character for none.
too_long() {
	expand -t 8 -- "$1" | LC_ALL=C.UTF-8 awk -v file="$1" 'length($0) > 100 { print file ":" NR ": " length($0) " columns" }'
}

while read -r file; do
	ok=yes
	clang-format --dry-run -Werror --style=file -- "$file" || ok=no
	tell "$ok" "$file is not as clang-format would have it (clang-format -i mends it)"
	long=$(too_long "$file")
	tell_none "$long" "lines over 100 columns: "
done < <(find app handlers tests -name '*.[ch]' -type f | sort)

while read -r script; do
	ok=yes
	shellcheck -x -- "$script" || ok=no
	tell "$ok" "$script: see shellcheck"
done < <(
	find tests -name '*.sh' -type f | sort
	for script in quickstart check .ci/run; do
		[[ ! -e $script ]] || echo "$script"
	done
)
tally_end
