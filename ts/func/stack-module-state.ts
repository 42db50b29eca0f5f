// Many modules of one kind as one: PyTorch's torch.func.stack_module_state.
import { noGrad } from '../autograd/autograd';
import { ours } from '../core/describe';
import { UsageError } from '../core/errors';
import { stack } from '../generated/functions';
import { Module } from '../nn/module';
import { instanceOf } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { iterableOf } from '../tensor/tensor-kinds';

/**
 * The parameters and the buffers of `models`, which must be of one class and shape, stacked along a new first dim, by path:
 * `vmap((p, b, x) => functionalCall(models[0], [p, b], x), [0, 0, null])` runs them all. The stacks are leaves of their own;
 * they require grad where the parameters do.
 *
 * @throws UsageError where the list is empty or the models differ in class, paths or training mode.
 */
export const stackModuleState: Stated &
  ((...args: Arguments<{ models: Iterable<Module> }, ['models']>) => [parameters: Record<string, Tensor>, buffers: Record<string, Tensor>]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ models: Iterable<Module> }>('stackModuleState', () => ({ models: iterableOf('modules', instanceOf('a module', () => Module)) })),
  ({ models }) => stackAll([...models]),
);

function stackAll(models: readonly Module[]): [parameters: Record<string, Tensor>, buffers: Record<string, Tensor>] {
  for (const model of models) ours('stackModuleState', model);
  const [first] = models;
  if (first === undefined) throw new UsageError('stackModuleState: expected at least one model, got none', 'stackModuleState');
  const strange = models.find((m) => m.constructor !== first.constructor || m.training !== first.training);
  if (strange !== undefined) {
    throw new UsageError(
      `stackModuleState: expected models of one class and in one mode, got ${first.constructor.name} and ${strange.constructor.name}`,
      'stackModuleState',
    );
  }
  const stacked = (lists: readonly (readonly (readonly [string, Tensor])[])[]): Record<string, Tensor> =>
    Object.fromEntries(
      lists[0]!.map(([name, one], i) => {
        const parts = lists.map((list) => {
          const part = list[i];
          if (part?.[0] !== name) throw new UsageError(`stackModuleState: the models differ, one has no ${name}`, 'stackModuleState');
          return part[1];
        });
        const whole = noGrad(() => stack(parts));
        return [name, one.requiresGrad ? whole.requiresGrad_() : whole];
      }),
    );
  return [stacked(models.map((m) => m.namedParameters())), stacked(models.map((m) => m.namedBuffers()))];
}
