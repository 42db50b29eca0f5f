// Captured steps as ONNX, StableHLO and PyTorch: their structure, without the engines (examples/scale runs these).
import { capture, exportOnnx, exportPyTorch, exportStableHlo, nn, noGrad, optim, tensor, type CapturedFunction, type Tensor } from 'adjoint';
import { describe, expect, it, test } from 'vitest';

type Field = { field: number; value: bigint | Uint8Array };

/** Reads a message of a protocol buffer: its fields in order. */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7n;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = key >> 3;
    if ((key & 7) === 0) found.push({ field, value: varint() });
    else {
      const length = (key & 7) === 5 ? 4 : Number(varint());
      found.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  expect(at).toBe(bytes.length);
  return found;
}

const all = (message: readonly Field[], field: number): Uint8Array[] => message.filter((f) => f.field === field).map(({ value }) => value as Uint8Array);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const names = (bytes: Uint8Array, field: number): string[] => all(fields(bytes), field).map(text);

/** The graph of a model. */
function graphOf(model: Uint8Array): { nodes: { op: string; inputs: string[]; outputs: string[] }[]; inputs: string[]; outputs: string[]; initializers: string[] } {
  const graph = fields(all(fields(model), 7)[0]!);
  return {
    nodes: all(graph, 1).map((node) => ({ op: names(node, 4)[0]!, inputs: names(node, 1), outputs: names(node, 2) })),
    inputs: all(graph, 11).map((info) => names(info, 1)[0]!),
    outputs: all(graph, 12).map((info) => names(info, 1)[0]!),
    initializers: all(graph, 5).map((tensor) => names(tensor, 8)[0]!),
  };
}

function step(make: (params: nn.Parameter[]) => optim.Optimizer): CapturedFunction {
  const model = new nn.Linear(2, 1);
  const optimizer = make(model.parameters());
  return capture((x: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model.call(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  }, tensor([[1, 2], [3, 4]]), tensor([[1], [2]]));
}

const adam = (): CapturedFunction => step((params) => new optim.Adam(params, { lr: 0.01 }));

describe('exportOnnx', () => {
  it('writes a graph in which every value is there before it is read', () => {
    const { model, inputs, outputs, updates, parameters } = exportOnnx(adam());
    const graph = graphOf(model);
    expect(graph.inputs).toEqual(inputs);
    expect(graph.outputs).toEqual(outputs);
    const known = new Set([...graph.inputs, ...graph.initializers]);
    for (const node of graph.nodes) {
      for (const name of node.inputs) expect(known).toContain(name);
      for (const name of node.outputs) {
        expect(known).not.toContain(name);
        known.add(name);
      }
    }
    for (const name of graph.outputs) expect(known).toContain(name);
    expect(inputs.slice(0, 2)).toEqual(['input_0', 'input_1']);
    expect(Object.keys(parameters).sort()).toEqual(['bias', 'bias.expAvg', 'bias.expAvgSq', 'lr', 'step', 'weight', 'weight.expAvg', 'weight.expAvgSq']);
    expect(updates).toMatchObject({ weight: 'next.weight', step: 'next.step' });
    expect(updates).not.toHaveProperty('lr');
    expect([parameters['lr']!.item(), parameters['step']!.item()]).toEqual([expect.closeTo(0.01, 7), 2]);
  });

  it('has parameters that nothing changes in the model, by name', () => {
    const model = new nn.Linear(2, 3);
    const { model: bytes, inputs, updates } = exportOnnx(capture((x: Tensor) => noGrad(() => model.call(x)), tensor([[1, 2]])));
    expect(inputs).toEqual(['input_0']);
    expect(updates).toEqual({});
    expect(graphOf(bytes).initializers).toEqual(expect.arrayContaining(['weight', 'bias']));
  });
});

test('exportOnnx gives other values names that no parameter has', () => {
  class Named extends nn.Module {
    t0 = new nn.Parameter(tensor([1, 2]));
    list0 = new nn.Parameter(tensor([3, 4]));
    input_0 = new nn.Parameter(tensor([5, 6]));
    output_0 = new nn.Parameter(tensor([7, 8]));
    override forward(x: Tensor): Tensor {
      return x.add(this.t0).mul(this.list0).add(this.input_0).mul(this.output_0).reshape([2, 1]);
    }
  }
  const module = new Named();
  const { model, inputs, outputs } = exportOnnx(capture((x: Tensor) => noGrad(() => module.call(x)), tensor([1, 1])));
  expect([inputs, outputs]).toEqual([['input_0_'], ['output_0_']]);
  const graph = graphOf(model);
  const made = [...graph.inputs, ...graph.initializers, ...graph.nodes.flatMap((node) => node.outputs)];
  expect(new Set(made).size).toBe(made.length);
});

test('ops that a target lacks are named with their number before anything is written', () => {
  const program = capture((x: Tensor) => x.lgamma().add(x.lgamma().digamma()).add(x.digamma()), tensor([1, 2]));
  for (const [name, write] of Object.entries({ exportOnnx, exportStableHlo, exportPyTorch })) {
    expect(() => write(program)).toThrow(`${name}: has no rule for lgamma (1), digamma (2)`);
  }
  // The count of this optimizer's steps is not all that changes.
  expect(() => exportOnnx(step((params) => new optim.NAdam(params)))).toThrow('has no rule for _fusedNadam_ (1)');
});

test('exportStableHlo writes a function of inputs and parameters', () => {
  const model = new nn.Linear(2, 3, { bias: false });
  const program = capture((x: Tensor) => noGrad(() => model.call(x).mul(0.5).relu()), tensor([[1, 2]]));
  const { text: module, inputs, outputs } = exportStableHlo(program);
  expect(inputs).toEqual(['input_0', 'weight']);
  expect(outputs).toEqual(['output_0']);
  expect(module).toContain('func.func public @main(%arg0: tensor<1x2xf32>, %arg1: tensor<3x2xf32>) -> (tensor<1x3xf32>)');
  expect(module).toMatch(/stablehlo\.transpose %arg1, dims = \[1, 0\] : \(tensor<3x2xf32>\) -> tensor<2x3xf32>/);
  expect(module).toMatch(/stablehlo\.dot_general %arg0, %t\d+, contracting_dims = \[1\] x \[0\]/);
  expect(module).toContain('dense<5.0e-1> : tensor<f32>');
});

test('exportPyTorch writes a function without writes that hands gradients to reduce', () => {
  const { script, inputs, outputs } = exportPyTorch(adam());
  expect([inputs, outputs]).toEqual([2, 1]);
  expect(script).toContain('def step(inputs, state, reduce=lambda gradient: gradient):');
  expect(script.match(/= reduce\(/g)).toHaveLength(2);
  expect(script).not.toMatch(/\w_\(/);
});
