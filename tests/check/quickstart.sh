#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# quickstart.sh - ./quickstart as a person would use it: up, asked, down, again, and in its way
#
# usage: quickstart.sh [TREE]    the last line is RESULT quickstart PASSED FAILED SECONDS
set -uo pipefail

tree=${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
scratch=$(mktemp -d /tmp/rowhouse-qs-XXXXXX)
chmod 755 -- "$scratch"
dir=$scratch/data
passed=0 failed=0
foreground=''

cleanup() {
	[[ -z $foreground ]] || kill -TERM "$foreground" 2>/dev/null
	quickstart --stop >/dev/null 2>&1
	rm -rf -- "$scratch"
}
trap cleanup EXIT

# From another directory: it must not matter.
quickstart() { (cd / && exec "$tree/quickstart" --dir "$dir" --no-install "$@" </dev/null); }

ok() { # NAME STATUS: 0 is passed
	if [[ $2 -eq 0 ]]; then
		passed=$((passed + 1))
		echo "  passed: $1"
	else
		failed=$((failed + 1))
		echo "  FAILED: $1"
		tail -n 20 -- "$scratch/out" 2>/dev/null
	fi
}

# refused NAME WORDS COMMAND...: it fails, and the message holds the words.
refused() {
	local name=$1 words=$2
	shift 2
	if "$@" >"$scratch/out" 2>&1; then
		ok "$name (it did not fail)" 1
	else
		grep -q -- "$words" "$scratch/out"
		ok "$name" $?
	fi
}

free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

answers() {
	curl --silent --fail --max-time 5 --noproxy '*' -o "$scratch/login" "http://127.0.0.1:$port/api/auth/login" \
		--json '{"tenant":"globex","login":"user@globex.test","password":"rowhouse-demo"}' &&
		curl --silent --fail --max-time 5 --noproxy '*' -o /dev/null \
			-H "Authorization: Bearer $(sed 's/.*"accessToken":"\([^"]*\)".*/\1/' "$scratch/login")" \
			"http://127.0.0.1:$port/api/posts?limit=1"
}

# Ids of what runs in the directory, without the workers that go with their masters.
pids() { cat -- "$dir"/run/*.pid 2>/dev/null | cut -d ' ' -f 1; }

all_gone() { # PIDS
	local pid i alive
	for ((i = 0; i < 200; i++)); do
		alive=no
		for pid in $1; do
			[[ ! -e /proc/$pid ]] || alive=yes
		done
		[[ $alive = yes ]] || return 0
		sleep 0.05
	done
	return 1
}

# Does the process, or one of its children, run as root?
# shellcheck disable=SC2009 # pgrep does not print users
has_root() { ps -o uid= "$@" | grep -qw 0; }

# Pasted into one shell, line by line, with nothing but a proxy taken out of the way.
printed_lines_work() {
	local line number=0 wanted
	{
		echo "export no_proxy='*'"
		while read -r line; do
			number=$((number + 1))
			echo "$line"
			echo "echo; echo --next--"
		done < <(grep -E '^  (TOKEN=|curl )' "$scratch/out")
	} >"$scratch/pasted"
	bash -u "$scratch/pasted" >"$scratch/answers" 2>&1 || return 1
	[[ $(grep -cE '^(TOKEN=|curl )' "$scratch/pasted") -eq 6 ]] || return 1
	number=1 # the sign-in prints nothing
	for wanted in '"meta"' '"title"' '"currentPage":2' '"code":"tenant_mismatch"' '"status":400'; do
		number=$((number + 1))
		awk -v RS='--next--\n' -v n="$number" 'NR == n' "$scratch/answers" >"$scratch/answer"
		grep -q -- "$wanted" "$scratch/answer" || {
			echo "line $number was answered: $(head -c 500 "$scratch/answer")" >>"$scratch/out"
			return 1
		}
	done
}

rows() {
	psql -X -q -t -A -c "$1" "host=$dir/pg port=5432 dbname=rowhouse user=postgres"
}

port=$(free_port)

# What is in the way is said, and left alone.
mkdir -- "$dir" && echo precious >"$dir/file"
refused "a foreign directory" "was not made by quickstart" quickstart --port "$port"
refused "a foreign directory is not reset" "was not made by quickstart" quickstart --reset --port "$port"
[[ $(cat -- "$dir/file") = precious && $(ls -A -- "$dir") = file ]]
ok "the foreign directory is as it was" $?
rm -r -- "$dir"
echo file >"$dir"
refused "a file in the place of the directory" "is no directory" quickstart --port "$port"
rm -- "$dir"
refused "a bad port" "is no port" quickstart --port 99999
refused "an unknown option" "no option" quickstart --colour
[[ ! -e $dir ]]
ok "a refused start makes nothing" $?
refused "nothing to stop" "there is no quickstart" quickstart --stop

# Up.
quickstart --detach --port "$port" >"$scratch/out" 2>&1
ok "--detach" $?
answers
ok "it answers" $?
printed_lines_work
ok "the six printed lines work as pasted" $?
status=$(curl --silent --noproxy '*' -o /dev/null -w '%{http_code}' \
	-H 'X-Tenant-Id: 11111111-1111-7111-8111-111111111111' "http://127.0.0.1:$port/api/posts?limit=1")
[[ $status = 403 ]]
ok "a header alone chooses no tenant" $?
[[ $(stat -c %a "$dir/secret") = 600 ]]
ok "the secret is for its owner alone" $?
[[ $(rows "SELECT current_setting('listen_addresses')") = '' ]]
ok "PostgreSQL has no TCP" $?
if [[ $EUID -eq 0 ]]; then
	! has_root -p "$(head -n 1 "$dir/pg/data/postmaster.pid")" &&
		! has_root --ppid "$(cut -d ' ' -f 1 "$dir/run/rowhouse.pid")" &&
		! has_root --ppid "$(cut -d ' ' -f 1 "$dir/run/nginx.pid")"
	ok "what serves does not run as root" $?
fi
quickstart --detach --port "$port" >"$scratch/out" 2>&1 && grep -q "runs already" "$scratch/out"
ok "a second start says that it runs" $?

# A taken port, seen from another directory, leaves no trace of processes.
dir=$scratch/other
refused "a taken port" "is taken" quickstart --port "$port"
[[ -z $(pids) ]]
ok "a refused start leaves nothing running" $?
dir=$scratch/data

# Down, and up again with the same data.
rows "CREATE TABLE remember AS SELECT 42 AS answer" >/dev/null
before=$(pids)
quickstart --stop >"$scratch/out" 2>&1 && all_gone "$before"
ok "--stop ends all of it" $?
quickstart --stop >"$scratch/out" 2>&1 && grep -q "nothing of" "$scratch/out"
ok "--stop again is no error" $?
setsid "$tree/quickstart" --dir "$dir" --no-install >"$scratch/out" 2>&1 </dev/null &
foreground=$!
for ((i = 0; i < 600; i++)); do
	grep -q 'Ctrl-C stops it' "$scratch/out" && break
	kill -0 "$foreground" 2>/dev/null || break
	sleep 0.1
done
answers
ok "a start in the foreground, on the port of last time" $?
[[ $(rows "SELECT answer FROM remember") = 42 ]]
ok "with the same data" $?
before=$(pids)
kill -TERM "$foreground" # a background job ignores SIGINT; both are trapped alike
wait "$foreground" 2>/dev/null
foreground=''
all_gone "$before" && ! answers
ok "a signal stops all that it started" $?

# A half-start: processes killed, ids left behind.
quickstart --detach >"$scratch/out" 2>&1
postmaster=$(head -n 1 "$dir/pg/data/postmaster.pid")
supervisor=$(cut -d ' ' -f 1 "$dir/run/rowhouse.pid")
children=$(ps -o pid= --ppid "$postmaster" --ppid "$supervisor")
kill -KILL "$postmaster" "$supervisor"
all_gone "$children"
ok "workers do not outlive their supervisor" $?
quickstart --detach >"$scratch/out" 2>&1
ok "a start after a crash" $?
answers && [[ $(rows "SELECT answer FROM remember") = 42 ]]
ok "mends it, with the same data" $?

# "A table of your own", word for word as README has it, but for the folder and the port.
readme_block() { # LANGUAGE NUMBER
	awk -v fence="^ *\`\`\`$1\$" -v wanted="$2" '/^## /{ ours = /A table of your own/ }
		ours && $0 ~ fence { n++; inside = 1; next } /^ *```$/ { inside = 0 } inside && n == wanted' "$tree/README.md"
}
readme_commands() { # NUMBER
	# shellcheck disable=SC2016 # the text of README is not expanded here
	readme_block sh "$1" | sed -e "s|sql/mine|$scratch/mine|; s|:8080|:$port|" -e 's|\$PWD/var|'"$dir|"
}
(cd -- "$tree" && eval "$(readme_commands 1)") >"$scratch/out" 2>&1
ok "README: a file for a table of one's own" $?
{
	readme_block sql 1
	readme_block sql 2
} >"$scratch/mine/0001_tools.sql"
(cd -- "$tree" && set -e && eval "$(readme_commands 1 | grep export; readme_commands 2)") >"$scratch/out" 2>&1 </dev/null
ok "README: it is migrated, checked and asked for" $?
grep -q '"meta"' "$scratch/out" # the last of its commands asked for it
ok "README: the table is served" $?

# Ids of other processes are left alone.
quickstart --stop >/dev/null 2>&1
sleep 60 &
stranger=$!
echo "$stranger 1" >"$dir/run/nginx.pid"
quickstart --stop >"$scratch/out" 2>&1
kill -0 "$stranger" 2>/dev/null
ok "a stranger with an id of ours is left alone" $?
kill "$stranger"

quickstart --reset --detach >"$scratch/out" 2>&1
ok "--reset" $?
[[ $(rows "SELECT to_regclass('remember') IS NULL") = t ]] && answers
ok "begins anew" $?
quickstart --stop >/dev/null 2>&1

echo "RESULT quickstart $passed $failed $SECONDS"
[[ $failed -eq 0 ]]
