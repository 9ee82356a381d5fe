#!/usr/bin/env bash
# hardware.sh CACHE EDGEGATE.DLL: runs the gate in an emulated machine whose kernel plays its devices: a thermometer, a GPIO chip, scanners, a watchdog. First a control on
# devices that are not there: it must fail, or the bench tests nothing. Exit code 0: all held; 1: something did not; 2: the bench could not run.
set -uo pipefail
cache=$(cd "$1" && pwd)
edgegate=$(realpath "$2")
dotnet=$(realpath "$(command -v dotnet)")
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)

# boot CONNECTED: the report of one run, in whole lines.
boot() {
    local words="console=ttyS0 panic=-1 quiet mitigations=off tsc=unstable DOTNET=\"$dotnet\" EDGEGATE=\"$edgegate\" BENCH=\"$bench\" CONNECTED=$1"
    # The third and the fourth serial port are one wire: what the bench types into one, the scanner's port hears.
    timeout --foreground 900 qemu-system-x86_64 -accel tcg -machine q35 -cpu Nehalem -smp 1 -m 768 -nodefaults -no-reboot -display none \
        -serial "file:$work/console-$1.log" -serial "file:$work/report-$1.log" \
        -chardev "socket,id=near,path=$work/wire-$1,server=on,wait=off" -serial chardev:near \
        -chardev "socket,id=far,path=$work/wire-$1" -serial chardev:far \
        -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
        -kernel "$cache/vmlinux" -initrd "$cache/initramfs.gz" -append "$words" </dev/null || echo "the machine did not end by itself" >>"$work/report-$1.log"
    tr -d '\r' <"$work/report-$1.log" 2>/dev/null
}

fail() {
    echo "$1 The logs are in $work." >&2
    exit "$2"
}

control=$(boot no)
grep -q '^END' <<<"$control" || fail "The control did not come to its end." 2
echo "$control" | sed 's/^/  control: /'
grep -q '^ok .*the gate starts' <<<"$control" || fail "The control's gate did not start." 2
grep -q '^ok .*open the door' <<<"$control" && fail "The control passed without devices: the bench tests nothing." 1

held=$(boot yes)
echo "$held"
grep -q '^FAILED' <<<"$held" && fail "Something did not hold." 1
# Its watchdog reset the machine, which here ends it: nothing comes after the line that says that the gate hangs.
[ "$(tail -n 1 <<<"$held")" = HANG ] || fail "The machine did not come to its end." 2
rm -rf "$work"
echo "$(grep -c '^ok' <<<"$held") held, and a gate that hangs had the machine reset."
