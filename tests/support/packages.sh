# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # the tables are used by whoever sources this
# packages.sh - what the machine needs, and how Debian calls it
#
# Sourced by quickstart and check. A need is looked for by what it gives (a command, a library that
# pkg-config knows, a header), so a PostgreSQL or an nginx of another origin counts as well; only
# what is missing is installed, and what that is has been said before.

# probe                          package
NEEDED_TO_BUILD='
command:gcc                      gcc
command:make                     make
command:autoreconf               autoconf
command:automake                 automake
command:pkg-config               pkg-config
library:libpq                    libpq-dev
library:json-c                   libjson-c-dev
library:libsodium                libsodium-dev
header:fcgiapp.h                 libfcgi-dev
'
NEEDED_TO_RUN='
postgresql:initdb                postgresql
command:nginx                    nginx-light
command:psql                     postgresql-client
command:curl                     curl
command:flock                    util-linux
'
NEEDED_TO_TEST='
header:CUnit/Basic.h             libcunit1-dev
library:libcurl                  libcurl4-openssl-dev
command:valgrind                 valgrind
command:clang-format             clang-format
command:clang-tidy               clang-tidy
command:clang                    clang
command:cppcheck                 cppcheck
command:shellcheck               shellcheck
command:mandoc                   mandoc
command:git                      git
command:node                     nodejs
command:npm                      npm
command:ps                       procps
'

# The folder with initdb and postgres; Debian keeps it out of PATH. Fails when there is none.
packages_postgresql() {
	local folder
	if command -v pg_config >/dev/null && folder=$(pg_config --bindir) && [[ -x $folder/initdb ]]; then
		echo "$folder"
		return
	fi
	folder=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
	[[ -n $folder && -x $folder/initdb ]] && echo "$folder"
}

# packages_has PROBE
packages_has() {
	local what=${1#*:}
	case $1 in
	command:*) PATH=$PATH:/usr/sbin:/sbin command -v "$what" >/dev/null ;;
	library:*) command -v pkg-config >/dev/null && pkg-config --exists "$what" ;;
	header:*) [[ -e /usr/include/$what || -e /usr/local/include/$what ]] ;;
	postgresql:*) packages_postgresql >/dev/null ;;
	*) return 1 ;;
	esac
}

# packages_missing TABLE... prints the packages to install, on one line.
packages_missing() {
	local probe package missing=()
	while read -r probe package; do
		[[ -n $probe ]] || continue
		packages_has "$probe" || missing+=("$package")
	done <<<"$*"
	echo "${missing[*]}"
}

# packages_require yes|no TABLE... installs what is missing, or names it and fails.
packages_require() {
	local may_install=$1 missing sudo=()
	shift
	missing=$(packages_missing "$@")
	[[ -n $missing ]] || return 0
	if [[ $may_install != yes ]]; then
		echo "these Debian packages are missing: $missing" >&2
		echo "install them with: apt-get install $missing" >&2
		return 1
	fi
	if ! command -v apt-get >/dev/null; then
		echo "this is no Debian; install what these Debian packages hold: $missing" >&2
		return 1
	fi
	if [[ $EUID -ne 0 ]]; then
		if ! command -v sudo >/dev/null; then
			echo "neither root nor sudo; have these Debian packages installed: $missing" >&2
			return 1
		fi
		sudo=(sudo)
	fi
	echo "installing Debian packages: $missing"
	# shellcheck disable=SC2086 # a list of words
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get -q -q update &&
		apt-get -q -q -y --no-install-recommends install "$@" >/dev/null' sh $missing </dev/null || {
		echo "apt-get could not install: $missing" >&2
		return 1
	}
	missing=$(packages_missing "$@")
	[[ -z $missing ]] || {
		echo "installed, but still not found: $missing" >&2
		return 1
	}
}
