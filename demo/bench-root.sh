#!/bin/bash
# The side-by-side benchmark in another root directory: a real chroot, proot -r
# and veduta -r, each over the same directory, in one run. By real root, who
# alone may chroot.
#
#   demo/bench-root.sh COMPARE VEDUTA [ROOT]    RUNS and WORKLOADS as for make bench
set -euo pipefail
compare=$(realpath "$1") veduta=$(realpath "$2") root=${3:-/tmp/veduta-bench-root}
if [ ! -x "$root/usr/bin/gcc" ]; then
	mkdir -p "$root"
	mmdebstrap --quiet --variant=minbase --include=build-essential,git,python3 bookworm "$root"
fi
root=$(realpath "$root") data=${BENCH_DATA:-$PWD/.bench}
mkdir -p "$data" "$root$data"
data=$(realpath "$data")
# Mounts of the chroot's own, which end with this script.
if [ -z "${VEDUTA_BENCH_UNSHARED:-}" ]; then
	export BENCH_DATA=$data
	VEDUTA_BENCH_UNSHARED=1 exec unshare -m --propagation private "$0" "$@"
fi
mount --bind "$data" "$root$data"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
run=("$compare" -n "${RUNS:-3}" -w "${WORKLOADS:-make,gcc,true,find,grep,status,clone,python}")
run+=("chroot=chroot $root" "veduta=$veduta run -0 -r $root -b $data -b /dev --" "cow=$veduta run -0 --cow -r $root -b /dev --" "proot=proot -0 -r $root -b /proc -b /dev -b $data -w /")
"${run[@]}" | tee "$data/root.table"
# What each adds to the chroot's CPU, as part of what proot adds.
awk -F'|' 'NR > 2 && $2 !~ /mean/ && $4+0 > 0 && $7 > $4 {
	v += log((($5 > $4 ? $5 - $4 : 0.001)) / ($7 - $4)); c += log((($6 > $4 ? $6 - $4 : 0.001)) / ($7 - $4)); n++ }
	END { if (n) printf "added CPU over chroot, of what proot adds, geometric mean of %d: veduta %.2f, with --cow %.2f\n", n, exp(v/n), exp(c/n) }' "$data/root.table"
