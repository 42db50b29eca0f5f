// Tensors that belong to no scope. They are handed to a FinalizationRegistry when the synchronous run is over; until then no finaliser
// could run anyway, and what was disposed by then never costs a registration.
import { holdForJob } from './graph-table';
import { isShort, releaseSoon } from './last-error';
import { leaks } from './leak-watch';
import { UNSCOPED, extraOf, innermost, setInnermost, topList, type Held, type Owned } from './owner';
import { isStarted, release, scopeEnter, wasm } from './wasm';

/** How many tensors outside scopes lie between two looks at memory. */
const LOOK_EVERY = 64;
/** The length at which the list of tensors outside scopes is first searched for those that were disposed meanwhile. */
const COMPACT_AT = 4096;

/** Unscoped tensors of this run. */
const outside: Owned[] = [];
let compactAt = COMPACT_AT;
/** The length of that list at which memory is looked at, and the list tidied if it is long. */
let outsideDue = 1;

/** What is watched for tensors that belong to no scope. */
let unscoped: Set<Owned> | null = null;

/** Runs `fn` outside of every scope and adds to `made` the tensors it makes. */
export function outsideScopes<T>(made: Set<Owned>, fn: () => T): T {
  const before = [unscoped, innermost()] as const;
  unscoped = made;
  setInnermost(null);
  scopeEnter(0);
  try {
    return fn();
  } finally {
    unscoped = before[0];
    setInnermost(before[1]);
    scopeEnter(topList());
  }
}

/** Puts a tensor that no scope may release on the list of those the garbage collector watches. */
export function trackForFinalization(t: Owned): void {
  if (unscoped !== null) unscoped.add(t);
  if (outside.push(t) >= outsideDue) lookOutside();
}

/** Drops what was disposed meanwhile, or belongs to a scope now, from the list; the length that is left. */
function tidyOutside(): number {
  let n = 0;
  for (const t of outside) if (t._handle > 0 && t._owner === UNSCOPED) outside[n++] = t;
  outside.length = n;
  return n;
}

/** One of these tensors of which `matches` says yes. */
export function findOutside(matches: (t: Owned) => boolean): Owned | null {
  return outside.find(matches) ?? null;
}

function lookOutside(): void {
  if (outside.length === 1) {
    holdForJob();
    queueMicrotask(endOfRun);
    growth.start();
  } else {
    if (outside.length >= compactAt) compactAt = Math.max(COMPACT_AT, 2 * tidyOutside());
    growth.look();
  }
  outsideDue = outside.length + LOOK_EVERY;
}

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Held>(letGo);

/** Releases what a tensor held that was collected; nothing the second time. */
function letGo(held: Held): void {
  if (held.handle <= 0 || !isStarted()) return;
  const { handle } = held;
  held.handle = 0;
  release(handle);
  holdForJob();
  if (leaks !== null) leaks.gone(undefined, handle);
}

function endOfRun(): void {
  for (const t of outside) {
    if (t._handle <= 0 || t._owner !== UNSCOPED || registry === null) continue;
    const extra = extraOf(t);
    if (extra.held !== null) continue;
    const held: Held = { handle: t._handle };
    extra.held = held;
    registry.register(t, held);
    if (isShort()) releaseSoon(t, () => { letGo(held); });
  }
  outside.length = 0;
  compactAt = COMPACT_AT;
  outsideDue = 1;
}

/** Says once that memory keeps growing where nothing can release it. */
const growth = (() => {
  const LOOKS = 16;
  const BYTES = 64 * 2 ** 20;
  let first = 0;
  let last = 0;
  let rises = 0;
  let warned = false;
  return {
    start(): void {
      if (warned || !isStarted()) return;
      first = last = wasm().live_bytes();
      rises = 0;
    },
    look(): void {
      if (warned || innermost() !== null) return;
      const bytes = wasm().live_bytes();
      rises = bytes > last ? rises + 1 : 0;
      if (rises === 0) first = bytes;
      last = bytes;
      if (rises < LOOKS || bytes - first < BYTES) return;
      warned = true;
      console.warn(
        `adjoint: memory grew by ${Math.round((bytes - first) / 2 ** 20)} MB in one synchronous run outside any scope. ` +
          'Tensors are released by scope(() => …), `using s = new Scope()` or dispose(); garbage collection cannot run in between.',
      );
    },
  };
})();
