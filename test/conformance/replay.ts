// Replays one sample: values, gradients, gradients of gradients, forward mode; and the other forms of the call.
import { type Tensor, forwardAd, grad, scope } from 'adjoint';
import { compareGradient, compareOutput, toleranceOf } from './compare';
import { decode, tensorOf, type Call, type Mode } from './decode';
import { outputsOf, type Form } from './forms';
import { POSTS } from './posts';
import type { Encoded, Group, Sample, TensorSpec, Tolerance } from './vectors';

/** What is compared with the vectors. */
export type Part = 'values' | 'gradients' | 'forward';

/** Everything that is wrong with a sample, in words. */
export function replay(form: Form, sample: Sample, mode: Mode, part: Part): string[] {
  return guarded(() => {
    if (part === 'forward') return forwardMode(form, sample, mode);
    const call = decode(sample, mode);
    const outputs = afterwards(sample, form(call.args, call.kwargs));
    const wrong = compareOutputs(sample, outputs, mode);
    return part === 'values' || wrong.length > 0 ? wrong : gradients(sample, call, outputs, mode);
  });
}

/** The in-place form on a copy of the first argument: the same values, in that tensor, and the same gradients. */
export function replayInPlace(form: Form, sample: Sample, mode: Mode): string[] {
  return guarded(() => {
    const call = decode(sample, mode);
    const target = (call.args[0] as Tensor).clone();
    const result = form([target, ...call.args.slice(1)], call.kwargs);
    if (result !== target) return ['it does not return its first argument'];
    const wrong = compareOutputs(sample, [target], mode);
    return wrong.length > 0 ? wrong : gradients(sample, call, [target], mode, false);
  });
}

function guarded(run: () => string[]): string[] {
  try {
    return scope(run);
  } catch (error) {
    return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
  }
}

function afterwards(sample: Sample, result: unknown): unknown[] {
  const outputs = outputsOf(result);
  return sample.post === undefined ? outputs : POSTS[sample.post]!(outputs as Tensor[]);
}

function specs(value: unknown, found: TensorSpec[] = []): TensorSpec[] {
  if (typeof value !== 'object' || value === null) return found;
  if ('tensor' in value) found.push(value.tensor as TensorSpec);
  else for (const part of Object.values(value)) specs(part, found);
  return found;
}

function tolerance(sample: Sample, mode: Mode, group: Group): Tolerance {
  const isSingle = specs([sample.args, sample.kwargs, sample.outputs]).some(({ dtype }) => dtype === 'float32');
  return toleranceOf(mode, isSingle, sample.tol32?.[group]);
}

const isIndex = (e: Encoded): boolean => typeof e === 'object' && e !== null && 'tensor' in e && (e['tensor'] as TensorSpec).dtype === 'int64';

function compareOutputs(sample: Sample, outputs: readonly unknown[], mode: Mode): string[] {
  if (outputs.length !== sample.outputs.length) return [`expected ${sample.outputs.length} outputs, got ${outputs.length}`];
  return sample.outputs
    .map((expected, i) => {
      const wrong = compareOutput(outputs.length === 1 ? 'output' : `output ${i}`, outputs[i], expected, mode, tolerance(sample, mode, 'outputs'));
      // Which of equal elements is chosen is not promised.
      return wrong !== null && sample.tags?.includes('ties') === true && isIndex(expected) ? null : wrong;
    })
    .filter((wrong) => wrong !== null);
}

/** Whether other elements were chosen among equal ones, whose gradients are then not comparable. */
function choseOthers(sample: Sample, outputs: readonly unknown[], mode: Mode): boolean {
  if (sample.tags?.includes('ties') !== true) return false;
  return sample.outputs.some((e, i) => isIndex(e) && compareOutput('', outputs[i], e, mode, { rtol: 0, atol: 0 }) !== null);
}

function gradients(sample: Sample, call: Call, outputs: readonly unknown[], mode: Mode, twice = true): string[] {
  if (sample.grads === undefined || choseOthers(sample, outputs, mode)) return [];
  const paths = Object.keys(sample.grads);
  const leaves = paths.map((path) => call.leaves.get(path)!);
  const cotangents = Object.entries(sample.cotangents ?? {}).map(([i, spec]) => [Number(i), tensorOf(spec, mode)] as const);
  const wanted = cotangents.filter(([i]) => (outputs[i] as Tensor).requiresGrad);
  const again = twice && sample.gradgrads !== undefined;
  if (again) for (const [, cotangent] of wanted) cotangent.requiresGrad_();
  const roots = wanted.map(([i]) => outputs[i] as Tensor);
  const vectors = wanted.map(([, cotangent]) => cotangent);
  const got = roots.length === 0 ? leaves.map(() => null) : grad(roots, leaves, { gradOutputs: vectors, createGraph: again, allowUnused: true });
  const wrong = paths
    .map((path, i) => compareGradient(`grad of ${path}`, got[i]!, sample.grads![path]!, mode, tolerance(sample, mode, 'grads')))
    .filter((w) => w !== null);
  return wrong.length > 0 || !again ? wrong : gradgrads(sample, paths, leaves, wanted, got, mode);
}

function gradgrads(
  sample: Sample,
  paths: readonly string[],
  leaves: readonly Tensor[],
  cotangents: readonly (readonly [number, Tensor])[],
  firsts: readonly (Tensor | null)[],
  mode: Mode,
): string[] {
  const pairs = paths.flatMap((path, i) => {
    const v = sample.v?.[path];
    const g = firsts[i] ?? null;
    return v === undefined || g === null || !g.requiresGrad ? [] : [[g, tensorOf(v, mode)] as const];
  });
  const inputs = [...leaves, ...cotangents.map(([, c]) => c)];
  const got =
    pairs.length === 0
      ? inputs.map(() => null)
      : grad(pairs.map(([g]) => g), inputs, { gradOutputs: pairs.map(([, v]) => v), allowUnused: true });
  const within = tolerance(sample, mode, 'gradgrads');
  const ofInputs = Object.entries(sample.gradgrads ?? {}).map(([path, expected]) =>
    compareGradient(`gradgrad of ${path}`, got[paths.indexOf(path)] ?? null, expected, mode, within),
  );
  const ofCotangents = Object.entries(sample.gradgradCotangents ?? {}).map(([i, expected]) => {
    const at = cotangents.findIndex(([output]) => output === Number(i));
    return compareGradient(`gradgrad of the cotangent ${i}`, at < 0 ? null : got[leaves.length + at]!, expected, mode, within);
  });
  return [...ofInputs, ...ofCotangents].filter((w) => w !== null);
}

/** Forward mode: the tangents of the outputs along `v` are the gradient of `<grad, v>` with respect to the cotangents. */
function forwardMode(form: Form, sample: Sample, mode: Mode): string[] {
  if (sample.gradgradCotangents === undefined) return [];
  return forwardAd.dualLevel(() => {
    const call = decode(sample, mode, (spec, path) => {
      const t = tensorOf(spec, mode);
      const v = sample.v?.[path];
      if (v === undefined) return t;
      // A window on its own storage stays one, so that strided inputs are run as such.
      return forwardAd.makeDual(t.detach(), tensorOf(v, mode));
    });
    const outputs = afterwards(sample, form(call.args, call.kwargs));
    if (choseOthers(sample, outputs, mode)) return [];
    const within = tolerance(sample, mode, 'gradgrads');
    return Object.entries(sample.gradgradCotangents!)
      .map(([i, expected]) => {
        const { tangent } = forwardAd.unpackDual(outputs[Number(i)] as Tensor);
        return compareGradient(`tangent of output ${i}`, tangent, expected, mode, within);
      })
      .filter((w) => w !== null);
  });
}

