// Functions of each element.
import { atan2, floorDivide, logaddexp, nn, softmax, tensor, where } from 'adjoint';
import { SIDE, bools, integers, million, normal, pair, positive, uniform, type Family } from '../case';

const F = nn.functional;
const numbers = (n: number) => ({ x: integers(-1000, 1000, [SIDE * n, SIDE]), y: integers(1, 1000, [SIDE * n, SIDE]) });

export const elementwise: Family = {
  name: 'elementwise',
  title: 'Functions of a million float32',
  ofTorch: 2,
  isMemory: true,
  cases: [
    pair('add', (x, y) => x.add(y), 'x + y'),
    pair('mul', (x, y) => x.mul(y), 'x * y'),
    pair('div', (x, y) => x.div(y), 'x / y'),
    pair('maximum', (x, y) => x.maximum(y), 'torch.maximum(x, y)'),
    pair('atan2', (x, y) => atan2(x, y), 'torch.atan2(x, y)'),
    pair('pow.tensor', (x, y) => y.pow(x), 'y ** x'),
    pair('logaddexp', (x, y) => logaddexp(x, y), 'torch.logaddexp(x, y)'),
    pair('remainder', (x, y) => x.remainder(y), 'torch.remainder(x, y)', { of: ['x'] }),
    pair('lerp', (x, y) => x.lerp(y, 0.25), 'torch.lerp(x, y, 0.25)'),
    pair('gt', (x, y) => x.gt(y), 'x > y', { of: [] }),
    million('where', (x) => where(x.gt(0), x, 0.5), 'torch.where(x > 0, x, 0.5)'),
    million('mul.number', (x) => x.mul(3), 'x * 3'),
    million('abs', (x) => x.abs(), 'x.abs()'),
    million('round', (x) => x.round(), 'x.round()', { of: [] }),
    million('clamp', (x) => x.clamp(-0.5, 0.5), 'x.clamp(-0.5, 0.5)'),
    million('relu', (x) => x.relu(), 'x.relu()'),
    million('leakyRelu', (x) => F.leakyRelu(x), 'F.leaky_relu(x)'),
    million('elu', (x) => F.elu(x), 'F.elu(x)'),
    million('sigmoid', (x) => x.sigmoid(), 'x.sigmoid()'),
    million('tanh', (x) => x.tanh(), 'x.tanh()'),
    million('silu', (x) => F.silu(x), 'F.silu(x)'),
    million('softplus', (x) => F.softplus(x), 'F.softplus(x)'),
    million('logsigmoid', (x) => F.logsigmoid(x), 'F.logsigmoid(x)'),
    million('mish', (x) => F.mish(x), 'F.mish(x)'),
    million('hardswish', (x) => F.hardswish(x), 'F.hardswish(x)'),
    million('gelu', (x) => F.gelu(x), 'F.gelu(x)'),
    million('gelu.tanh', (x) => F.gelu(x, 'tanh'), 'F.gelu(x, approximate="tanh")'),
    million('exp', (x) => x.exp(), 'x.exp()'),
    million('expm1', (x) => x.expm1(), 'x.expm1()'),
    million('erf', (x) => x.erf(), 'x.erf()'),
    million('sin', (x) => x.sin(), 'x.sin()'),
    million('cos', (x) => x.cos(), 'x.cos()'),
    million('tan', (x) => x.tan(), 'x.tan()'),
    million('atan', (x) => x.atan(), 'x.atan()'),
    million('pow.2', (x) => x.pow(2), 'x ** 2'),
    positive('pow.2.5', (x) => x.pow(2.5), 'x ** 2.5'),
    positive('log', (x) => x.log(), 'x.log()'),
    positive('log1p', (x) => x.log1p(), 'x.log1p()'),
    positive('sqrt', (x) => x.sqrt(), 'x.sqrt()'),
    positive('rsqrt', (x) => x.rsqrt(), 'x.rsqrt()'),
    positive('asin', (x) => x.asin(), 'x.asin()'),
    positive('lgamma', (x) => x.lgamma(), 'x.lgamma()'),
    { name: 'int64.mul', inputs: numbers, ours: ({ x, y }) => x!.mul(y!), torch: 'x * y' },
    { name: 'int64.floorDivide', inputs: numbers, ours: ({ x, y }) => floorDivide(x!, y!), torch: 'x // y' },
    { name: 'bool.and', inputs: (n) => ({ x: bools([SIDE * n, SIDE]), y: bools([SIDE * n, SIDE]) }), ours: ({ x, y }) => x!.logicalAnd(y!), torch: 'x & y' },
    million('add_', (x) => x.add_(1e-9), 'x.add_(1e-9)', { of: [], isRandom: true }),
  ],
};

const half = (n: number) => ({ x: normal([SIDE * n, 512], 'float64') });

export const float64: Family = {
  name: 'float64',
  title: 'Half a million float64',
  ofTorch: 2,
  cases: [
    million('add', (x) => x.add(x), 'x + x', { inputs: half }),
    million('exp', (x) => x.exp(), 'x.exp()', { inputs: half }),
    million('tanh', (x) => x.tanh(), 'x.tanh()', { inputs: half }),
    million('sin', (x) => x.sin(), 'x.sin()', { inputs: half }),
    million('softmax', (x) => softmax(x, 1), 'torch.softmax(x, 1)', { inputs: half }),
    million('sum', (x) => x.sum(), 'x.sum()', { inputs: half }),
    {
      name: 'matmul', inputs: () => ({ x: normal([256, 256], 'float64'), y: normal([256, 256], 'float64') }),
      ours: ({ x, y }) => x!.matmul(y!), torch: 'x @ y', of: ['x', 'y'], power: 3,
    },
  ],
};

const image = [32, 64, 28, 28] as const;

export const broadcast: Family = {
  name: 'broadcast',
  title: 'Broadcasting',
  ofTorch: 2,
  cases: [
    { name: 'row', inputs: (n) => ({ x: normal([SIDE * n, SIDE]), y: normal([SIDE]) }), ours: ({ x, y }) => x!.add(y!), torch: 'x + y', of: ['x', 'y'] },
    { name: 'column', inputs: (n) => ({ x: normal([SIDE * n, SIDE]), y: normal([SIDE * n, 1]) }), ours: ({ x, y }) => x!.mul(y!), torch: 'x * y', of: ['x', 'y'] },
    { name: 'outer', inputs: (n) => ({ x: normal([SIDE * n, 1]), y: normal([SIDE]) }), ours: ({ x, y }) => x!.mul(y!), torch: 'x * y', of: ['x', 'y'] },
    {
      name: 'channels', inputs: (n) => ({ x: normal([image[0] * n, ...image.slice(1)]), y: normal([64, 1, 1]) }),
      ours: ({ x, y }) => x!.mul(y!), torch: 'x * y', of: ['x', 'y'],
    },
    { name: 'inner', inputs: (n) => ({ x: normal([SIDE * n, 128, 1]), y: normal([SIDE * n, 1, 8]) }), ours: ({ x, y }) => x!.add(y!), torch: 'x + y', of: ['x', 'y'] },
    { name: 'scalar', inputs: (n) => ({ x: normal([SIDE * n, SIDE]), y: normal([]) }), ours: ({ x, y }) => x!.mul(y!), torch: 'x * y', of: ['x', 'y'] },
    million('transposed', (x) => x.add(x.t()), 'x + x.t()', { inputs: () => ({ x: normal([SIDE, SIDE]) }) }),
  ],
};

const whole = (n: number) => ({ x: uniform([SIDE * n, SIDE], -100, 100) });
const from = (dtype: 'float16' | 'bfloat16' | 'int64' | 'uint8' | 'bool' | 'float64') => (n: number) =>
  ({ x: dtype === 'bool' ? bools([SIDE * n, SIDE]) : dtype === 'int64' || dtype === 'uint8' ? integers(0, 100, [SIDE * n, SIDE], dtype) : uniform([SIDE * n, SIDE], -100, 100, dtype) });

export const casts: Family = {
  name: 'casts',
  title: 'Casts of a million numbers',
  ofTorch: 2,
  isMemory: true,
  cases: [
    ...(['int32', 'int64', 'int8', 'bool', 'float16', 'bfloat16', 'float64'] as const).map((dtype) =>
      million(dtype, (x) => x.to(dtype), `x.to(torch.${dtype})`, { inputs: whole, of: dtype.startsWith('float') || dtype === 'bfloat16' ? ['x'] : [] })),
    ...(['float16', 'bfloat16', 'int64', 'uint8', 'bool', 'float64'] as const).map((dtype) =>
      million(`from.${dtype}`, (x) => x.to('float32'), 'x.to(torch.float32)', { inputs: from(dtype), of: [] })),
    million('transposed', (x) => x.t().to('float16'), 'x.t().to(torch.float16)', { of: [] }),
  ],
};

/** What programs do with few numbers: here a call is all that counts. */
const eight = () => ({ x: normal([8]), m: normal([4, 4]) });

export const small: Family = {
  name: 'small',
  title: 'Calls on 8 or 16 numbers',
  ofTorch: 1,
  each: 50,
  cases: [
    { name: 'add', inputs: eight, ours: ({ x }) => x!.add(x!), torch: 'x + x', of: ['x'] },
    { name: 'exp', inputs: eight, ours: ({ x }) => x!.exp(), torch: 'x.exp()', of: ['x'] },
    { name: 'sum', inputs: eight, ours: ({ x }) => x!.sum(), torch: 'x.sum()', of: ['x'] },
    { name: 'softmax', inputs: eight, ours: ({ x }) => softmax(x!, 0), torch: 'torch.softmax(x, 0)', of: ['x'] },
    { name: 'matmul', inputs: eight, ours: ({ m }) => m!.matmul(m!), torch: 'm @ m', of: ['m'] },
    { name: 'broadcast', inputs: () => ({ x: normal([4, 2, 1]), y: normal([1, 2]) }), ours: ({ x, y }) => x!.add(y!), torch: 'x + y', of: ['x', 'y'] },
    { name: 'view', inputs: eight, ours: ({ x }) => x!.view([2, 4]), torch: 'x.view(2, 4)', of: ['x'] },
    { name: 'transpose', inputs: eight, ours: ({ m }) => m!.t(), torch: 'm.t()', of: ['m'] },
    { name: 'unsqueeze', inputs: eight, ours: ({ x }) => x!.unsqueeze(0), torch: 'x.unsqueeze(0)', of: ['x'] },
    { name: 'index.integer', inputs: eight, ours: ({ m }) => m!.index(1), torch: 'm[1]', of: ['m'] },
    { name: 'index.slice', inputs: eight, ours: ({ x }) => x!.index({ start: 2, stop: 6 }), torch: 'x[2:6]', of: ['x'] },
    { name: 'index.list', inputs: eight, ours: ({ x }) => x!.index([0, 2, 4]), torch: 'x[[0, 2, 4]]', of: ['x'] },
    { name: 'setitem', inputs: eight, ours: ({ x }) => x!.setitem(3, 0.5), torch: 'setitem(x, 3, 0.5)' },
    { name: 'halves', inputs: eight, ours: ({ x }) => x!.index({ stop: 4 }).add(x!.index({ start: 4 })), torch: 'x[:4] + x[4:]', of: ['x'] },
    { name: 'tensor', inputs: eight, ours: () => tensor([1, 2, 3, 4, 5, 6, 7, 8]), torch: 'torch.tensor([1.0, 2, 3, 4, 5, 6, 7, 8])' },
    { name: 'item', inputs: () => ({ x: normal([1]) }), ours: ({ x }) => x!.item(), torch: 'x.item()' },
    { name: 'tolist', inputs: eight, ours: ({ x }) => x!.tolist(), torch: 'x.tolist()' },
  ],
};
