// A TypeScript program of a user. It is only checked, as an ES module and as CommonJS.
import { ShapeError, Tensor, grad, manualSeed, nn, noGrad, optim, scope, tensor, type DType } from 'adjoint';
import * as slim from 'adjoint/slim';

type IsAny<T> = 0 extends 1 & T ? true : false;
/** Whether two types are one, and not `any`. */
type Same<A, B> = IsAny<A> extends true ? false : [A, B] extends [B, A] ? true : false;
manualSeed(0);
const x = tensor([[1, 2], [3, 4]], { dtype: 'float32', requiresGrad: true });
const y = x.mul(x).sum({ dim: 1, keepdim: true });
const facts: [Same<typeof x, Tensor>, Same<typeof y, Tensor>, Same<typeof x.grad, Tensor | null>] = [true, true, true];
const dtype: DType = x.dtype;
const shape: readonly number[] = y.shape;

const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
const optimizer = new optim.SGD(model.parameters(), { lr: 0.25 });
const loss: Tensor = nn.functional.mseLoss(model.call(x), y);
loss.backward();
optimizer.step();

const [dx] = grad(x.sum(), [x]);
const kept: Tensor = scope(() => x.add(1));
const frozen: number = noGrad(() => 1);
if (dx instanceof Tensor) console.log(facts, dtype, shape, kept, frozen);

try {
  x.matmul(y);
} catch (error) {
  if (error instanceof ShapeError) {
    const message: string = error.message;
    console.log(message);
  }
}

slim.initSync(new Uint8Array(8));
const started: Promise<void> = slim.init(new URL('https://example.org/adjoint.simd128.wasm'));
void started;

// @ts-expect-error a tensor is not made of dates
tensor(new Date());
// @ts-expect-error there is no such dtype
tensor(1, { dtype: 'float31' });
// @ts-expect-error a tensor is added to a tensor or a number
x.add('1');
// @ts-expect-error there is no such option
new optim.SGD(model.parameters(), { learningRate: 1 });
// @ts-expect-error initSync is handed a module or bytes
slim.initSync();
