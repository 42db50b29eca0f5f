// Calls the exports of the kernels' tests: node wasm-runner.mjs <binary> <list.json> <report.json>. See wasm-tests.mjs.
import { readFileSync, writeFileSync } from 'node:fs';

const [binary, list, report] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(binary));
let said = '';

/** A fresh instance: what a trap leaves behind is not to be used again. */
function instance() {
  const made = new WebAssembly.Instance(module, {
    runner: { say: (text, bytes) => (said += Buffer.from(made.exports.memory.buffer, text, bytes).toString()) },
  });
  made.exports.start();
  return made;
}

const failed = [];
let passed = 0;
let current = instance();
for (const { name, panics } of JSON.parse(readFileSync(list, 'utf8'))) {
  said = '';
  let trapped = null;
  try {
    current.exports[name]();
  } catch (error) {
    trapped = error;
    current = instance();
  }
  const good = panics === undefined ? trapped === null : trapped !== null && said !== '' && said.includes(panics);
  if (good) passed += 1;
  else {
    failed.push(name);
    console.error(`${name}: ${said || (trapped?.stack ?? 'did not panic')}`);
  }
}
writeFileSync(report, JSON.stringify({ passed, failed }));
