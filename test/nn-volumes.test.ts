// Resampling, patches and volumes where PyTorch's recorded vectors and modules have no case: values are PyTorch 2.15's.
import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError, arange, autograd, nn, randn, manualSeed, tensor, zeros, type Tensor } from 'adjoint';

const F = nn.functional;
const near = (x: Tensor, expected: readonly number[]): void => {
  const got = x.detach().flatten().tolist() as number[];
  expect(got).toHaveLength(expected.length);
  got.forEach((v, i) => expect(v, `element ${i}`).toBeCloseTo(expected[i]!, 8));
};
const image = (): Tensor => arange(12, { dtype: 'float64' }).reshape([1, 1, 3, 4]).sin().detach();

describe('gridSample', () => {
  const grid = (): Tensor => tensor([-0.9, 0.3, 0.55, -0.2, 1.3, -1.4], { dtype: 'float64' }).reshape([1, 1, 3, 2]).requiresGrad_();
  const values: Record<string, readonly number[]> = {
    'zeros false': [0.0746755665, 0.6038429936, 0.0005208122097],
    'zeros true': [-0.3920775979, 0.3269659597, -0.04974351061],
    'border false': [-0.006714254726, 0.5070011123, 0.1411200081],
    'border true': [-0.411092588, 0.2716370404, -0.01181460389],
    'reflection false': [0.0157364943, 0.5070011123, 0.246234859],
    'reflection true': [-0.2940131235, 0.325015119, 0.4998210701],
  };
  const gradients: Record<string, readonly number[]> = {
    'zeros false': [-0.004806817176, 2.535929584, 1.077331204, -0.3549183401, 0.008101523263, -0.006076142447],
    'zeros true': [-0.859383227, 2.184295054, 1.503520925, -0.9415525405, 0.09012675306, -0.04141508283],
    'border false': [-0.04989055339, 3.145359198, 1.03301378, -0.2593140884, 0, 0],
    'border true': [-0.671589705, 1.78644769, 1.260257586, -0.8028093136, 0.2062264064, -0.0620904155],
    'reflection false': [-0.2850888765, 3.164490652, 1.03301378, -0.2593140884, 1.128537386, -0.8019144245],
    'reflection true': [-0.4452183865, 2.257045918, 1.467024157, -0.8371976561, 0.479357151, -0.2976425307],
  };
  it.each(Object.keys(values))('reads by cubics, %s', (key) => {
    const [paddingMode, aligned] = key.split(' ') as ['zeros' | 'border' | 'reflection', string];
    const g = grid();
    const y = F.gridSample(image(), g, 'bicubic', paddingMode, aligned === 'true');
    near(y, values[key]!);
    near(autograd.grad(y.sum(), [g])[0], gradients[key]!);
  });

  it('reads the nearest pixel', () => {
    near(F.gridSample(image(), grid(), 'nearest', 'zeros', false), [-0.7568024953, 0.6569865987, 0]);
    near(F.gridSample(image(), grid(), 'nearest', 'reflection', true), [-0.7568024953, -0.2794154982, 0.1411200081]);
  });

  it('reads nothing at places that are no numbers', () => {
    const g = tensor([NaN, 0, Infinity, 0], { dtype: 'float64' }).reshape([1, 1, 2, 2]);
    expect(F.gridSample(image(), g, { mode: 'nearest', alignCorners: false }).tolist()).toEqual([[[[0, 0]]]]);
  });

  it('takes the places of an affine map', () => {
    const theta = tensor([[[1, 0.5, -0.25], [0.125, 2, 0.75]]], { dtype: 'float64' });
    near(F.affineGrid(theta, [1, 1, 2, 3], false), [-7 / 6, -1 / 3, -0.5, -0.25, 1 / 6, -1 / 6, -2 / 3, 5 / 3, 0, 1.75, 2 / 3, 11 / 6]);
    near(F.affineGrid(theta, [1, 1, 2, 3], true), [-1.75, -1.375, -0.75, -1.25, 0.25, -1.125, -0.75, 2.625, 0.25, 2.75, 1.25, 2.875]);
    const volumes = arange(12, { dtype: 'float64' }).reshape([1, 3, 4]).div(8);
    near(F.affineGrid(volumes, [1, 1, 1, 2, 2]), [0.3125, 0.3125, 0.3125, 0.3125, 0.8125, 1.3125, 0.4375, 0.9375, 1.4375, 0.4375, 1.4375, 2.4375]);
    const identity = tensor([[[1, 0, 0], [0, 1, 0]]], { dtype: 'float64' });
    near(F.gridSample(image(), F.affineGrid(identity, [1, 1, 3, 4], false), { alignCorners: false }), image().flatten().tolist() as number[]);
  });
});

describe('interpolate', () => {
  it('takes a factor for each axis', () => {
    near(F.interpolate(image(), { scaleFactor: [2, 0.5], mode: 'bilinear' }), [
      0.4207354924, 0.5252087174, 0.1010857731, 0.4411029256, -0.5382136656, 0.2728913421, -0.4682129473, -0.05141225199, 0.3110879282, -0.5318078565,
      0.7007383659, -0.7720056587,
    ]);
  });

  it('leaves an axis that keeps its size alone where it is antialiased', () => {
    near(F.interpolate(image(), { scaleFactor: [0.7, 1.2], mode: 'bicubic', antialias: true }), [
      -0.3228607282, 0.2160439393, 0.5563188054, 0.3851167273, 0.2638440745, -0.2028179485, -0.483010085, -0.3191249769,
    ]);
  });

  it('takes bytes where elements are only moved', () => {
    const bytes = arange(6, { dtype: 'uint8' }).reshape([1, 2, 3]);
    const y = F.interpolate(bytes, 5);
    expect(y.dtype).toBe('uint8');
    expect(y.tolist()).toEqual([[[0, 0, 1, 1, 2], [3, 3, 4, 4, 5]]]);
    expect(() => F.interpolate(bytes, 5, { mode: 'linear' })).toThrow(/floating-point/);
  });
});

describe('patches', () => {
  it('are put together by the transpose of taking apart', () => {
    manualSeed(3);
    const options = { kernelSize: [2, 3], dilation: [2, 1], padding: 1, stride: [1, 2] };
    const x = randn([2, 3, 5, 6], { dtype: 'float64' });
    const columns = F.unfold(x, options);
    const g = randn(columns.shape, { dtype: 'float64' });
    const images = F.fold(g, { outputSize: [5, 6], ...options });
    expect(images.shape).toEqual(x.shape);
    expect(Number(images.mul(x).sum().item())).toBeCloseTo(Number(g.mul(columns).sum().item()), 10);
  });

  it('are views along one dim', () => {
    const x = arange(6, { dtype: 'float64' });
    const windows = x.unfold(0, 3, 2);
    expect(windows.tolist()).toEqual([[0, 1, 2], [2, 3, 4]]);
    windows.index(1).fill_(7);
    expect(x.tolist()).toEqual([0, 1, 7, 7, 7, 5]);
  });
});

describe('modules of three axes', () => {
  it('refuse inputs of other ranks', () => {
    const images = zeros([1, 2, 4]);
    const modules: readonly nn.Module[] = [
      new nn.Conv3d(2, 2, 2), new nn.ConvTranspose3d(2, 2, 2), new nn.MaxPool3d(2), new nn.AvgPool3d(2), new nn.AdaptiveAvgPool3d(1),
      new nn.AdaptiveMaxPool3d(1), new nn.LPPool3d(2, 2), new nn.LazyConv3d(2, 2), new nn.FractionalMaxPool3d(2, 1),
    ];
    for (const module of modules) expect(() => module.call(images), String(module)).toThrow(ShapeError);
  });

  it('draw the parameters PyTorch draws, also at the first call', () => {
    manualSeed(1);
    const given = new nn.Conv3d(2, 4, [1, 2, 3]);
    manualSeed(1);
    const lazy = new nn.LazyConv3d(4, [1, 2, 3]);
    lazy.call(zeros([1, 2, 2, 2, 3]));
    expect(lazy).toBeInstanceOf(nn.Conv3d);
    expect(String(lazy)).toBe(String(given));
    expect(lazy.weight.equal(given.weight)).toBe(true);
  });

  it('say what is missing', () => {
    expect(() => new nn.FractionalMaxPool2d(2)).toThrow(UsageError);
    expect(() => new nn.FractionalMaxPool2d(2, { outputRatio: 1.5 })).toThrow(/between 0 and 1/);
    expect(() => new nn.Upsample().call(zeros([1, 1, 2]))).toThrow(/got neither/);
  });
});
