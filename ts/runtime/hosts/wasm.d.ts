// What a `.wasm` import is depends on the bundle: text for those that embed it (embedded-primary.ts), a compiled module in workerd's, a path in Bun's.
declare module '*.wasm' {
  const content: unknown;
  export default content;
}

// The compressed texts that scripts/build/required.mjs writes.
declare module '*.cjs' {
  const text: string;
  export default text;
}
