// What a call that failed in Rust says, as the error the caller sees.
import * as glue from '../../dist/wasm/adjoint_wasm.js';
import { AdjointError, errorOf, type Failure } from '../core/errors';
import { leaks } from './leak-watch';

let thrownByCallback: { value: unknown } | null = null;

/** Remembers what a callback threw while Rust was running. */
export function rememberThrown(value: unknown): void {
  thrownByCallback = { value };
}

/** The error of the call that just failed; what a callback threw comes back as it was. */
export function lastError(): unknown {
  const text = glue.take_error();
  const thrown = thrownByCallback;
  thrownByCallback = null;
  if (text === '') return new AdjointError('a call failed without saying why; this is a bug, please report it');
  const failure = JSON.parse(text) as Failure;
  if (failure.code === 'OutOfMemoryError') {
    failure.message += ofNoScope(failure.details['unscopedTensors']!);
    collectSoon();
  }
  return failure.code === 'CallbackError' && thrown !== null ? thrown.value : errorOf(failure);
}

/** What an error for want of memory says of the tensors that no scope will release. */
function ofNoScope(count: string): string {
  const places = leaks?._unscoped() ?? '';
  const made = places === '' ? ' (trackLeaks() tells where they were made)' : `, most made: ${places}`;
  return count === '0' ? '' : `; ${count} tensors are outside any scope${made}`;
}

/** Takes so much memory, for nothing, that engines collect garbage. They do not fill it: it costs address space and less than a millisecond. */
function press(): void {
  try {
    for (let taken = 0; taken < 2 ** 30;) taken += new ArrayBuffer(2 ** 28).byteLength;
  } catch {
    // There is not even memory for that: the engine has collected.
  }
}

/** More bytes than there are: V8 collects all garbage, there and then, before it says that they cannot be had. Others say so at once. */
const TOO_MANY = 2 ** 46;

function collectNow(): void {
  press();
  try {
    new ArrayBuffer(TOO_MANY);
  } catch {
    // That is what was wanted of it.
  }
}

/** What was made in the run that is out of memory, by weak references, with how each is released. */
const loose: { readonly ref: WeakRef<object>; readonly letGo: () => void }[] = [];
let isPressing = false;

/** Whether memory ran out in this run. */
export function isShort(): boolean {
  return isPressing;
}

/** Has `letGo` called in the next task if `made`, to which nothing of the package refers, was collected by then. */
export function releaseSoon(made: object, letGo: () => void): void {
  loose.push({ ref: new WeakRef(made), letGo });
}

/**
 * Has garbage collected as soon as the synchronous run is over, and once more in the next task, for what an asynchronous function still
 * refers to at first. Engines do not see what tensors take, so without this those that nothing refers to would stay, and no call after the
 * first that ran out of memory would ever have some. Tensors of this run that were collected are released there and then; others when
 * the engine tells of them, some tasks later.
 */
function collectSoon(): void {
  if (isPressing) return;
  isPressing = true;
  queueMicrotask(press);
  // The sooner of the two, where there is one.
  const { setImmediate } = globalThis as { setImmediate?: (task: () => void) => unknown };
  (setImmediate ?? setTimeout)(() => {
    isPressing = false;
    collectNow();
    for (const { ref, letGo } of loose.splice(0)) if (ref.deref() === undefined) letGo();
  });
}

/** The result of a call that is a handle or a count, or throws what went wrong. */
export function checked(result: number): number {
  if (result < 0) throw lastError();
  return result;
}
