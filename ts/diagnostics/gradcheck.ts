// Derivatives held against finite differences: PyTorch's torch.autograd.gradcheck and gradgradcheck.
import { grad } from '../autograd/autograd';
import { ours } from '../core/describe';
import { AutogradError, UsageError } from '../core/errors';
import { anything, boolean, callable, number, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated, type Values as Given } from '../core/options';
import { stack } from '../generated/functions';
import { scope } from '../runtime/scope';
import { Tensor } from '../tensor/tensor';
import { tensors } from '../tensor/tensor-kinds';
import { checkBatchedForwardGrad, checkBatchedGrad } from './gradcheck/batched';
import { GradcheckError } from './gradcheck/error';
import { checkUndefinedGrad } from './gradcheck/undefined-grad';
import { Directions, dot, unit, type Values } from './gradcheck/directions';
import { forward, numeric, outputsOf, reverse, type Call } from './gradcheck/jacobians';
import { mismatch, type Tolerances } from './gradcheck/report';

/** How derivatives are checked. */
export interface GradcheckOptions {
  /** The step of the finite differences. */
  eps?: number;
  /** The difference allowed, absolutely… */
  atol?: number;
  /** … and relatively to the numerical value. */
  rtol?: number;
  /** Whether a mismatch is thrown; else the result is false. */
  raiseException?: boolean;
  /** How far two runs of backward may differ. */
  nondetTol?: number;
  /** Whether forward mode is checked as well. */
  checkForwardAd?: boolean;
  /** Whether reverse mode is checked. */
  checkBackwardAd?: boolean;
  /** Whether one random direction is checked instead of every element. */
  fastMode?: boolean;
}

/** What is checked, and where. */
export interface Checked {
  /** The function, of tensors and whatever else. */
  func: (...inputs: never[]) => unknown;
  /** Its arguments, or the one it has. */
  inputs: Tensor | readonly unknown[];
}

/** What both checks take besides. */
export interface FurtherChecks {
  /**
   * Whether derivatives are asked what they give where an output has no gradient, and the others have zeros: zeros, or nothing. True by
   * default.
   */
  checkUndefinedGrad?: boolean;
  /** Whether gradients must have the dtypes of their inputs. */
  checkGradDtypes?: boolean;
  /** Whether backward passes of several gradients at once, by vmap, are checked as well. */
  checkBatchedGrad?: boolean;
  /** Of effect for sparse tensors, which there are none of. */
  masked?: boolean | null;
}

const TOLERANCES = () => ({
  eps: number.or(1e-6),
  atol: number.or(1e-5),
  rtol: number.or(1e-3),
  raiseException: boolean.or(true),
  nondetTol: number.or(0),
});

const FURTHER = (): Kinds<FurtherChecks> => ({
  checkUndefinedGrad: boolean.or(true),
  checkGradDtypes: boolean.or(false),
  checkBatchedGrad: boolean.or(false),
  masked: boolean.orNull(),
});

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

function differentiable(where: string, inputs: readonly unknown[]): number[] {
  const found: number[] = [];
  inputs.forEach((t, i) => {
    ours(where, t);
    if (!(t instanceof Tensor) || !t.requiresGrad) return;
    if (t.dtype !== 'float64') {
      console.warn(
        `adjoint: ${where}: input #${i} requires gradient and is not a double precision floating point tensor but ${t.dtype}. ` +
          'The check will likely fail unless all inputs are float64.',
      );
    }
    if (t.stride().some((s, d) => s === 0 && t.size(d) > 1)) {
      throw new AutogradError(`${where}: input ${i} has a dim with stride 0, so its elements overlap; clone() it first`, where);
    }
    found.push(i);
  });
  if (found.length === 0) {
    throw new UsageError(
      `${where}: expects at least one input tensor to require gradient, but none of them have requiresGrad=true`,
      where,
    );
  }
  return found;
}

/**
 * Checks the gradients of `func` at `inputs` (a tensor, or the list of arguments) against central finite differences, for
 * every output and every input that requires grad. Returns true, or throws a GradcheckError that names the output, the input
 * and the worst element and shows both Jacobians; with `raiseException: false` it returns false.
 *
 * Use float64: in float32 the rounding of the differences is larger than the tolerances. `fastMode` checks the product with
 * one random direction on either side, which takes one backward pass and not one an element.
 */
export const gradcheck: Stated & ((...args: Arguments<Checked & GradcheckOptions & FurtherChecks & { checkBatchedForwardGrad?: boolean }, ['func', 'inputs']>) => boolean) =
  /* @__PURE__ */ named(
    /* @__PURE__ */ parameters<Checked & GradcheckOptions & FurtherChecks & { checkBatchedForwardGrad?: boolean }>(
      'gradcheck',
      () => ({
        func: callable,
        inputs: anything,
        ...TOLERANCES(),
        checkBatchedForwardGrad: boolean.or(false),
        checkForwardAd: boolean.or(false),
        checkBackwardAd: boolean.or(true),
        fastMode: boolean.or(false),
        ...FURTHER(),
      }),
      13,
    ),
    ({ func, inputs, ...settings }) => checkFirst(func, list(inputs), settings),
  );

function checkFirst(func: (...inputs: never[]) => unknown, given: readonly unknown[], settings: Settings): boolean {
  const wanted = differentiable('gradcheck', given);
  const call: Call = { func: func as (...inputs: unknown[]) => unknown, inputs: given, wanted };
  try {
    check(call, settings);
    return true;
  } catch (error) {
    if (error instanceof GradcheckError && !settings.raiseException) return false;
    throw error;
  }
}

type Settings = Given<GradcheckOptions & FurtherChecks & { checkBatchedForwardGrad?: boolean }>;

function check(call: Call, settings: Settings): void {
  for (const [asked, needed] of [['checkBatchedForwardGrad', 'checkForwardAd'], ['checkBatchedGrad', 'checkBackwardAd']] as const) {
    if (settings[asked] && !settings[needed]) throw new UsageError(`gradcheck: ${asked} needs ${needed}`, 'gradcheck');
  }
  const outputs = outputsOf(call.func(...call.inputs));
  // Integers have no derivative, so there is nothing that could be wrong.
  if (outputs.length === 0) return;
  const sizes = { outputs: outputs.map((t) => t.numel()), inputs: call.wanted.map((i) => (call.inputs[i] as Tensor).numel()) };
  checkFurther(call, outputs, settings);
  if (settings.fastMode && isRightAlong(call, outputs, sizes, settings)) return;
  const expected = numeric(call, settings.eps);
  const tolerances: Tolerances = settings;
  const compare = (found: Values[][], mode: string): void => {
    found.forEach((blocks, o) => { blocks.forEach((analytical, k) => {
        const problem = mismatch(expected[o]![k]!, analytical, sizes.inputs[k]!, sizes.outputs[o]!, tolerances);
        if (problem === null) return;
        const input = call.wanted[k]!;
        throw new GradcheckError(
          `Jacobian ${mode}mismatch for output ${o} with respect to input ${input},\n${problem.text}`,
          'gradcheck',
          { output: o, input, ...problem.details },
        );
      }); },
    );
  };
  if (settings.checkBackwardAd) {
    const found = reverse(call, outputs);
    compare(found, '');
    const again = reverse(call, outputs);
    found.forEach((blocks, o) => { blocks.forEach((values, k) => { checkSame(values, again[o]![k]!, settings.nondetTol); }); });
  }
  if (settings.checkForwardAd) compare(forward(call), 'computed with forward mode ');
  if (settings.fastMode) {
    throw new GradcheckError('gradcheck: the fast mode found a mismatch that the slow mode does not; the tolerances are at their limit', 'gradcheck');
  }
}

function checkFurther(call: Call, outputs: readonly Tensor[], settings: Settings): void {
  if (settings.checkGradDtypes && settings.checkBackwardAd) checkDtypes(call, outputs);
  if (settings.checkUndefinedGrad && settings.checkBackwardAd) checkUndefinedGrad(call, outputs);
  if (settings.checkBatchedGrad) checkBatchedGrad(call, outputs);
  if (settings.checkBatchedForwardGrad) checkBatchedForwardGrad(call);
}

function checkDtypes({ inputs, wanted }: Call, outputs: readonly Tensor[]): void {
  const xs = wanted.map((i) => inputs[i] as Tensor);
  outputs.forEach((out, o) => {
    if (!out.requiresGrad) return;
    scope(() => {
      grad(out, xs, { gradOutputs: out.newOnes(out.shape), retainGraph: true, allowUnused: true }).forEach((g, k) => {
        if (g === null || g.dtype === xs[k]!.dtype) return;
        throw new GradcheckError(`gradcheck: the gradient of output ${o} with respect to input ${wanted[k]!} has dtype ${g.dtype}, and the input ${xs[k]!.dtype}`, 'gradcheck');
      });
    });
  });
}

function checkSame(a: Values, b: Values, tolerance: number): void {
  for (let i = 0; i < a.length; i++) {
    if (Math.abs(a[i]! - b[i]!) <= tolerance || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    throw new GradcheckError(
      'gradcheck: backward is not reentrant: running it twice with the same input and gradient gives different values, ' +
        `${a[i]!} and ${b[i]!}, although the first match the numerical ones; the tolerance is nondetTol=${tolerance}`,
      'gradcheck',
    );
  }
}

/** Compares `vᵀ J u` for one direction `u` an input and `v` an output. */
function isRightAlong(call: Call, outputs: readonly Tensor[], sizes: { outputs: number[]; inputs: number[] }, settings: Settings): boolean {
  const random = new Directions();
  const v = sizes.outputs.map((n) => unit(random.values(n)));
  const u = sizes.inputs.map((n) => unit(random.values(n)));
  const changes = numeric(call, settings.eps, u);
  const isClose = (got: number, want: number): boolean => Math.abs(got - want) <= settings.atol + settings.rtol * Math.abs(want);
  const found: Values[][][] = [];
  if (settings.checkBackwardAd) found.push(reverse(call, outputs, v).map((blocks) => blocks.map((g, k) => Float64Array.of(dot(g, u[k]!)))));
  if (settings.checkForwardAd) found.push(forward(call, u).map((blocks, o) => blocks.map((t) => Float64Array.of(dot(t, v[o]!)))));
  return found.every((jacobians) =>
    jacobians.every((blocks, o) => blocks.every((value, k) => isClose(value[0]!, dot(changes[o]![k]!, v[o]!)))),
  );
}

/** How second derivatives are checked. */
export interface GradgradcheckOptions extends Omit<GradcheckOptions, 'checkForwardAd' | 'checkBackwardAd'> {
  /** Whether forward mode over reverse mode is checked as well. */
  checkFwdOverRev?: boolean;
  /** Whether reverse mode over reverse mode is checked. */
  checkRevOverRev?: boolean;
}

type GradgradArguments = Checked & GradgradcheckOptions & FurtherChecks & {
  /** The gradients of the outputs; random ones by default. */
  gradOutputs?: Tensor | readonly Tensor[] | null;
  /** Whether random gradients of outputs have gaps in memory. */
  genNonContigGradOutputs?: boolean;
};

/**
 * Checks the gradients of the gradients of `func`: `gradcheck` of the function that maps the inputs and the gradients of the
 * outputs, `gradOutputs` (random ones by default), to the gradients of the inputs.
 */
export const gradgradcheck: Stated & ((...args: Arguments<GradgradArguments, ['func', 'inputs', 'gradOutputs']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GradgradArguments>(
    'gradgradcheck',
    () => ({
      func: callable,
      inputs: anything,
      gradOutputs: tensors.orNull() as Kind<Tensor | readonly Tensor[] | null>,
      ...TOLERANCES(),
      genNonContigGradOutputs: boolean.or(false),
      checkFwdOverRev: boolean.or(false),
      checkRevOverRev: boolean.or(true),
      fastMode: boolean.or(false),
      ...FURTHER(),
    }),
    13,
  ),
  checkSecond,
);

function checkSecond({ func, inputs, gradOutputs, genNonContigGradOutputs, checkFwdOverRev, checkRevOverRev, ...settings }: Given<GradgradArguments>): boolean {
  const given = list(inputs);
  const wanted = differentiable('gradgradcheck', given);
  const run = (args: readonly unknown[]): Tensor[] => outputsOf((func as (...a: unknown[]) => unknown)(...args)).filter((t) => t.requiresGrad);
  const random = new Directions();
  const seeds =
    gradOutputs === null
      ? run(given).map((t) => (genNonContigGradOutputs ? withGaps(random.like(t)) : random.like(t)).requiresGrad_())
      : (list(gradOutputs) as readonly Tensor[]).map((t) => (t.requiresGrad ? t : t.detach().requiresGrad_()));
  const gradients = (...args: unknown[]): Tensor[] => {
    const own = args.slice(0, given.length);
    const found = grad(run(own), wanted.map((i) => own[i] as Tensor), {
      gradOutputs: args.slice(given.length) as Tensor[],
      createGraph: true,
      allowUnused: true,
    });
    return found.filter((g) => g !== null);
  };
  // As PyTorch: without gradients there is nothing to differentiate.
  if (scope(() => gradients(...given, ...seeds).length) === 0) return true;
  return checkFirst(gradients, [...given, ...seeds], { ...settings, checkBatchedForwardGrad: false, checkForwardAd: checkFwdOverRev, checkBackwardAd: checkRevOverRev });
}

/** The same elements, every other one in memory. */
function withGaps(t: Tensor): Tensor {
  return stack([t, t], -1).select(-1, 0).detach();
}
