// What a `.wasm` import is depends on the bundle: text in the browser's (embedded.ts), a compiled module in workerd's.
declare module '*.wasm' {
  const content: unknown;
  export default content;
}
