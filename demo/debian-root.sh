#!/bin/sh
# A Debian of one's own, without root: debootstrap, apt-get and a compiler in a
# foreign root directory; then, where the caller is root, the same by chroot.
#
#   demo/debian-root.sh [DIR]    DIR is removed first; default: a temporary one
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
veduta=${VEDUTA:-$here/bin/veduta}
packages=${PACKAGES:-build-essential git}
dir=${1:-$(mktemp -d)/debian}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
in_root() { "$veduta" run -0 -r "$dir" "$@"; }
say() { printf '\n== %s\n' "$*"; }

say "debootstrap in a view, as $(id -un)"
rm -rf "$dir"; mkdir -p "$dir"
"$veduta" run -0 -- debootstrap --variant=minbase "${SUITE:-bookworm}" "$dir" >"$dir.log" 2>&1 || { tail "$dir.log"; exit 1; }
in_root -- sh -c '. /etc/os-release; echo "$PRETTY_NAME, $(dpkg -l | grep -c ^ii) packages"'

say "apt-get update && apt-get install -y $packages"
in_root -- sh -ec "apt-get update; apt-get install -y $packages" >"$dir.log" 2>&1 || { tail "$dir.log"; exit 1; }
in_root -- sh -c 'dpkg -l | grep -c ^ii; dpkg --audit; gcc --version | head -n 1; git --version'

say "a C project, in the root and in a copy-on-write view of it"
cat >"$dir/tmp/build.sh" <<'BUILD'
set -e
mkdir -p /srv/hello && cd /srv/hello
printf '#include <stdio.h>\nint main(void){puts("hello from a root of one'"'"'s own");}\n' >hello.c
printf 'hello: hello.o\n\tgcc -o $@ $^\n' >Makefile
make -s && ./hello
BUILD
in_root -- sh /tmp/build.sh
in_root -- rm -r /srv/hello
in_root --cow -- sh /tmp/build.sh
[ ! -e "$dir/srv/hello" ] || { echo "copy-on-write wrote through"; exit 1; }

say "the same root seen from the view and, by real root, from chroot"
in_root -- sh -c 'dpkg -l' >"$dir.list"
in_root -- sh -c 'dpkg --verify; cd /; cat /var/lib/dpkg/info/*.md5sums | md5sum -c --quiet' >"$dir.verify" 2>&1 || true
echo "files that dpkg --verify or their checksums find changed: $(wc -l <"$dir.verify")"
if [ "$(id -u)" = 0 ] || [ -n "${SUDO:-}" ]; then
	${SUDO:-} chroot "$dir" dpkg -l >"$dir.chroot" && cmp "$dir.list" "$dir.chroot" && echo "dpkg -l: the same"
fi
