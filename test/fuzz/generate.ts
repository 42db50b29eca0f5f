// Draws the next step of a program.
import { type Callable, type Signatures } from './kinds';
import { Arguments } from './arguments';
import { Pool } from './pool';
import { CONTEXTS, type Step, type Value } from './program';
import { type Random } from './random';
import { Samples } from './samples';
import { drawTensor, drawTheme } from './shapes';

/** What is left out: it ends the instance that everything else is in, or gives a number that two runs need not share. */
const LEFT_OUT = new Set(['reset', 'init', 'dataPtr', 'errorOf', 'memoryStats', 'resetPeakMemory']);

/** What is the same for all programs. */
export interface Table {
  readonly signatures: Signatures;
  readonly samples: Samples;
  readonly classes: readonly [string, new () => object][];
  readonly functions: readonly Callable[];
  readonly methods: readonly Callable[];
  readonly members: readonly Callable[];
  readonly made: ReadonlyMap<string, Callable>;
}

export function tableOf(signatures: Signatures, classes: readonly [string, new () => object][]): Table {
  const callables = signatures.callables.filter(({ path }) => !LEFT_OUT.has(path));
  const made = callables.filter(({ how, path }) => how === 'new' && path !== 'Tensor');
  const isError = (path: string): boolean => path.endsWith('Error');
  return {
    signatures,
    samples: new Samples(),
    classes,
    functions: [...callables.filter(({ how }) => how === 'call'), ...made.filter(({ path }) => !isError(path))],
    methods: callables.filter(({ of }) => of === 'Tensor'),
    members: callables.filter(({ of }) => of !== 'Tensor' && of !== '' && !isError(of)),
    made: new Map(made.map((callable) => [callable.path, callable])),
  };
}

/** Draws a program step by step; each is run before the next is drawn. */
export class Writer {
  readonly steps: Step[] = [];
  readonly pool: Pool;
  private readonly arguments: Arguments;
  private depth = 0;

  constructor(private readonly table: Table, private readonly random: Random, private readonly runNow: (step: Step) => void) {
    this.pool = new Pool(table.classes);
    this.arguments = new Arguments(random, table.signatures, this.pool, (path) => this.instance(path), (first, others) => this.bodyStep(first, others));
  }

  /** The next step. */
  next(): Step {
    const { random } = this;
    this.arguments.theme = drawTheme(random);
    this.depth = 0;
    const way = random.weighted({ make: 6, dispose: 3, sample: 24, function: 30, method: 25, member: 12 });
    switch (way) {
      case 'make': return { make: { tensor: drawTensor(random, this.arguments.theme) } };
      case 'dispose': return { dispose: this.arguments.tensor() };
      case 'sample': return this.inContext(this.mutated(this.table.samples.draw(random)));
      case 'function': return this.inContext(this.stepOf(random.pick(this.table.functions)));
      case 'method': return this.inContext(this.stepOf(random.pick(this.table.methods)));
      case 'member': return this.memberStep();
    }
  }

  private inContext(step: Step): Step {
    if (!('call' in step) || (step.how !== 'call' && step.how !== 'method') || !this.random.chance(0.25)) return step;
    return { ...step, under: this.random.pick(CONTEXTS) };
  }

  private stepOf(callable: Callable, on?: Value): Step {
    const { path: call, how } = callable;
    const args = this.arguments.draw(this.random.pick(callable.overloads));
    if (how === 'call' || how === 'new') return { call, how, args };
    return { call, how, on: on ?? this.arguments.tensor(), args };
  }

  /** A call of a member of an instance that there is, or else of a new one. */
  private memberStep(): Step {
    const { random } = this;
    const there = [...this.pool.instances].filter(([, entries]) => entries.length > 0).map(([path]) => path);
    const of = there.length > 0 && random.chance(0.75) ? random.pick(there) : random.pick(this.table.members).of;
    const members = this.table.members.filter((member) => member.of === of);
    if (members.length === 0) return this.stepOf(random.pick(this.table.methods));
    return this.stepOf(random.pick(members), this.instance(of));
  }

  /** An instance of a class: one that there is, or a new one. */
  private instance(path: string): Value {
    const had = this.pool.instancesOf(path);
    if (had.length > 0 && this.random.chance(0.85)) return this.random.pick(had).ref;
    const constants = this.table.signatures.constants[path] ?? [];
    if (constants.length > 0 && this.random.chance(0.7)) return { constant: this.random.pick(constants) };
    const callable = this.table.made.get(this.table.made.has(path) && path !== 'nn.Module' ? path : this.derived(path));
    if (callable === undefined || this.depth > 2) return had.length > 0 ? this.random.pick(had).ref : null;
    this.depth += 1;
    const step = this.stepOf(callable);
    this.depth -= 1;
    this.runNow(step);
    return { ref: this.steps.length - 1 };
  }

  private derived(base: string): string {
    const made = this.table.classes.find(([path]) => path === base)?.[1];
    if (made === undefined) return base;
    const derived = this.table.classes.filter(([path, other]) => other.prototype instanceof made && this.table.made.has(path));
    return derived.length === 0 ? base : this.random.pick(derived)[0];
  }

  /** A sample with something else in the place of an argument. */
  private mutated(step: Extract<Step, { call: string }>): Step {
    const { random } = this;
    if (!random.chance(0.35)) return step;
    const args = [...step.args];
    if (args.length === 0) return step;
    const at = random.int(0, args.length - 1);
    const way = random.weighted({ other: 5, anything: 2, pop: 1, edge: 3 });
    if (way === 'pop') args.pop();
    else if (way === 'edge') args[at] = random.pick([2 ** 31, 2 ** 32, -(2 ** 31), -1, 0, 2 ** 53, 65536]);
    else args[at] = way === 'anything' ? this.arguments.anything() : this.arguments.tensor();
    return { ...step, args };
  }

  /** A call for the body of a function: mostly of tensor methods without arguments. */
  private bodyStep(first: Value, others: readonly Value[]): Step {
    const { random } = this;
    const on = first;
    if (random.chance(0.5)) return { call: random.pick(['add', 'mul', 'sub', 'div', 'matmul', 'maximum']), how: 'method', on, args: [random.chance(0.7) ? random.pick(others) : 2] };
    return { call: random.pick(['sin', 'exp', 'sum', 'clone', 'detach', 't', 'relu', 'cumsum', 'softmax', 'sort', 'mul_', 'unsqueeze', 'item', 'prod', 'float', 'view', 'norm']), how: 'method', on, args: random.chance(0.5) ? [random.int(-1, 1)] : [] };
  }
}
