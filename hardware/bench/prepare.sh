#!/usr/bin/env bash
# prepare.sh CACHE: makes CACHE/vmlinux and CACHE/initramfs.gz, what the bench's machine boots. Debian's kernel is fetched once,
# unpacked and never installed; delete CACHE to fetch it anew.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
cache=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# The real package behind linux-image-amd64, resolved once: the archive may move on between two questions.
kernel_package() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1; }

# The fetcher's own user cannot write to our directory, so it says a warning about that; nobody needs it.
download() { (cd "$work" && package=$(kernel_package) && [ -n "$package" ] && apt-get download -qq "$package" 2>"$work/apt.log"); }

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
    for module in virtio_pci virtio_blk 9pnet_virtio 9p ext4; do
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

fetch_kernel() {
    echo "Fetching Debian's kernel (70 MB)" >&2
    if ! download; then
        as_root apt-get update -qq >&2 # the lists are missing, or name a package the archive no longer has
        download || { cat "$work/apt.log" >&2; return 1; }
    fi
    dpkg-deb -x "$work"/linux-image-*.deb "$work/kernel"
    local tree=$work/kernel release
    [ -d "$tree/lib/modules" ] || tree=$work/kernel/usr # where Debian is moving them
    release=$(ls "$tree/lib/modules")
    /sbin/depmod -b "$tree" "$release"
    rm -rf "$cache/modules"
    collect_modules "$tree" "$release" "$cache/modules"
    decompress_kernel "$work/kernel/boot/vmlinuz-$release" >"$work/vmlinux"
    mv "$work/vmlinux" "$cache/vmlinux" # last: it says that all is there
}

# Made every time: init may have changed.
make_initramfs() {
    local root=$work/initramfs
    mkdir -p "$root"/{bin,dev,root}
    cp /bin/busybox "$root/bin/"
    cp -r "$cache/modules" "$root/"
    install -m 755 "$bench/init" "$root/init"
    (cd "$root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$work/initramfs.gz"
    mv "$work/initramfs.gz" "$cache/initramfs.gz"
}

[ -e "$cache/vmlinux" ] || fetch_kernel
make_initramfs
