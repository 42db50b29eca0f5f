// ONNX models that others trained, imported, against onnxruntime: npm run test:models
import { importOnnx, manualSeed, noGrad, randint, randn, scope, tensor, type OnnxModule, type Tensor } from 'adjoint';
import { describe, expect, test } from 'vitest';
import { fileOf } from '../../examples/models/packages';
import { expectClose, recorded, type Listed } from './goldens';

interface Sampled {
  shape: number[];
  step: number;
  numbers: Listed;
}

const goldens = recorded('onnx-goldens.json') as Record<string, Sampled[][]>;

/** Inputs drawn as test/models/record/onnx_models.py draws them. */
const MODELS: Record<string, { model: () => OnnxModule; draw: (i: number) => Record<string, Tensor> }> = {
  magika: {
    model: () => importOnnx(fileOf('magika', 'model.onnx')),
    draw: (i) => ({ bytes: randint(0, 257, [1 + (i % 2), 2048]).to('int32') }),
  },
  'basic-pitch': {
    model: () => importOnnx(fileOf('basic-pitch', 'nmp.onnx')),
    draw: () => ({ 'serving_default_input_2:0': randn(1, 43844, 1).mul(0.1) }),
  },
  'silero-vad': {
    model: () => importOnnx(fileOf('silero-vad', 'silero_vad_op18_ifless.onnx')),
    draw: (i) => {
      const [rate, batch] = [[16000, 8000][i % 2]!, 1 + (i % 3)];
      return { input: randn(batch, (rate / 250) * 9).mul(0.1), state: randn(2, batch, 128).mul(0.1), sr: tensor(BigInt(rate)) };
    },
  },
};

describe.each(Object.entries(MODELS))('%s', (name, { model, draw }) => {
  const imported = model();

  test.each(goldens[name]!.map((outputs, i) => [i, outputs] as const))('input %i', (i, outputs) => scope(() => {
    manualSeed(i);
    const found = noGrad(() => imported(draw(i)) as Tensor | Tensor[]);
    const list = Array.isArray(found) ? found : [found];
    expect(list.map((t) => t.shape)).toEqual(outputs.map(({ shape }) => shape));
    list.forEach((t, at) => { expectClose(t.reshape(-1).index({ step: outputs[at]!.step }), outputs[at]!.numbers, 1e-4); });
  }));
});

test('silero-vad learns: every weight of a rate has a gradient', () => {
  const model = MODELS['silero-vad']!.model();
  manualSeed(0);
  const [speech] = model(MODELS['silero-vad']!.draw(0)) as Tensor[];
  speech!.sum().backward();
  const learned = model.namedParameters().filter(([, p]) => p.grad !== null).map(([key]) => key.split('.')[0]);
  expect(new Set(learned)).toEqual(new Set(['model']));
  expect(learned).toHaveLength(15);
});
