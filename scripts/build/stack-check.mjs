// Gives each export of a binary a check that the stack has room for all that a call can need.
//
// A recursion of the caller's overflows the stack in whatever runs at that moment. In the middle of a call into WebAssembly that is
// fatal: no destructor runs, cells stay borrowed, lists half changed, the stack pointer stays where it was. With the check the engine
// throws before the call has done anything, and what JavaScript does with the result has room as well, since that is less deep.
//
// WebAssembly cannot ask how much room there is. But at the entry of a function engines check that its whole frame fits, which takes
// 3 ns however large the frame is. So what an export calls first has a large frame, for a branch that is not taken.
import binaryen from 'binaryen';

/**
 * What an export may need, with the callbacks it makes up to where they catch, of the engine's stack and of Rust's own, which lies at
 * the start of memory. For measurements see docs/decisions/0021.
 */
const CALL = { engine: 64 * 1024, rust: 192 * 1024 };

/**
 * The same for exports that need little: those that end what others began, in a `finally` perhaps some calls deeper, and those that are
 * called between the call that made a handle and its owner's birth. Where the first call had room, these have it.
 */
const SMALL = { engine: 24 * 1024, rust: 96 * 1024 };

const NEED_LITTLE = new Set(
  `scope_enter scope_take scope_end release release_node unpark take_error set_mode set_anomaly exit_transform exit_dual_level
  checkpoint_end capture_cancel profile_end remove_saved_hooks remove_hook remove_node_hook forget_group generator_free program_free
  alias meta flags_of same_tensor level_of data_ptr scratch_reserve scratch_capacity live_bytes
  __wbindgen_malloc __wbindgen_realloc __wbindgen_free`.split(/\s+/),
);

/** Exports that run in the middle of a call, or must run where nothing else can. */
const UNCHECKED = new Set(['abandon_call', 'load_secondary']);

/** The exported global that is 1 while a check runs: an error that leaves it so has done no harm. */
const CHECKING = 'checking_stack';

/** The export that only checks whether there is room for a small call. */
const CHECK_SMALL = 'check_stack';
const CHECK_CALL = 'check stack for a call';

/** Vectors in one call; binaryen does not take calls nested thousands deep. */
const WIDTH = 32;
const VECTOR_BYTES = 16;
const ONE_VECTOR = 'one vector';
const FIRST_VECTOR = 'first vector';

const { i32, none, v128 } = binaryen;

/** The functions that the large frames are made with: one that makes a vector, and one that takes many. */
function addVectors(module, pointer) {
  module.addFunction(ONE_VECTOR, none, v128, [], module.v128.load(0, 4, module.global.get(pointer, i32)));
  const many = binaryen.createType(new Array(WIDTH).fill(v128));
  module.addFunction(FIRST_VECTOR, many, v128, [], module.local.get(0, v128));
}

/** A function with a frame of `engine` bytes; where Rust has less than `rust` it recurses until the engine throws. */
function addCheck(module, name, { engine, rust }, pointer) {
  const vector = () => module.call(ONE_VECTOR, [], v128);
  // All operands of these calls, which are in one another, wait on the stack for the innermost.
  let all = module.block(null, [module.call(name, [], none), vector()], v128);
  for (let left = Math.ceil(engine / VECTOR_BYTES); left > 0; left -= WIDTH - 1) {
    all = module.call(FIRST_VECTOR, [...Array.from({ length: WIDTH - 1 }, vector), all], v128);
  }
  const isShort = module.i32.lt_u(module.global.get(pointer, i32), module.i32.const(rust));
  module.addFunction(name, none, none, [], module.if(isShort, module.drop(all)));
}

/** Adds the checks to a module whose exports are those that JavaScript calls. */
export function addStackChecks(module) {
  const pointer = binaryen.getExportInfo(module.getExport('__stack_pointer')).value;
  // By function: exports may share one.
  const checks = new Map();
  for (let i = 0; i < module.getNumExports(); i++) {
    const { kind, name, value } = binaryen.getExportInfo(module.getExportByIndex(i));
    if (kind === binaryen.ExternalFunction && !UNCHECKED.has(name)) checks.set(value, NEED_LITTLE.has(name) ? CHECK_SMALL : CHECK_CALL);
  }
  module.addGlobal(CHECKING, i32, true, module.i32.const(0));
  module.addGlobalExport(CHECKING, CHECKING);
  addVectors(module, pointer);
  addCheck(module, CHECK_CALL, CALL, pointer);
  addCheck(module, CHECK_SMALL, SMALL, pointer);
  module.addFunctionExport(CHECK_SMALL, CHECK_SMALL);
  const set = (value) => module.global.set(CHECKING, module.i32.const(value));
  for (const [name, check] of checks) {
    const found = binaryen.Function(module.getFunction(name));
    const { body, results } = binaryen.getFunctionInfo(found.valueOf());
    found.body = module.block(null, [set(1), module.call(check, [], none), set(0), body], results);
  }
}

/** The bytes of the binary with the checks. */
export function withStackChecks(bytes) {
  const module = binaryen.readBinary(bytes);
  addStackChecks(module);
  if (!module.validate()) throw new Error('checking the stack made an invalid module');
  const checked = module.emitBinary();
  module.dispose();
  return checked;
}
