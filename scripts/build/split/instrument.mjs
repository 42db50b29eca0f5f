// A binary that knows which of its functions have run: each sets a global of its own, which is exported.
import binaryen from 'binaryen';

/** What the names of these exports begin with; a function's name follows. */
export const RAN = 'ran ';

/** The bytes of the instrumented binary. */
export function instrument(bytes) {
  const module = binaryen.readBinary(bytes);
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const found = binaryen.Function(module.getFunctionByIndex(i));
    const { name, module: importedFrom, results } = binaryen.getFunctionInfo(found.valueOf());
    if (importedFrom !== '') continue;
    module.addGlobal(RAN + name, binaryen.i32, true, module.i32.const(0));
    module.addGlobalExport(RAN + name, RAN + name);
    found.body = module.block(null, [module.global.set(RAN + name, module.i32.const(1)), found.body], results);
  }
  const instrumented = module.emitBinary();
  module.dispose();
  return instrumented;
}
