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

/** Lists that were appended to without being counted, and not read by number since. */
const uncounted = new WeakSet<List>();

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
  uncounted.add(list);
  return end.position;
}

/**
 * Whether members of `list` were deleted since it was looked at. Of longer lists, which a look at each read would make slow, only the
 * first read after an append is answered; a member that was deleted since is found by whatever looks at all of them.
 */
export function hasGone(list: List): boolean {
  const members = listOf(list);
  if (members.length >= COUNT_BELOW && !uncounted.delete(list)) return false;
  return members.some(({ name }) => !Object.hasOwn(list, name));
}

/** Notes that `position` is the one after the last of `list`, to which members were appended. */
export function appended(list: List, position: number): void {
  setEnd(list, position, ends.get(list)?.counted ?? 0);
}

function setEnd(list: List, position: number, counted: number): void {
  ends.set(list, { members: listOf(list).length, position, counted });
}
