#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# prepare.sh - the packages that tests run under Node, as package-lock.json pins them, in a folder
#
# usage: prepare.sh FOLDER    this folder's scripts are copied there, since packages are looked for
#                             beside who imports them; installed anew only when the lock has changed
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
folder=$1

mkdir -p -- "$folder"
exec 9>"$folder/lock"
flock 9
if ! cmp -s -- "$here/package-lock.json" "$folder/installed.json"; then
	cp -- "$here/package.json" "$here/package-lock.json" "$folder/"
	npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund --no-update-notifier
	cp -- "$here/package-lock.json" "$folder/installed.json"
fi
cp -- "$here"/*.mjs "$here"/*.ts "$folder/"
