// Which tensors a call may write.
import { Tensor } from 'adjoint';
import { membersOf, tensorsIn } from './check';
import { type Step } from './program';

/** What a call may write now, and what it may hand to something that writes it later. */
export interface Writes {
  readonly now: readonly Tensor[];
  readonly later: readonly Tensor[];
}

/** The arguments that make functions write into tensors they are given. */
const WRITING = ['inplace', 'maxNorm', 'training', 'runningMean'];

export function writesOf({ call, how, under }: Extract<Step, { call: string }>, on: unknown, args: readonly unknown[]): Writes {
  const given = [...tensorsIn([on, ...args]).keys()];
  const isInPlace = /_$|^setitem$/.test(call);
  // Functions and instances know tensors of their own, and may keep what they are given; a transform may run the call again.
  const isKept = how === 'new' || how === 'set' || [on, ...args].some((value) => mayKeep(value)) || (isInPlace && under !== undefined);
  if (isKept) return { now: given, later: given };
  if (how === 'method') return { now: isInPlace && on instanceof Tensor ? [on] : [], later: [] };
  const mayWrite = isInPlace || /batchNorm|instanceNorm|vectorTo/.test(call) || (/^nn\.functional\.|dropout/.test(call) && args.some(asksToWrite));
  return { now: mayWrite ? given : [], later: [] };
}

/** Whether it is or holds a function or an instance: in lists, and in objects of lists, as functions by name are. */
function mayKeep(value: unknown, depth = 0): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null || value instanceof Tensor || ArrayBuffer.isView(value)) return false;
  if (Array.isArray(value)) return depth < 2 && value.some((part) => mayKeep(part, depth + 1));
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) return true;
  return depth < 2 && membersOf(value).some(([, part]) => mayKeep(part, depth + 1));
}

function asksToWrite(value: unknown): boolean {
  return value === true || (typeof value === 'object' && value !== null && WRITING.some((name) => name in value));
}
