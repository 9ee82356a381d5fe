#!/usr/bin/env bash
# prepare.sh CACHE [hardware]: makes CACHE/vmlinux and CACHE/initramfs.gz, what a bench's machine boots. Debian's kernel is fetched once,
# unpacked and never installed; delete CACHE to fetch it anew. With "hardware", an I2C bus and GPIO chips to play with come in as well.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kind=${2:-powercut}
mkdir -p "$1"
cache=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# The real package behind linux-image-amd64, resolved once: the archive may move on between two questions.
kernel_package() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1; }

# What gpio-sim is built from: no kernel of Debian has it. Headers and source must be of exactly the kernel's version, so all is resolved at once.
build_packages() {
    local headers=${1/image/headers}
    echo "$headers" "${headers%-*}-common" "$(apt-cache depends "$headers" | sed -n 's/^ *Depends: \(linux-kbuild-.*\)$/\1/p' | head -n 1)" \
        "linux-source-$(echo "$1" | sed 's/linux-image-\([0-9]*\.[0-9]*\).*/\1/')"
}

# The fetcher's own user cannot write to our directory, so it says a warning about that; nobody needs it.
download() {
    local packages
    packages=$(kernel_package) && [ -n "$packages" ] || return 1
    [ "$kind" = powercut ] || packages="$packages $(build_packages "$packages")"
    # shellcheck disable=SC2086 # several names
    (cd "$work" && apt-get download -qq $packages 2>"$work/apt.log")
}

# number FILE OFFSET SIZE: an unsigned little-endian number.
number() { od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '; }

# vmlinuz to vmlinux, which QEMU starts by PVH in half the time: under emulation the kernel's own decompressor is what a boot waits for.
# The boot protocol's header says where the payload lies (setup_sects, payload_offset, payload_length); behind it stand 4 bytes of its size.
decompress_kernel() {
    local offset=$((($(number "$1" 0x1f1 1) + 1) * 512 + $(number "$1" 0x248 4)))
    local length=$(($(number "$1" 0x24c 4) - 4))
    head -c $((offset + length)) "$1" | tail -c "$length" >"$work/payload"
    case $(od -An -t x1 -N 4 "$work/payload" | tr -d ' ') in
    fd377a58) xz -dc "$work/payload" ;;
    28b52ffd) zstd -dcq "$work/payload" ;;
    *) echo "$1 is packed in a way this script does not know" >&2 && return 1 ;;
    esac
}

# The modules the guest needs, unpacked, with a list of them in the order to load.
collect_modules() {
    local tree=$1 release=$2 target=$3 path name
    mkdir -p "$target"
    for module in $modules; do
        /sbin/modprobe -d "$tree" -S "$release" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
    done | awk '!seen[$0]++' | while read -r path; do
        name=$(basename "$path")
        case "$name" in
        *.xz) xz -dc "$path" >"$target/${name%.xz}" ;;
        *.zst) zstd -dcq "$path" >"$target/${name%.zst}" ;;
        *) cp "$path" "$target/" ;;
        esac
        name=${name%.xz}
        echo "${name%.zst}" >>"$target/order"
    done
}

# Debian's own source and headers, unpacked here and not installed; one line is changed, for irq_to_desc is not open to modules.
build_gpio_sim() {
    local tree=$1 release=$2 headers=$work/headers/usr/src/linux-headers-$2 source=$work/source module=$work/gpio-sim deb
    for deb in "$work"/linux-headers-*.deb "$work"/linux-kbuild-*.deb; do dpkg-deb -x "$deb" "$work/headers"; done
    sed -i "s#/usr/src/#$work/headers/usr/src/#" "$headers/Makefile"
    mkdir -p "$source" "$module"
    local name
    name=$(basename "$work"/linux-source-*.deb | cut -d_ -f1)
    dpkg-deb --fsys-tarfile "$work"/linux-source-*.deb | tar -xO "./usr/src/$name.tar.xz" \
        | tar -xJ -C "$source" --strip-components=1 "$name/drivers/gpio/gpio-sim.c" "$name/drivers/gpio/gpiolib.h" "$name/kernel/irq/irq_sim.c"
    cp "$source/drivers/gpio/gpio-sim.c" "$module/gpio-sim-main.c"
    cp "$source/drivers/gpio/gpiolib.h" "$module/"
    sed 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq(irqnum)/' "$source/kernel/irq/irq_sim.c" >"$module/irq_sim.c"
    printf 'obj-m := gpio-sim.o\ngpio-sim-y := gpio-sim-main.o irq_sim.o\n' >"$module/Kbuild"
    make -s -C "$headers" M="$module" modules >"$work/make.log" 2>&1 || { cat "$work/make.log" >&2; return 1; }
    install -D "$module/gpio-sim.ko" "$tree/lib/modules/$release/extra/gpio-sim.ko"
}

fetch_kernel() {
    echo "Fetching Debian's kernel (70 MB; 220 MB with what gpio-sim is built from)" >&2
    if ! download; then
        as_root apt-get update -qq >&2 # the lists are missing, or name a package the archive no longer has
        download || { cat "$work/apt.log" >&2; return 1; }
    fi
    dpkg-deb -x "$work"/linux-image-*.deb "$work/kernel"
    local tree=$work/kernel release
    [ -d "$tree/lib/modules" ] || tree=$work/kernel/usr # where Debian is moving them
    release=$(ls "$tree/lib/modules")
    [ "$kind" = powercut ] || build_gpio_sim "$tree" "$release"
    /sbin/depmod -b "$tree" "$release"
    rm -rf "$cache/modules"
    collect_modules "$tree" "$release" "$cache/modules"
    echo "$modules" >"$cache/modules/wanted"
    decompress_kernel "$work/kernel/boot/vmlinuz-$release" >"$work/vmlinux"
    mv "$work/vmlinux" "$cache/vmlinux" # last: it says that all is there
}

# Made every time: init may have changed.
make_initramfs() {
    local root=$work/initramfs
    mkdir -p "$root"/{bin,dev,root}
    cp /bin/busybox "$root/bin/"
    cp -r "$cache/modules" "$root/"
    install -m 755 "$bench/$init" "$root/init"
    (cd "$root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$work/initramfs.gz"
    mv "$work/initramfs.gz" "$cache/initramfs.gz"
}

case $kind in
powercut) modules="virtio_pci virtio_blk 9pnet_virtio 9p ext4" init=init ;;
hardware) modules="virtio_pci 9pnet_virtio 9p i2c-dev i2c-stub gpio-sim evdev uinput dummy_hcd libcomposite usb_f_acm cdc-acm softdog" init=init-hardware ;;
*) echo "$kind is no bench" >&2 && exit 2 ;;
esac
# A kernel that was fetched for other modules is fetched anew.
[ -e "$cache/vmlinux" ] && [ "$(cat "$cache/modules/wanted" 2>/dev/null)" = "$modules" ] || fetch_kernel
make_initramfs
