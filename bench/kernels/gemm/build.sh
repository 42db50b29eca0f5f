#!/bin/sh
# Builds both flavours with the flags of the product into the folder given: <crate>-simd128.wasm and <crate>-relaxed.wasm.
# EXTRA replaces the flags that are not about features (`-C llvm-args=-disable-lsr`).
#   sh build.sh <crate folder> <output folder>
set -e
cd "$1"
name=$(basename "$1")
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$2"
for flavour in simd128 relaxed; do
  features=+simd128
  [ $flavour = relaxed ] && features=+simd128,+relaxed-simd
  RUSTFLAGS="-C target-feature=$features ${EXTRA--C llvm-args=-disable-lsr}" cargo build --quiet --release --target wasm32-unknown-unknown --target-dir "$target/$flavour"
  cp "$target/$flavour/wasm32-unknown-unknown/release/adjoint_bench_$name.wasm" "$2/$name-$flavour.wasm"
done
