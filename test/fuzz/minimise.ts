// Makes the program of a finding smaller for as long as the finding stays.
import { keyOf, type Finding } from './finding';
import { type FunctionSpec, type Program, type Step, type TensorSpec, type Value } from './program';

/** How long to try, in milliseconds. */
const BUDGET = 4000;

/** The smallest program found that has the finding; `find` runs one. */
export async function minimise(finding: Finding, find: (program: Program) => Promise<Finding | null>, budget = BUDGET): Promise<Finding> {
  const key = keyOf(finding);
  const until = performance.now() + budget;
  let best = finding;
  const attempt = async (program: Program): Promise<boolean> => {
    if (performance.now() > until) return false;
    const found = await find(program);
    if (found === null || keyOf(found) !== key) return false;
    best = found;
    return true;
  };
  for (let size = Math.ceil(best.program.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = Math.max(best.program.length - size, 0); at >= 0; at -= size) await attempt(without(best.program, at, size));
  }
  for (let index = best.program.length - 1; index >= 0; index--) {
    for (let isSmaller = true; isSmaller; ) {
      isSmaller = false;
      for (const step of smallerSteps(best.program[index]!)) {
        if (performance.now() > until) return best;
        if (await attempt(best.program.map((old, i) => (i === index ? step : old)))) {
          isSmaller = true;
          break;
        }
      }
    }
  }
  return best;
}

/** The program without some steps; what they gave is undefined for the others. */
function without(program: Program, at: number, count: number): Program {
  const moved = (ref: number): Value => (ref >= at && ref < at + count ? { special: 'undefined' } : { ref: ref >= at + count ? ref - count : ref });
  const value = (old: Value): Value => {
    if (typeof old !== 'object' || old === null) return old;
    if ('ref' in old) {
      const to = moved(old.ref);
      return typeof to === 'object' && to !== null && 'ref' in to ? { ...old, ...to } : to;
    }
    if ('list' in old) return { list: old.list.map(value) };
    if ('iterable' in old) return { iterable: old.iterable.map(value) };
    if ('object' in old) return { object: Object.fromEntries(Object.entries(old.object).map(([name, part]) => [name, value(part)])) };
    return old;
  };
  return [...program.slice(0, at), ...program.slice(at + count)].map((step): Step => {
    if ('make' in step) return { make: value(step.make) };
    if ('dispose' in step) return { dispose: value(step.dispose) };
    if ('fill' in step) return step;
    return { ...step, ...(step.on === undefined ? {} : { on: value(step.on) }), args: step.args.map(value) };
  });
}

function* smallerSteps(step: Step): Generator<Step> {
  if ('make' in step) for (const make of smaller(step.make)) yield { make };
  if (!('call' in step)) return;
  const { under, ...plain } = step;
  if (under !== undefined) yield plain;
  if (step.args.length > 0) yield { ...step, args: step.args.slice(0, -1) };
  for (const [i, arg] of step.args.entries()) for (const other of smaller(arg)) yield { ...step, args: step.args.map((old, j) => (i === j ? other : old)) };
  if (step.on !== undefined) for (const on of smaller(step.on)) yield { ...step, on };
}

/** Values that say less. */
function* smaller(value: Value): Generator<Value> {
  if (typeof value !== 'object' || value === null) return;
  if ('tensor' in value) for (const tensor of smallerTensors(value.tensor)) yield { tensor };
  else if ('fn' in value) for (const fn of smallerFunctions(value.fn)) yield { fn };
  else if ('list' in value || 'iterable' in value) {
    const parts = 'list' in value ? value.list : value.iterable;
    const put = (list: readonly Value[]): Value => ('list' in value ? { list } : { iterable: list });
    for (const i of parts.keys()) yield put(parts.filter((_, j) => j !== i));
    for (const [i, part] of parts.entries()) for (const other of smaller(part)) yield put(parts.map((old, j) => (i === j ? other : old)));
  } else if ('object' in value) {
    const members = Object.entries(value.object);
    for (const [name] of members) yield { object: Object.fromEntries(members.filter(([other]) => other !== name)) };
    for (const [name, part] of members) for (const other of smaller(part)) yield { object: { ...value.object, [name]: other } };
  }
}

function* smallerTensors(spec: TensorSpec): Generator<TensorSpec> {
  if (spec.layout !== 'dense') yield { ...spec, layout: 'dense' };
  if (spec.requiresGrad) yield { ...spec, requiresGrad: false };
  if (spec.fill === 'edge') yield { ...spec, fill: 'small' };
  if (spec.seed !== 0) yield { ...spec, seed: 0 };
  if (spec.dtype !== 'float32') yield { ...spec, dtype: 'float32' };
  for (const i of spec.shape.keys()) yield { ...spec, shape: spec.shape.filter((_, j) => j !== i) };
  for (const [i, size] of spec.shape.entries()) if (size > 1) yield { ...spec, shape: spec.shape.map((old, j) => (i === j ? size - 1 : old)) };
}

function* smallerFunctions(spec: FunctionSpec): Generator<FunctionSpec> {
  if (spec.body.length > 0) yield { body: [], gives: { parameter: 0 } };
  if (spec.body.length > 1) yield { body: spec.body.slice(0, -1), gives: { ref: spec.body.length - 2 } };
}
