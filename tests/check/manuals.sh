#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# manuals.sh - the manuals are sound mdoc and tell of every command, option and exit status there is
#
# usage: manuals.sh    srcdir and builddir in the environment
# the last line is RESULT manuals PASSED FAILED SECONDS
set -euo pipefail

srcdir=${srcdir:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
builddir=${builddir:-$srcdir/build}
program=$builddir/rowhouse
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"

# Names of cross references between our own pages that lead nowhere.
dangling() { # PAGE
	sed -n 's/^\.Xr \(rowhouse[a-z.]*\) \([0-9]\).*/\1.\2/p' "$1" | sort -u | while read -r page; do
		[[ -e $srcdir/man/$page ]] || echo "$page"
	done
}

for page in "$srcdir"/man/*.[1-9]; do
	found=$(mandoc -Tlint -W warning "$page" 2>&1 || true)
	tell_none "$found"
	found=$(dangling "$page")
	tell_none "$found" "$page: there is no "
done

# The commands, from the program's own help: indented by two, name and one line.
commands() {
	"$program" help | sed -n '/^Commands:/,/^$/ s/^  \([a-z]*\) .*/\1/p'
}

# The long options that a command's help names.
long_options() { # COMMAND
	"$program" "$1" --help | grep -oE -- '--[a-z-]+' | sort -u
}

# "Fl Fl ready-fd" in the manual is --ready-fd on the screen.
described() { # FILE
	sed -n 's/\bFl Fl \([a-z-]*\)/\n--\1\n/gp' "$1" | grep -- '^--' | sort -u
}

# Everything that one page must tell of and does not.
untold() { # PAGE
	local command option
	for command in $(commands); do
		grep -Eq "^\\.It Cm $command( |\$)" "$1" || echo "command $command"
		for option in $(long_options "$command"); do
			described "$1" | grep -qx -- "$option" || echo "option $option of $command"
		done
	done
}

if [[ -x $program ]]; then
	count=$(commands | wc -l)
	tell "$([[ $count -ge 6 ]] && echo yes || echo no)" "only $count commands were found"
	found=$(untold "$srcdir/man/rowhouse.1")
	tell_none "$found" "rowhouse.1 does not tell of: "
	for command in $(commands); do
		status=0
		"$program" "$command" --help >/dev/null || status=$?
		tell "$([[ $status -eq 0 ]] && echo yes || echo no)" "$command --help ends with status $status"
	done
else
	tell no "there is no program $program to ask (builddir=...)"
fi

# The names of enum command_exit have their numbers in the manual.
while read -r status; do
	ok=no
	grep -qx "\\.It $status" "$srcdir/man/rowhouse.1" && ok=yes
	tell "$ok" "rowhouse.1 does not tell of exit status $status"
done < <(sed -n 's/^\tCOMMAND_[A-Z_]* = \([0-9]*\),.*/\1/p' "$srcdir/app/cli/command.h")

# The checks bite.
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
{
	cat "$srcdir/man/rowhouse.1"
	echo '.Bl -tag'
} >"$scratch/broken.1"
found=$(mandoc -Tlint -W warning "$scratch/broken.1" 2>&1 || true)
tell "$([[ -n $found ]] && echo yes || echo no)" "a planted fault of mdoc was not found"
if [[ -x $program ]]; then
	sed '/^\.It Cm check$/d; s/Fl Fl dry-run/Fl Fl dry/' "$srcdir/man/rowhouse.1" >"$scratch/less.1"
	found=$(untold "$scratch/less.1")
	for thing in "command check" "option --dry-run of migrate"; do
		ok=no
		grep -qx -- "$thing" <<<"$found" && ok=yes
		tell "$ok" "the manual without $thing was accepted"
	done
fi

tally_end
