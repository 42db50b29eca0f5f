#!/bin/sh
# Builds both flavours into the folder given: simd128.wasm and relaxed.wasm.
#   sh build.sh <crate folder> <output folder>
set -e
cd "$1"
target=${CARGO_TARGET_DIR:-target}
for flavour in simd128 relaxed; do
  features=+simd128
  [ $flavour = relaxed ] && features=+simd128,+relaxed-simd
  RUSTFLAGS="-C target-feature=$features" cargo build --quiet --release --target wasm32-unknown-unknown --target-dir "$target/$flavour"
  mkdir -p "$2"
  cp "$target/$flavour"/wasm32-unknown-unknown/release/*.wasm "$2/$(basename "$1")-$flavour.wasm"
done
