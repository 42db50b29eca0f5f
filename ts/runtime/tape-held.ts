// Tensors that the tape holds: what a custom function leaves on its context, what hooks on saved tensors packed.
import { UNSCOPED, innermost, scopeOf, type Owned, type Owner } from './owner';
import { give, giveTo, untrack } from './ownership';
import { keptOf } from './tensors-in';
import { trackForFinalization } from './unscoped';

/** Tensors that the tape holds, with how many times it does and whose they are once it does no longer: null where they were made for it. */
export const onTape = new Map<Owned, { holders: number; owner: Owner | null }>();

/**
 * Hands the tensors in `value`, which `where` gave, over to the tape: no scope releases them until the function that is returned is
 * called, which gives them back to their scope or, where that is over or they were `made` for the tape, releases them. Where there
 * are none in it, `value` names something that is kept elsewhere: all of `made` may be that. The rest of `made` is the current scope's, and
 * those of `except` stay whose they are.
 */
export function handToTape(where: string, value: unknown, made: ReadonlySet<Owned>, except: readonly Owned[] = []): () => void {
  const held: Owned[] = [];
  const found = [...(keptOf(where, value) ?? [])];
  // Outside of scopes nothing would release what is kept elsewhere.
  for (const t of found.length > 0 ? found : innermost() !== null ? made : []) {
    if (except.includes(t)) continue;
    const known = onTape.get(t);
    if (known !== undefined) known.holders += 1;
    else if (t._handle > 0 && t._extra?.kept !== true && t._extra?.isGrad !== true && (t._owner !== UNSCOPED || made.has(t))) {
      onTape.set(t, { holders: 1, owner: !made.has(t) ? t._owner : found.length > 0 ? null : innermost() });
      untrack(t);
    } else continue;
    held.push(t);
  }
  if (innermost() !== null) for (const t of made) if (t._owner === UNSCOPED && t._handle > 0 && t._extra?.kept !== true && !onTape.has(t)) give(t);
  return () => {
    for (const t of held) {
      const taped = onTape.get(t)!;
      if ((taped.holders -= 1) > 0) continue;
      const { owner } = taped;
      onTape.delete(t);
      // Disposed of or kept by the program meanwhile, it is not the tape's any more.
      if (t._handle <= 0 || t._owner !== UNSCOPED || t._extra?.kept === true) continue;
      if (owner === UNSCOPED) trackForFinalization(t);
      else if (owner !== null && !owner.isOver) giveTo(scopeOf(owner)!, t);
      else t.dispose();
    }
  };
}
