// importOnnx: small models beside onnxruntime (test/fixtures/record/onnx_ops.py), gradients, state, and models that are refused.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  FormatError, type Tensor, UsageError, arange, autograd, capture, exportOnnx, func, importOnnx, keep, manualSeed, memoryStats, nn, noGrad, ones, optim, randn, scope, tensor, zeros,
  type DType, type OnnxModule, type TensorData,
} from 'adjoint';
import { describe, expect, it, test } from 'vitest';

interface Listed {
  dtype: DType;
  shape: number[];
  data: string;
}

interface Case {
  name: string;
  ops: string[];
  model: string;
  tolerance: number;
  inputs: Record<string, Listed>;
  outputs: Listed[];
}

const { cases, refused } = JSON.parse(gunzipSync(readFileSync(new URL('fixtures/onnx-ops.json.gz', import.meta.url))).toString()) as {
  cases: Case[];
  refused: { name: string; model: string }[];
};

const bytes = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(base64, 'base64'));

/** The numbers of halves; not every Node has arrays of them. */
function halves(buffer: ArrayBuffer): Float32Array {
  return Float32Array.from(new Uint16Array(buffer), (bits) => {
    const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
}

const ARRAYS: Record<string, (buffer: ArrayBuffer) => TensorData> = {
  float16: halves, float32: (b) => new Float32Array(b), float64: (b) => new Float64Array(b), int64: (b) => new BigInt64Array(b), int32: (b) => new Int32Array(b),
  int16: (b) => new Int16Array(b), int8: (b) => new Int8Array(b), uint8: (b) => new Uint8Array(b), bool: (b) => new Uint8Array(b),
};

const tensorOf = ({ dtype, shape, data }: Listed): Tensor => tensor(ARRAYS[dtype]!(bytes(data).buffer), { dtype }).reshape(shape);

const inputsOf = ({ inputs }: Case): Record<string, Tensor> => Object.fromEntries(Object.entries(inputs).map(([name, listed]) => [name, tensorOf(listed)]));

const listOf = (outputs: Tensor | Tensor[]): Tensor[] => (Array.isArray(outputs) ? outputs : [outputs]);

const run = (model: OnnxModule, inputs: Record<string, Tensor>): Tensor[] => listOf(model(...(Object.keys(inputs).length === 0 ? [] : [inputs])) as Tensor | Tensor[]);

/** Expects dtype and shape, and each number to the tolerance, relative above 1. */
function expectClose(found: Tensor, wanted: Tensor, tolerance: number): void {
  expect([found.dtype, found.shape]).toEqual([wanted.dtype, wanted.shape]);
  expect(found.to('float64').allclose(wanted.to('float64'), { rtol: tolerance, atol: tolerance, equalNan: true })).toBe(true);
}

const named = (name: string): Case => cases.find((each) => each.name === name)!;

describe('as onnxruntime computes', () => {
  test.each(cases)('$name', (each) => scope(() => {
    const model = importOnnx(bytes(each.model));
    const inputs = inputsOf(each);
    const made = memoryStats().tensors;
    const outputs = noGrad(() => run(model, inputs));
    const kept = new Set(outputs.filter((t) => !Object.values(inputs).includes(t)));
    // What is made on the way is released, what is handed out is not.
    expect(memoryStats().tensors).toBe(made + kept.size);
    expect(outputs).toHaveLength(each.outputs.length);
    outputs.forEach((t, i) => { expectClose(t, tensorOf(each.outputs[i]!), each.tolerance); });
    model.dispose();
  }));
});

test('the documentation lists the operators that are compared, and no others', () => {
  const page = readFileSync(new URL('../docs/onnx.md', import.meta.url), 'utf8');
  const rows = page.split('| family | operators |')[1]!.split('\n\n')[0]!;
  const listed = [...rows.matchAll(/`(\w+)`/g)].map(([, op]) => op!);
  expect([...listed].sort()).toEqual([...new Set([...cases.flatMap(({ ops }) => ops)])].sort());
});

describe('a network', () => {
  const network = named('a network');
  const imported = (): OnnxModule => importOnnx(bytes(network.model));

  it('has its weights as parameters by the names of the file, and the rest of its state as buffers', () => {
    const model = imported();
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      'features.0.weight', 'features.0.bias', 'features.1.weight', 'features.1.bias', 'lstm.w', 'lstm.r', 'lstm.b', 'head.weight', 'head.bias',
    ]);
    // The factor 0.5 is a constant of a node, and no state.
    expect(Object.keys(model.stateDict()).filter((name) => !model.namedParameters().some(([key]) => key === name))).toEqual([
      'new_shape', 'features.1.running_mean', 'features.1.running_var',
    ]);
    expect(model.graphInputs).toEqual([
      { name: 'image', dtype: 'float32', shape: ['batch', 2, 6, 6] },
      { name: 'gain', dtype: 'float32', shape: ['batch', 1] },
    ]);
    expect(model.graphOutputs.map(({ name }) => name)).toEqual(['probabilities', 'last']);
    expect(String(model)).toContain('image: float32[batch, 2, 6, 6], gain: float32[batch, 1] -> probabilities');
  });

  it('has gradients as numbers have them, of inputs and parameters, also of a clone', () => {
    manualSeed(3);
    const model = imported().double();
    const [image, gain] = [randn(2, 2, 6, 6, { dtype: 'float64' }).requiresGrad_(), tensor([[0.8], [1.2]], { dtype: 'float64' }).requiresGrad_()];
    expect(autograd.gradcheck((x: Tensor, g: Tensor) => model(x, g) as Tensor[], [image, gain])).toBe(true);
    const copy = model.clone();
    const names = copy.namedParameters().map(([name]) => name);
    const values = copy.parameters().map((p) => p.detach().clone().requiresGrad_());
    const f = (...params: Tensor[]): Tensor[] => func.functionalCall(copy, Object.fromEntries(names.map((name, i) => [name, params[i]!])), [image.detach(), gain.detach()]) as Tensor[];
    expect(autograd.gradcheck(f, values)).toBe(true);
    noGrad(() => { for (const p of copy.parameters()) p.zero_(); });
    expect(run(copy, { image, gain })[0]!.sub(0.5).abs().max().item()).toBe(0);
    expect(run(model, { image, gain })[0]!.sub(0.5).abs().max().item()).toBeGreaterThan(0);
  });

  it('learns in training mode, where dropout drops and batches have their own statistics', () => {
    manualSeed(0);
    const model = imported();
    expect(model.training).toBe(false);
    const inputs = inputsOf(network);
    const [first, again] = [run(model, inputs)[0]!, run(model, inputs)[0]!];
    expect(first.equal(again)).toBe(true);
    const mean = model.stateDict()['features.1.running_mean']!.clone();
    model.train();
    expect(run(model, inputs)[0]!.equal(run(model, inputs)[0]!)).toBe(false);
    expect(model.stateDict()['features.1.running_mean']!.equal(mean)).toBe(false);
    const target = tensor([0, 1, 0], { dtype: 'int64' });
    const loss = (): Tensor => run(model.eval(), inputs)[0]!.log().neg().gather(1, target.unsqueeze(1)).mean();
    const start = loss().item();
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
    for (let i = 0; i < 30; i++) {
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
    }
    expect(loss().item()).toBeLessThan(start / 3);
  });

  it('takes tensors by position, by name and both, and says what is wrong with them', () => {
    const model = imported();
    const { image, gain } = inputsOf(network) as { image: Tensor; gain: Tensor };
    const [wanted] = model(image, gain) as Tensor[];
    for (const given of [[{ gain, image }], [image, { gain }]]) expect((model(...given) as Tensor[])[0]!.equal(wanted!)).toBe(true);
    expect(() => model(image)).toThrow('OnnxModule: argument gain is missing, it must be a tensor; the names are image, gain');
    expect(() => model(image, { gains: gain })).toThrow('there is no argument named gains');
    expect(() => model(image.to('int32'), gain)).toThrow("OnnxModule: input image must be of float32, got int32; cast with to('float32')");
    expect(() => model(image.narrow(2, 0, 5), gain)).toThrow('input image must have shape [batch, 2, 6, 6], got [3, 2, 5, 6]');
    expect(() => model(image, gain.narrow(0, 0, 2))).toThrow('input gain must have shape [batch, 1], got [2, 1]; batch is 3 in image');
  });

  it('is captured with the shapes of the capture, and so compiled and exported', () => {
    const model = imported();
    const { image, gain } = inputsOf(network) as { image: Tensor; gain: Tensor };
    const f = capture((x: Tensor, g: Tensor) => noGrad(() => (model(x, g) as Tensor[])[0]!), image, gain);
    const other = image.mul(0.5);
    expectClose(f.run(other, gain), (model(other, gain) as Tensor[])[0]!, 1e-6);
    // Shapes that are computed by tensors are, too.
    const shapes = named('shapes as tensors');
    const of = importOnnx(bytes(shapes.model));
    const { x } = inputsOf(shapes) as { x: Tensor };
    const g = capture((t: Tensor) => of(t) as Tensor[], x);
    expect(g.runAll(x.neg()).map((t) => t.tolist())).toEqual((of(x.neg()) as Tensor[]).map((t) => t.tolist()));
    const loop = importOnnx(bytes(named('Loop that runs three times').model));
    const h = capture((t: Tensor) => loop(t) as Tensor[], ones(2));
    expect(h.runAll(tensor([1, 2])).map((t) => t.tolist())).toEqual((loop(tensor([1, 2])) as Tensor[]).map((t) => t.tolist()));
    const branch = importOnnx(bytes(named('If, with a value from around it').model));
    expect(() => capture((t: Tensor, c: Tensor) => branch(t, c) as Tensor, ones(2), tensor(true))).toThrow(/^If: toTypedArray: cannot be captured/);
  });

  it('has constants of nodes as parameters where these are weights, and as no state where they are not', () => {
    const model = importOnnx(bytes(named('constants of all kinds').model));
    expect(model.namedParameters().map(([name]) => name)).toEqual(['b', 'c']);
    expect(Object.keys(model.stateDict())).toEqual(['b', 'c']);
    expect(model.buffers().map((t) => t.item())).toEqual([2.5]);
  });

  it('says which node failed', () => {
    const model = importOnnx(bytes(named('MatMul of a vector (operator set 18)').model));
    expect(() => model(ones(3), ones(2, 2))).toThrow('input x1 must have shape [3, 2]');
    const free = importOnnx(exportedWithFreeSizes());
    expect(() => free(ones(2, 3))).toThrow(/^MatMul: matmul: /);
  });
});

/** A product whose input says nothing of its sizes: those of an exported one are taken out. */
function exportedWithFreeSizes(): Uint8Array {
  const { model } = exportOnnx(capture((x: Tensor) => noGrad(() => x.matmul(ones(2, 2))), ones(1, 2)));
  // In the shape of the input, field 2 of its type: two dims of the sizes 1 and 2.
  const shape = [0x12, 8, 0x0a, 2, 0x08, 1, 0x0a, 2, 0x08, 2];
  const at = model.findIndex((_, i) => shape.every((byte, j) => model[i + j] === byte));
  expect(at).toBeGreaterThan(0);
  // Field 3 of a dim says what it is for, and nothing of its size.
  const free = model.slice();
  free.set([0x0a, 2, 0x18, 1, 0x0a, 2, 0x18, 2], at + 2);
  return free;
}

describe('what exportOnnx writes', () => {
  const again = (f: (...args: Tensor[]) => Tensor | Tensor[], ...inputs: Tensor[]): void => {
    const wanted = listOf(noGrad(() => f(...inputs)));
    const { model } = exportOnnx(capture((...args: Tensor[]) => noGrad(() => f(...args)), ...inputs));
    const imported = importOnnx(model);
    // And once more, from what was imported.
    const { model: second } = exportOnnx(capture((...args: Tensor[]) => noGrad(() => imported(...args) as Tensor | Tensor[]), ...inputs));
    for (const of of [imported, importOnnx(second)]) {
      const found = listOf(of(...inputs) as Tensor | Tensor[]);
      expect(found).toHaveLength(wanted.length);
      found.forEach((t, i) => { expectClose(t, wanted[i]!, 1e-5); });
      expect(of.namedParameters().map(([name]) => name).sort()).toEqual(imported.namedParameters().map(([name]) => name).sort());
    }
  };

  test('a linear layer', () => {
    const model = new nn.Linear(2, 3);
    again((x) => model(x), tensor([[1, 2]]));
    const { model: file } = exportOnnx(capture((x: Tensor) => noGrad(() => model.call(x)), tensor([[1, 2]])));
    const imported = importOnnx(file);
    expect(imported.namedParameters().map(([name]) => name).sort()).toEqual(['bias', 'weight']);
    expect(imported.stateDict()['weight']!.equal(model.weight)).toBe(true);
  });

  test('a convolutional network', () => {
    manualSeed(1);
    const model = new nn.Sequential(new nn.Conv2d(1, 4, 3, { padding: 1 }), new nn.BatchNorm2d(4), new nn.ReLU(), new nn.MaxPool2d(2), new nn.ConvTranspose2d(4, 2, 2, { stride: 2 }), new nn.Flatten(), new nn.Linear(72, 3), new nn.LogSoftmax(1)).eval();
    again((x) => model.call(x), randn(2, 1, 6, 6));
  });

  test('an encoder of transformers', () => {
    manualSeed(2);
    const model = new nn.TransformerEncoderLayer(8, 2, 16, { batchFirst: true, activation: 'gelu' }).eval();
    again((x) => model.call(x), randn(2, 5, 8));
  });

  test('operations of all families', () => {
    const x = randn(3, 4);
    const index = tensor([2, 0], { dtype: 'int64' });
    again((a) => [a.sin().add(a.cosh()).rsqrt().where(a.gt(0), a.erf()), a.to('int32').to('float32'), a.indexSelect(0, index), a.index({ start: 1, stop: 3 }), a.amax([1]), a.prod(0)], x);
    again((a) => [a.indexAdd(0, index, ones(2, 4)), a.indexCopy(0, index, zeros(2, 4)), a.scatterAdd(1, tensor([[0], [1], [1]], { dtype: 'int64' }), ones(3, 1)), a.permute([1, 0]).matmul(a)], x);
  });

  test('a whole step of training, whose parameters are inputs', () => {
    const layer = new nn.Linear(2, 1);
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
    const step = capture((x: Tensor, y: Tensor) => {
      optimizer.zeroGrad();
      const loss = nn.functional.mseLoss(layer.call(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    }, tensor([[1, 2], [3, 4]]), tensor([[1], [2]]));
    const { model, inputs, outputs, parameters } = exportOnnx(step);
    const [x, y] = [tensor([[1, 0], [0, 1]]), tensor([[1], [0]])];
    const found = importOnnx(model)({ input_0: x, input_1: y, ...parameters }) as Tensor[];
    expect(found).toHaveLength(outputs.length);
    expect(inputs).toEqual(expect.arrayContaining(['weight', 'bias']));
    const wanted = step.run(x, y);
    expectClose(found[0]!, wanted, 1e-6);
    expectClose(found[outputs.indexOf('next.weight')]!, layer.weight, 1e-6);
  });
});

describe('names and sources', () => {
  it('gives values whose names are taken others', () => {
    const model = importOnnx(withInitializers('forward', 'a', 'a.b', 'x..y', '__proto__', 'training'));
    expect(Object.keys(model.stateDict())).toEqual(['forward_', 'a', '__proto___', 'training_', 'a_.b', 'x._.y']);
    expect((model(ones(2)) as Tensor).tolist()).toEqual([7, 7]);
    expect(model.training).toBe(false);
    const state = model.stateDict();
    model.loadStateDict({ ...state, 'a_.b': tensor([2, 3]) });
    expect((model(ones(2)) as Tensor).tolist()).toEqual([8, 9]);
  });

  it('reads paths and bytes at once and streams by a promise', async () => {
    const each = named('Relu (operator set 18)');
    const model = bytes(each.model);
    const path = join(tmpdir(), `adjoint-${process.pid}.onnx`);
    writeFileSync(path, model);
    try {
      const made = [importOnnx(path), importOnnx(model.buffer), importOnnx({ source: model }), await importOnnx(new Blob([model])), await importOnnx(new Response(model))];
      const { x0 } = inputsOf(each) as { x0: Tensor };
      for (const one of made) expectClose(one(x0) as Tensor, tensorOf(each.outputs[0]!), 0);
    } finally {
      rmSync(path);
    }
  });
});

/** A message's field of bytes, of text, and of an integer below 128. */
const part = (field: number, value: number[] | string): number[] => {
  const content = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  const length = content.length < 128 ? [content.length] : [(content.length & 127) | 128, content.length >> 7];
  return [field * 8 + 2, ...length, ...content];
};
const integer = (field: number, value: number): number[] => [...(field < 16 ? [field * 8] : [((field * 8) & 127) | 128, field >> 4]), value];

/** A model that adds vectors of 1 with these names to its input, one after the other. */
function withInitializers(...names: string[]): Uint8Array {
  const floats = [...new Uint8Array(new Float32Array([1, 1]).buffer)];
  const values = ['input', ...names.map((_, i) => `sum${i}`)];
  const graph = [
    ...names.flatMap((name, i) => part(1, [...part(1, values[i]!), ...part(1, name), ...part(2, values[i + 1]!), ...part(4, 'Add')])),
    ...names.flatMap((name) => part(5, [...integer(1, 2), ...integer(2, 1), ...part(8, name), ...part(9, floats)])),
    ...part(11, part(1, 'input')),
    ...part(12, part(1, values.at(-1)!)),
  ];
  return Uint8Array.from([...integer(1, 8), ...part(7, graph), ...part(8, integer(2, 18))]);
}

describe('what is refused', () => {
  const WHY: Record<string, [typeof UsageError | typeof FormatError, string]> = {
    operators: [UsageError, 'importOnnx: has no rule for QuantizeLinear (3), DequantizeLinear (1), com.microsoft.Gelu (1); export the model with other operators'],
    attribute: [UsageError, 'importOnnx: Relu: it has the attribute slope, which is unknown in operator set 18'],
    word: [UsageError, 'importOnnx: GridSample: padding_mode "mirror" is not computed here, only "zeros", "border", "reflection"'],
    old: [UsageError, 'importOnnx: the bytes uses operator set 6; those from 7 to 26 are read'],
    new: [UsageError, 'importOnnx: the bytes uses operator set 99; those from 7 to 26 are read'],
    type: [UsageError, 'importOnnx: input x is of uint16, a type that tensors here do not have'],
    'unknown value': [FormatError, 'an input of Add is "z", which nothing makes before it (at byte'],
    'made twice': [FormatError, '"y" is made twice (at byte'],
    sequence: [FormatError, 'x is a sequence, map, optional or sparse tensor; only tensors are read (at byte'],
    'external data': [FormatError, 'tensor "w" has its data in another file, "weights.bin"; save the model with the data inside (at byte'],
    'too few bytes': [FormatError, 'tensor "w" of float32 and shape [2, 1000000000000] must have 8000000000000 bytes of data, and has 8 (at byte'],
    'too many to count': [FormatError, 'tensor "w" has sizes that are no natural numbers, or too many elements to count: [1099511627776, 1099511627776] (at byte'],
    'negative size': [FormatError, 'tensor "w" has sizes that are no natural numbers, or too many elements to count: [-2] (at byte'],
    'too few numbers': [FormatError, 'tensor "w" of float32 and shape [3] must have 3 elements, and has 2 (at byte'],
    'beyond uint8': [FormatError, 'an element of tensor "w" is 256, which is none of uint8 (at byte'],
  };

  test.each(refused)('$name', ({ name, model }) => {
    const before = memoryStats().tensors;
    const [kind, message] = WHY[name]!;
    expect(() => importOnnx(bytes(model))).toThrow(kind);
    expect(() => importOnnx(bytes(model))).toThrow(message);
    expect(memoryStats().tensors).toBe(before);
  });

  test('what is no model, or is cut off', () => {
    const model = bytes(named('a network').model);
    expect(() => importOnnx(new TextEncoder().encode('<html></html>'))).toThrow(/Is it an ONNX model\?/);
    expect(() => importOnnx(new Uint8Array())).toThrow('the model has 0 graphs, not one. Is it an ONNX model?');
    expect(() => importOnnx(model.subarray(0, model.length - 20))).toThrow(/importOnnx: the bytes: field \d+ of the model should have \d+ byte\(s\), but \d+ are left \(at byte \d+\)/);
    for (let length = 1; length < model.length; length += 7) {
      try {
        importOnnx(model.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    expect(() => importOnnx(Uint8Array.from([...model, 0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]))).toThrow('an integer has more than 10 bytes');
  });

  test('graphs that are nested without end', () => {
    let graph: number[] = [];
    for (let depth = 0; depth < 80; depth++) graph = withLength(1, withLength(5, withLength(6, graph)));
    expect(() => importOnnx(Uint8Array.from([...withLength(7, graph), ...part(8, integer(2, 18))]))).toThrow('graphs are nested deeper than 64');
  });
});

/** A field of bytes of any length. */
function withLength(field: number, content: number[]): number[] {
  const length: number[] = [];
  for (let left = content.length; ; left = Math.floor(left / 128)) {
    length.push(left < 128 ? left : (left & 127) | 128);
    if (left < 128) break;
  }
  return [field * 8 + 2, ...length, ...content];
}

test('a loop releases what it makes each time', () => {
  const model = importOnnx(bytes(named('Loop').model));
  const [x, w] = [tensor([1, 2]), tensor([0, 0])];
  const peak = (times: number): number => scope(() => {
    const before = memoryStats().tensors;
    noGrad(() => model(x, w, tensor(BigInt(times))));
    return memoryStats().tensors - before;
  });
  expect(peak(50)).toBe(peak(5));
  expect(keep(arange(1)).numel()).toBe(1);
});
