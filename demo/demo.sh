#!/bin/bash
# demo.sh VEDUTA: the main job on real input, as root (if one is) and as an
# ordinary user: install a Debian package and a C project without the system
# knowing, look at what changed, use it, drop it. Leaves nothing behind.
# Status 0 if all went as it says.
set -u
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "${1:?usage: demo.sh VEDUTA}")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/veduta-demo.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir "$tmp/bin" "$tmp/src"
install -m 755 "$binary" "$tmp/bin/veduta"
failures=0
export DEBIAN_FRONTEND=noninteractive

say() { printf '\n\033[1m# %s\033[m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[1\?m//g'; fi; }

# show COMMAND…: as the caller of the hour; prints command, output and status.
show() {
	printf '$ %s\n' "$(quoted "$@")"
	"${as[@]}" "$@" </dev/null 2>&1 | sed -e 's/\r$//' -e 's/.*\r//' -e 's/^/    /'
	status=${PIPESTATUS[0]}
	printf '    (status %d)\n' "$status"
}

quoted() {
	local word out=
	for word; do
		case $word in *[\ \;\&\|\$\*]*) word="'$word'" ;; esac
		out="$out$word "
	done
	printf %s "${out% }"
}

want() {
	[ "$status" = "$1" ] && return
	printf '    !! wanted status %s\n' "$1"
	failures=$((failures + 1))
}

absent() {
	if [ -e "$1" ]; then
		printf '    !! %s exists on the real system\n' "$1"
		failures=$((failures + 1))
	else
		printf '    on the real system there is no %s\n' "$1"
	fi
}

# source_package NAME: fetches a Debian source package by lists of its own, from
# the mirror that the machine itself uses.
source_package() {
	command -v apt-get >/dev/null || return 1
	local d=$tmp/apt codename repo release signed
	codename=$(. /etc/os-release; echo "${VERSION_CODENAME:-stable}")
	mkdir -p "$d/lists/partial" "$d/cache/archives/partial" "$d/get"
	while read -r repo release; do
		[ "$release" = "$codename" ] && break
	done < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Component: main' 2>/dev/null)
	[ "${release:-}" = "$codename" ] || return 1
	for signed in /usr/share/keyrings/{debian,ubuntu}-archive-keyring.gpg ''; do
		[ ! -e "$signed" ] || break
	done
	echo "deb-src ${signed:+[signed-by=$signed] }$repo $codename main" >"$d/sources.list"
	local o=(-q -o "Dir::Etc::SourceList=$d/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$d/lists"
		-o "Dir::Cache=$d/cache" -o APT::Sandbox::User=root -o Acquire::Retries=0 -o Acquire::http::Timeout=15)
	timeout 90 apt-get "${o[@]}" update >/dev/null 2>&1 || return 1
	(cd "$d/get" && timeout 90 apt-get "${o[@]}" source --download-only "$1" >/dev/null 2>&1) || return 1
	tar -xf "$d/get/$1"_*.orig.tar.* -C "$tmp/src" --strip-components=1
}

# made_package: a package without a mirror.
made_package() {
	mkdir -p "$tmp/deb/DEBIAN" "$tmp/deb/usr/bin"
	printf '%s\n' 'Package: veduta-hello' 'Version: 1' 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \
		'Description: says hello' >"$tmp/deb/DEBIAN/control"
	printf '#!/bin/sh\necho Hello, world!\n' >"$tmp/deb/usr/bin/veduta-hello"
	chmod 755 "$tmp/deb/usr/bin/veduta-hello"
	dpkg-deb --root-owner-group --build "$tmp/deb" "$tmp/veduta-hello.deb" >/dev/null
}

package() {
	local program=hello
	say "A Debian package, installed by $who without the system knowing"
	if [ "$mirror" = yes ]; then
		show veduta try -0 --hostname lab --session pkg -- "${install[@]}"
		if [ "$status" != 0 ]; then
			echo "    the mirror does not answer; a package made here and now takes its place"
			show veduta discard pkg
			mirror=no
		fi
	fi
	if [ "$mirror" = no ]; then
		program=veduta-hello
		show veduta try -0 --hostname lab --session pkg -- dpkg -i "$tmp/veduta-hello.deb"
	fi
	want 0
	show veduta diff pkg "/usr/bin/**" /var
	want 0
	show veduta run --session pkg -0 -- "$program"
	want 0
	absent "/usr/bin/$program"
	show veduta run --session pkg -0 -- sh -c 'id -un; exit 7'
	want 7
	show veduta discard pkg
	want 0
}

project() {
	say "make install of $what, by $who"
	cp -r "$tmp/src" "$home/src"
	[ "$who" = root ] || chown -R --reference="$home" "$home/src" 2>/dev/null
	cd "$home/src" || exit 1
	show sh -c 'make -s 2>make.log'
	want 0
	show veduta try --session project -- make -s install PREFIX=/usr/local
	want 0
	show veduta diff project
	want 0
	show veduta run --session project -- "/usr/local/bin/$installed" --version
	want 0
	absent "/usr/local/bin/$installed"
	show veduta discard project
	want 0
	show veduta ls
	want 0
	cd /
}

# caller NAME HOME PREFIX…: who acts from now on.
caller() {
	who=$1 home=$2
	shift 2
	as=("$@" env -i HOME="$home" PATH="$tmp/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		TERM="${TERM:-dumb}" LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
	mkdir -p "$home"
}

mirror=yes install=(apt-get install -y hello)
if ! command -v dpkg >/dev/null; then
	mirror=none
	say "no dpkg here: only the project is shown"
elif [ -e /usr/bin/hello ]; then
	mirror=no
	say "hello is installed already: a package made here and now takes its place"
	made_package
else
	made_package
	if [ -z "$(apt-cache policy hello 2>/dev/null | grep 'Candidate: [0-9]')" ]; then
		say "apt has no lists of packages: it gets them in the view, too"
		install=(sh -c 'apt-get -q update && apt-get -q install -y hello')
	fi
fi
what="tree (the Debian source package)" installed=tree
if [ -e /usr/local/bin/tree ] || ! source_package tree; then
	what="demo/project (no Debian source package could be fetched)" installed=greet
	[ ! -e /usr/local/bin/tree ] || what="demo/project (tree is in /usr/local already)"
	rm -rf "$tmp/src"
	cp -r "$here/project" "$tmp/src"
fi

all() {
	show id -u
	[ "$mirror" = none ] || package
	project
}

if [ "$(id -u)" != 0 ]; then
	caller "an ordinary user" "$tmp/home"
	all
else
	caller root "$tmp/root"
	all
	uid=61000
	while getent passwd $uid >/dev/null || getent group $uid >/dev/null; do uid=$((uid + 1)); done
	mkdir "$tmp/user"
	chown "$uid:$uid" "$tmp/user"
	chmod -R a+rX "$tmp/src" "$tmp"/*.deb 2>/dev/null
	caller "an ordinary user" "$tmp/user" setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all
	all
fi

say "$failures surprises"
[ "$failures" = 0 ]
