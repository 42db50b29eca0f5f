// Where what is added to a list of modules or parameters goes, without counting at every append how many there are.
import { isDone } from './fields';
import { listOf, type MemberOwner } from './members';

/** A list of members under numbers. */
type List = MemberOwner & { readonly length: number };

/** What the last append left behind. */
interface End {
  /** How many members there were, of any kind and deleted ones too. */
  readonly members: number;
  /** The position after the last. */
  readonly position: number;
  /** How many there were when they were last counted. */
  readonly counted: number;
}

const ends = new WeakMap<List, End>();

/**
 * Shorter lists are counted at each append, longer ones when they have grown by an eighth. Counting finds what was deleted, or set as a
 * property, without a word to anyone, and takes time for every member: at each append, 100,000 of them would take hours.
 */
const COUNT_BELOW = 256;

/** The position after the last of `list`. */
export function endOf(list: List): number {
  const end = ends.get(list);
  const isKnown = end !== undefined && end.members === listOf(list).length && !Object.hasOwn(list, end.position);
  if (!isKnown || end.position < COUNT_BELOW || end.position > end.counted * 1.125) {
    const { length } = list;
    setEnd(list, length, length);
    return length;
  }
  // What so much is appended to is no longer under construction, and is not to be searched for fields whenever a module is made.
  isDone(list);
  return end.position;
}

/** Notes that `position` is the one after the last of `list`, to which members were appended. */
export function appended(list: List, position: number): void {
  setEnd(list, position, ends.get(list)?.counted ?? 0);
}

function setEnd(list: List, position: number, counted: number): void {
  ends.set(list, { members: listOf(list).length, position, counted });
}
