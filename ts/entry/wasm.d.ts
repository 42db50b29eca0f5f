// What a `.wasm` import is depends on the bundle: bytes in the browser's, a compiled module in workerd's.
declare module '*.wasm' {
  const content: unknown;
  export default content;
}
