// When the fields of modules are looked at. JavaScript defines the fields of a class past every accessor and says nothing when a
// constructor is done, so modules wait here after their construction has begun; whatever comes first has them looked at: the next
// tensor that is made, any question about a module, or the end of the synchronous job.
//
// What this leaves open: in one run without any of these, the field that was set last may be overwritten with something that
// existed before. Definitions pass every accessor, so nothing can tell that from a field that never held a module; watching
// fields that are declared and not set yet costs objects their fast form, and every read of a member 200 times its time. PyTorch
// would refuse it.
import { beforeNextTensors } from '../runtime/tensors-made';

/** How many modules wait at most. Those that others hold are done; more than a few at once are no parts of one another. */
const MOST = 8;
/** A constructor of ours makes at most this many tensors after its last parameter. */
const TENSORS = 3;

interface Waiting {
  readonly owner: object;
  /** Whether there was anything in its fields. */
  found: boolean;
  /** Whether a constructor of ours makes what it registers just now. */
  isBusy: boolean;
}

const waiting: Waiting[] = [];
let look: (owner: never) => boolean = () => false;
/** Classes of which an instance was done and had nothing in fields: the constructors of all of ours register what they hold. */
const quiet = new WeakSet();

function lookAtAll(): void {
  for (const entry of [...waiting]) if (!entry.isBusy && look(entry.owner as never)) entry.found = true;
}

function leave(at: number): void {
  const [{ owner, found }] = waiting.splice(at, 1) as [Waiting];
  if (!found && !look(owner as never)) quiet.add(owner.constructor);
}

function endOfJob(): void {
  while (waiting.length > 0) leave(0);
}

let isCopying = false;

/** Runs `make`, which makes an object whose constructor does not run, so that there are no fields to look for. */
export function withoutFields<T>(make: () => T): T {
  isCopying = true;
  try {
    return make();
  } finally {
    isCopying = false;
  }
}

/** Runs `make`, a part of a constructor of ours that registers what it makes and sets no field of `owner`, which is not looked at meanwhile. */
export function unwatched(owner: object, make: () => void): void {
  const entry = waiting.find((each) => each.owner === owner);
  if (entry === undefined) {
    make();
    return;
  }
  entry.isBusy = true;
  try {
    make();
  } finally {
    entry.isBusy = false;
  }
}

/** Has `lookAt` called with `owner`, whose construction has begun, soon and perhaps often; it says whether it found anything. */
export function noteFields<T extends object>(owner: T, lookAt: (owner: T) => boolean): void {
  if (isCopying) return;
  if (quiet.has(owner.constructor)) {
    noteValue();
    return;
  }
  look = lookAt;
  lookAtAll();
  if (waiting.length === 0) queueMicrotask(endOfJob);
  // The first is perhaps what all the others are parts of.
  else if (waiting.length === MOST) leave(1);
  waiting.push({ owner, found: false, isBusy: false });
  noteValue();
}

/** Something was made that a field may hold. */
export function noteValue(): void {
  if (waiting.length === 0) return;
  lookAtAll();
  beforeNextTensors(TENSORS, lookAtAll);
}

/** `owner` is held by another: its constructor is done. */
export function isDone(owner: object): void {
  if (waiting.length === 0) return;
  const at = waiting.findIndex((entry) => entry.owner === owner);
  if (at >= 0) leave(at);
}
