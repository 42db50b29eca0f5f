// all-MiniLM-L6-v2 with its weights on a device in Node, beside itself on the CPU. The weights, 91 MB, are downloaded the first time.
import { capture, noGrad, tensor } from 'adjoint';
import { pretrainedEncoder } from '../../examples/models/minilm-pretrained';
import { gpuOfNode } from './node-gpu';

const FAR = 1e-4;
const TEXTS = ['A graph of a computation runs forward and backward.', 'Dogs chase cats.', 'The derivative of a composition is a product.', ''];

const words = process.argv.slice(2);
if (words.length > 0 && !words.includes('MiniLM')) process.exit(0);

const { model, tokenizer } = pretrainedEncoder();
const gpu = await gpuOfNode();
let failed = 0;
for (const texts of [TEXTS.slice(0, 1), TEXTS]) {
  const pieces = texts.map((text) => tokenizer.encode(text));
  const length = Math.max(...pieces.map((list) => list.length));
  const filled = (list: readonly number[], one: (piece: number) => number): number[] => Array.from({ length }, (_, i) => (i < list.length ? one(list[i]!) : 0));
  const ids = tensor(pieces.map((list) => filled(list, (piece) => piece)), { dtype: 'int64' });
  const mask = tensor(pieces.map((list) => filled(list, () => 1)));
  const [wanted, program] = noGrad(() => [model.call(ids, mask), capture((i, m) => model.call(i, m), ids, mask)] as const);
  const onDevice = await program.to('webgpu', { gpu });
  const found = await onDevice.run(ids, mask).read();
  const far = found.sub(wanted).abs().max().item();
  const { dispatches, pipelines, bytes } = onDevice.plan();
  onDevice.dispose();
  const isNear = far <= FAR;
  if (!isNear) failed++;
  console.log(`${isNear ? 'passed' : 'failed'}: MiniLM on ${texts.length} of ${length} pieces: ${far.toExponential(1)} off; ${dispatches.length} dispatches of ${pipelines} kernels, ${(bytes / 1e6).toFixed(0)} MB`);
}
// Dawn's threads would keep the process.
process.exit(failed > 0 ? 1 : 0);
