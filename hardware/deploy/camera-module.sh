#!/bin/sh
# Puts the module that reads codes for phones' cameras into a gate's data directory: zxing-wasm 3.1.4 (MIT licence), byte for byte.
# Phones whose browser reads codes itself do not need it.
#   camera-module.sh DATADIR [zxing-wasm-3.1.4.tgz]    fetches the package from npm's registry when none is given
set -eu
[ $# -ge 1 ] || { echo "camera-module.sh DATADIR [zxing-wasm-3.1.4.tgz]" >&2; exit 2; }
name=zxing-wasm-3.1.4
sum=d7ebfca7bb1ab9d772495346fb27bb183ff44d2f79046db271d92b0be12706b1411641de22087352ddb2563b71dcdb9c25e36b427853f32180233eb4571f68d3 # SHA-512
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

if [ $# -ge 2 ]; then
    cp "$2" "$fresh/$name.tgz"
elif command -v npm >/dev/null; then
    (cd "$fresh" && npm pack --silent zxing-wasm@3.1.4 >/dev/null)
else
    curl -fsSL -o "$fresh/$name.tgz" "https://registry.npmjs.org/zxing-wasm/-/$name.tgz"
fi
echo "$sum  $fresh/$name.tgz" | sha512sum --check --quiet - || { echo "This is not $name: nothing was installed." >&2; exit 1; }

tar -xzf "$fresh/$name.tgz" -C "$fresh"
install -d "$1/camera/reader"
install -m 0644 "$fresh/package/LICENSE" "$fresh/package/dist/es/share.js" "$1/camera/"
install -m 0644 "$fresh/package/dist/es/reader/index.js" "$fresh/package/dist/reader/zxing_reader.wasm" "$1/camera/reader/"
echo "$name is in $1/camera: guards' phones find it when they next sign in"
