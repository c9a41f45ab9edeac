# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# tally.sh - what the scripts of tests/check/ count, and the line that ./check reads
#
# Sourced by them; each is called after its file, and that name begins its messages.

tally_name=$(basename -- "$0" .sh)
passed=0 failed=0

tell() { # OK MESSAGE: OK is yes or no; the message is for no
	if [[ $1 = yes ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s: %s\n' "$tally_name" "$2" >&2
	fi
}

tell_none() { # FOUND [MESSAGE]: it is well when nothing was found
	tell "$([[ -z $1 ]] && echo yes || echo no)" "${2:-}$1"
}

# The last line, and the exit status: something was looked at, and nothing is wrong.
tally_end() {
	echo "RESULT $tally_name $passed $failed $SECONDS"
	[[ $failed -eq 0 && $passed -gt 0 ]]
}
