#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# settings.sh - the table of settings, the manual and the sample file name the same settings
#
# Names and defaults are read off base/settings.c. rowhouse.conf has a line for each, commented
# out, and is to the byte what `rowhouse config --sample` prints; the manual has an item for each
# that tells the default. At the end faults are planted in copies and must be found.
#
# usage: settings.sh    srcdir and builddir in the environment
# the last line is RESULT settings PASSED FAILED SECONDS
set -euo pipefail

srcdir=${srcdir:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
builddir=${builddir:-$srcdir/build}
program=$builddir/rowhouse
# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"

# name TAB default, of the rows of the table.
in_source() {
	sed -n '/struct setting table\[\]/,/^};/ s/^\t{ "\([a-z_]*\)", [^"]*"\([^"]*\)".*/\1\t\2/p' \
		"$srcdir/app/base/settings.c"
}

in_sample() { # FILE: name TAB default
	sed -n 's/^#\([a-z_]*\) = \(.*\)$/\1\t\2/p' "$1" | sed 's/""$//'
}

in_manual() { # FILE
	sed -n 's/^\.It Cm \([a-z_]*\)$/\1/p' "$1"
}

# The paragraph of one setting of a manual, as it is read: formatted, on one line.
manual_item() { # FILE NAME
	sed -n "/^\\.It Cm $2\$/,/^\\.\\(It\\|El\\)\\b/p" "$1" | sed 1d | tr '\n' ' '
}

# What is in one list and not in the other; nothing when they agree.
difference() { # WHERE LIST LIST
	comm -23 <(sort <<<"$2") <(sort <<<"$3") | sed "s/^/missing in the $1: /"
	comm -13 <(sort <<<"$2") <(sort <<<"$3") | sed "s/^/only in the $1: /"
}

# All that is wrong between the table and a sample and a manual.
faults() { # SAMPLE MANUAL
	local table name value
	table=$(in_source)
	difference sample "$table" "$(in_sample "$1")"
	difference manual "$(cut -f1 <<<"$table")" "$(in_manual "$2")"
	while IFS=$'\t' read -r name value; do
		[[ $(manual_item "$2" "$name") == *"default "*"${value:-empty}"* ]] ||
			echo "manual: the default of $name is not ${value:-empty}"
	done <<<"$table"
	grep -nv '^\(#.*\)\?$' "$1" | sed 's/^/not a comment in the sample: /' || true
}

sample=$srcdir/rowhouse.conf manual=$srcdir/man/rowhouse.conf.5
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

count=$(in_source | wc -l)
tell "$([[ $count -gt 10 ]] && echo yes || echo no)" "only $count settings were found in base/settings.c"
found=$(faults "$sample" "$manual")
tell_none "$found"

if [[ -x $program ]]; then
	env -u ROWHOUSE_CONFIG "$program" config --sample >"$scratch/sample"
	found=$(diff -u -- "$sample" "$scratch/sample" || true)
	tell_none "$found" "rowhouse.conf is not what \`rowhouse config --sample\` prints:
"
	# Every line without its comment sign is a valid configuration, with the same values.
	sed 's/^#\([a-z_]* = \)/\1/' "$sample" >"$scratch/whole"
	"$program" -c "$scratch/whole" config | sed 1d >"$scratch/written"
	"$program" -c "$sample" config | sed 1d >"$scratch/built-in"
	found=$(diff -- "$scratch/built-in" "$scratch/written" || true)
	tell_none "$found" "the defaults in rowhouse.conf read otherwise: "
else
	tell no "there is no program $program to ask (builddir=...)"
fi

# plant WHAT FILE SED: the change must be found in a copy.
plant() {
	cp -- "$sample" "$scratch/conf"
	cp -- "$manual" "$scratch/manual"
	sed -i "$3" "$scratch/$2"
	found=$(faults "$scratch/conf" "$scratch/manual")
	tell "$([[ -n $found ]] && echo yes || echo no)" "a planted fault was not found: $1"
}
plant "a setting missing in the sample" conf '/^#workers = /d'
plant "a stray setting in the sample" conf '1a#colour = blue'
plant "another default in the sample" conf 's/^#backlog = .*/#backlog = 129/'
plant "a setting that is not commented out" conf 's/^#backlog/backlog/'
plant "a setting missing in the manual" manual '/^\.It Cm slow_unit$/d'
plant "a stray setting in the manual" manual 's/^\.It Cm slow_unit$/.It Cm slow\n&/'
plant "another default in the manual" manual 's/default 128/default 129/'

tally_end
