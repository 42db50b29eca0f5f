// The functions that some exports call, and those that these call, and so on.
import binaryen from 'binaryen';

/** Their names. Calls through the table are not followed: what they may lead to is not known. */
export function reachable(bytes, exports) {
  const module = binaryen.readBinary(bytes);
  const names = exports.map((name) => binaryen.getExportInfo(module.getExport(name)).value);
  const found = new Set(names);
  while (names.length > 0) {
    const body = binaryen.getFunctionInfo(module.getFunction(names.pop())).body;
    if (body === 0) continue; // an import
    for (const [, quoted, name = quoted] of binaryen.emitText(body).matchAll(/\(call \$(?:"([^"]+)"|([^\s)]+))/g)) {
      if (!found.has(name)) names.push(name);
      found.add(name);
    }
  }
  module.dispose();
  return found;
}
