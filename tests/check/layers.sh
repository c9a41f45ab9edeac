#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# layers.sh - a file includes only headers of its own folder or of folders below it
#
# The layers are read off the #include "..." lines, with the few other fences that hold the program
# together: who sees libfcgi and libpq, who may run a script, who may call malloc. The last part plants
# each kind of violation in a copy and fails when it is not found.
#
# usage: layers.sh [TREE]    the last line is RESULT layers PASSED FAILED SECONDS
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
tree=${1:-$here}

# Bottom to top. handlers/ lies beside app/, between serve and process.
readonly LAYERS="base formats database compiler serve handlers process cli"

# One pass over all sources of a tree: "file:line: what is wrong" for each violation. A line that is
# only a comment says nothing.
# shellcheck disable=SC2016 # the program is awk's
violations() {
	(cd -- "$1" && find app handlers -name '*.[ch]' -type f 2>/dev/null | sort | xargs -r awk -v layers="$LAYERS" '
	BEGIN {
		count = split(layers, names, " ")
		for (i = 1; i <= count; i++)
			level[names[i]] = i
	}
	function layer(path) {
		sub(/^app\//, "", path)
		return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : ""
	}
	function wrong(what) { print FILENAME ":" FNR ": " what }
	function fence(pattern, allowed) {
		if ($0 ~ pattern && FILENAME !~ allowed)
			wrong("not here: " $0)
	}
	FNR == 1 {
		own = level[layer(FILENAME)]
		if (!own)
			wrong("its folder is no layer")
	}
	/^[[:space:]]*(\/?\*|\/\/)/ { next }
	/^[[:space:]]*#[[:space:]]*include[[:space:]]*"/ {
		header = $0
		sub(/^[^"]*"/, "", header)
		sub(/".*/, "", header)
		theirs = level[layer(header)]
		if (header != "config.h" && !theirs)
			wrong("\"" header "\" names no layer")
		else if (own && theirs > own)
			wrong("\"" header "\" lies above")
	}
	{
		fence("#[[:space:]]*include[[:space:]]*<(fcgiapp|fcgi_stdio|fastcgi)[.]h>", "^app/formats/fcgi[.]c$")
		fence("#[[:space:]]*include[[:space:]]*<(postgresql/)?libpq-fe[.]h>", "^app/database/pg_conn[.]h$")
		fence("#[[:space:]]*include[[:space:]]*\"database/pg_conn[.]h\"", "^app/database/pg(_connect)?[.]c$")
		fence("(^|[^a-z_])pg_script[[:space:]]*[(]", "^app/database/(script[.]c|pg[.][ch])$")
		fence("#[[:space:]]*include[[:space:]]*\"database/sqlname[.]h\"", "^app/database/(sqlname|sqltext|catalogue|relations|model)[.]c$")
		fence("#[[:space:]]*include[[:space:]]*\"compiler/stage_types[.]h\"", "^app/compiler/(access|audit|soft_delete|tenancy|emit|emit_change)[.]c$")
		fence("sqltext_literal_[[:space:]]*[(]", "^app/(database/(sqltext[.][ch]|operators[.]c)|cli/session[.]c)$")
		fence("#[[:space:]]*undef[[:space:]]+(malloc|calloc|realloc)", "^app/base/(arena[.]c|banned[.]h)$")
	}')
}

# shellcheck source=tests/support/tally.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../support/tally.sh"

# plant NAME FILE LINE: the violation must be found in a copy of the tree.
plant() {
	local copy=$scratch/$1
	mkdir -p -- "$copy"
	cp -R -- "$tree/app" "$copy/app"
	if [[ -d $tree/handlers ]]; then cp -R -- "$tree/handlers" "$copy/handlers"; fi
	mkdir -p -- "$(dirname -- "$copy/$2")"
	printf '%s\n' "$3" >>"$copy/$2"
	local ok=yes
	violations "$copy" | grep -q "^$2:" || ok=no
	tell "$ok" "the planted violation \"$1\" in $2 was not found"
}

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

[[ -e $tree/app/base/arena.c ]] || tell no "no source was found in $tree"
tell_none "$(violations "$tree")" "violations: "
plant "upward include" app/base/planted.c '#include "database/pg.h"'
plant "handlers above serve" app/serve/planted.c '#include "handlers/routes.h"'
plant "include of the command line" app/process/planted.c '	#  include "cli/main.h"'
plant "a folder that is no layer" app/misc/planted.c '#include "base/arena.h"'
plant "a header of no layer" app/base/planted.c '#include "helper.h"'
plant "libfcgi" app/serve/planted.c '#include <fcgiapp.h>'
plant "libpq" app/database/unit.c '#include <libpq-fe.h>'
plant "libpq through its header" app/database/unit.c '#include "database/pg_conn.h"'
plant "a script" app/serve/planted.c '	pg_script(pg, text, p);'
plant "a name of one's own" app/serve/planted.c '#include "database/sqlname.h"'
plant "a stage passed over" app/compiler/planted.c '#include "compiler/stage_types.h"'
plant "text that is no literal" app/compiler/planted.c '	sqltext_literal_(t, text, len);'
plant "malloc" app/formats/planted.c '#undef malloc'

tally_end
