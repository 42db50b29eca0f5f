/** What an import of a safetensors file gives in a Worker. */
declare module '*.safetensors' {
  const bytes: ArrayBuffer;
  export default bytes;
}
