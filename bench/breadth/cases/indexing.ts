// Reading and writing parts of tensors, and moving elements.
import { cat, diag, gather, maskedSelect, nn, nonzero, stack, tile, tril, where, zeros } from 'adjoint';
import { SIDE, bools, integers, million, normal, type Case, type Family } from '../case';

const F = nn.functional;

/** Indices of one dim of a million numbers. */
const picked = (n: number, high = SIDE) => ({ x: normal([SIDE * n, SIDE]), i: integers(0, high, [SIDE * n, SIDE]) });
const masked = (n: number) => ({ x: normal([SIDE * n, SIDE]), m: bools([SIDE * n, SIDE]) });
const rows = (n: number) => ({ x: normal([SIDE * n, SIDE]), i: integers(0, SIDE * n, [SIDE * n]) });

export const indexing: Family = {
  name: 'indexing',
  title: 'Indexing of a million float32',
  ofTorch: 2,
  cases: [
    million('slice.copy', (x) => x.index('...', { step: 2 }).clone(), 'x[..., ::2].clone()'),
    million('slice.fill', (x) => x.setitem('...', { step: 2 }, 0), 'setitem(x, (..., slice(None, None, 2)), 0)', { of: [] }),
    million('slice.rows.fill', (x) => x.setitem({ start: 100, stop: 900 }, 0.5), 'setitem(x, slice(100, 900), 0.5)', { of: [] }),
    million('slice.assign', (x) => x.setitem({ stop: 512 }, x.index({ start: -512 })), 'setitem(x, slice(None, 512), x[-512:])', { of: [] }),
    { name: 'mask.assign', inputs: masked, ours: ({ x, m }) => x!.setitem(m!, 0), torch: 'setitem(x, m, 0)' },
    { name: 'mask.select', inputs: masked, ours: ({ x, m }) => x!.index(m!), torch: 'x[m]', of: ['x'] },
    { name: 'maskedSelect', inputs: masked, ours: ({ x, m }) => maskedSelect(x!, m!), torch: 'torch.masked_select(x, m)', of: ['x'] },
    { name: 'maskedFill', inputs: masked, ours: ({ x, m }) => x!.maskedFill(m!, 0), torch: 'x.masked_fill(m, 0)', of: ['x'] },
    { name: 'where', inputs: masked, ours: ({ x, m }) => where(m!, x!, x!.neg()), torch: 'torch.where(m, x, -x)', of: ['x'] },
    { name: 'nonzero', inputs: masked, ours: ({ m }) => nonzero(m!), torch: 'm.nonzero()' },
    { name: 'gather.dim0', inputs: (n) => picked(n, SIDE * n), ours: ({ x, i }) => gather(x!, 0, i!), torch: 'x.gather(0, i)', of: ['x'] },
    { name: 'gather.dim1', inputs: (n) => picked(n), ours: ({ x, i }) => gather(x!, 1, i!), torch: 'x.gather(1, i)', of: ['x'] },
    { name: 'takeAlongDim', inputs: (n) => picked(n), ours: ({ x, i }) => x!.takeAlongDim(i!, 1), torch: 'torch.take_along_dim(x, i, 1)', of: ['x'] },
    { name: 'scatter.dim1', inputs: (n) => picked(n), ours: ({ x, i }) => x!.scatter(1, i!, 0.5), torch: 'x.scatter(1, i, 0.5)', of: ['x'] },
    { name: 'scatterAdd.dim1', inputs: (n) => picked(n), ours: ({ x, i }) => x!.scatterAdd(1, i!, x!), torch: 'x.scatter_add(1, i, x)', of: ['x'] },
    { name: 'scatterAdd.dim0', inputs: (n) => picked(n, SIDE * n), ours: ({ x, i }) => x!.scatterAdd(0, i!, x!), torch: 'x.scatter_add(0, i, x)', of: ['x'] },
    {
      name: 'scatterAdd.few', inputs: (n) => ({ x: normal([SIDE * SIDE * n]), i: integers(0, 10, [SIDE * SIDE * n]) }),
      ours: ({ x, i }) => zeros([10]).scatterAdd(0, i!, x!), torch: 'torch.zeros(10).scatter_add(0, i, x)', of: ['x'],
    },
    {
      name: 'scatterReduce.amax', inputs: (n) => ({ x: normal([SIDE * SIDE * n]), i: integers(0, 1000, [SIDE * SIDE * n]) }),
      ours: ({ x, i }) => zeros([1000]).scatterReduce(0, i!, x!, 'amax'), torch: 'torch.zeros(1000).scatter_reduce(0, i, x, "amax")', of: ['x'],
    },
    { name: 'indexSelect.dim0', inputs: rows, ours: ({ x, i }) => x!.indexSelect(0, i!), torch: 'x.index_select(0, i)', of: ['x'] },
    { name: 'indexSelect.dim1', inputs: () => rows(1), ours: ({ x, i }) => x!.indexSelect(1, i!), torch: 'x.index_select(1, i)', of: ['x'] },
    { name: 'index.rows', inputs: rows, ours: ({ x, i }) => x!.index(i!), torch: 'x[i]', of: ['x'] },
    {
      name: 'index.pairs', inputs: (n) => ({ x: normal([SIDE, SIDE]), i: integers(0, SIDE, [262_144 * n]), j: integers(0, SIDE, [262_144 * n]) }),
      ours: ({ x, i, j }) => x!.index(i!, j!), torch: 'x[i, j]', of: ['x'],
    },
    {
      name: 'indexPut.accumulate', inputs: (n) => ({ x: normal([SIDE, SIDE]), i: integers(0, SIDE, [65_536 * n]), j: integers(0, SIDE, [65_536 * n]), v: normal([65_536 * n]) }),
      ours: ({ x, i, j, v }) => x!.indexPut([i!, j!], v!, true), torch: 'x.index_put((i, j), v, True)', of: ['x', 'v'],
    },
    { name: 'indexAdd', inputs: rows, ours: ({ x, i }) => x!.indexAdd(0, i!, x!), torch: 'x.index_add(0, i, x)', of: ['x'] },
    {
      name: 'embedding', inputs: (n) => ({ w: normal([10_000, 256]), i: integers(0, 10_000, [4096 * n]) }),
      ours: ({ w, i }) => F.embedding(i!, w!), torch: 'F.embedding(i, w)', of: ['w'],
    },
    {
      name: 'embeddingBag', inputs: (n) => ({ w: normal([10_000, 64]), i: integers(0, 10_000, [512 * n, 32]) }),
      ours: ({ w, i }) => F.embeddingBag(i!, w!), torch: 'F.embedding_bag(i, w)', of: ['w'],
    },
    { name: 'oneHot', inputs: (n) => ({ i: integers(0, 64, [16_384 * n]) }), ours: ({ i }) => F.oneHot(i!, 64), torch: 'F.one_hot(i, 64)' },
  ],
};

const images = (n: number) => ({ x: normal([16 * n, 64, 32, 32]) });
const moved = (name: string, ours: Parameters<typeof million>[1], torch: string, rest: Partial<Case> = {}): Case => million(name, ours, torch, rest);

export const layout: Family = {
  name: 'layout',
  title: 'Moving a million float32',
  ofTorch: 2,
  isMemory: true,
  cases: [
    moved('clone', (x) => x.clone(), 'x.clone()'),
    moved('transpose', (x) => x.t().contiguous(), 'x.t().contiguous()'),
    moved('permute.channelsLast', (x) => x.permute([0, 2, 3, 1]).contiguous(), 'x.permute(0, 2, 3, 1).contiguous()', { inputs: images }),
    moved('permute.heads', (x) => x.permute([0, 2, 1, 3]).contiguous(), 'x.permute(0, 2, 1, 3).contiguous()', { inputs: (n) => ({ x: normal([16 * n, 128, 8, 64]) }) }),
    moved('flip.inner', (x) => x.flip([1]), 'x.flip(1)'),
    moved('flip.outer', (x) => x.flip([0]), 'x.flip(0)'),
    moved('flip.image', (x) => x.flip([3]), 'x.flip(3)', { inputs: images }),
    moved('roll', (x) => x.roll(100, 1), 'x.roll(100, 1)'),
    moved('cat.dim0', (x) => cat([x, x], 0), 'torch.cat([x, x], 0)'),
    moved('cat.dim1', (x) => cat([x, x], 1), 'torch.cat([x, x], 1)'),
    moved('stack', (x) => stack([x, x], 2), 'torch.stack([x, x], 2)'),
    moved('pad.constant', (x) => F.pad(x, [1, 1, 1, 1]), 'F.pad(x, (1, 1, 1, 1))', { inputs: images }),
    moved('pad.reflect', (x) => F.pad(x, [1, 1, 1, 1], 'reflect'), 'F.pad(x, (1, 1, 1, 1), "reflect")', { inputs: images }),
    moved('pad.replicate', (x) => F.pad(x, [1, 1, 1, 1], 'replicate'), 'F.pad(x, (1, 1, 1, 1), "replicate")', { inputs: images }),
    moved('pad.circular', (x) => F.pad(x, [1, 1, 1, 1], 'circular'), 'F.pad(x, (1, 1, 1, 1), "circular")', { inputs: images }),
    moved('tile', (x) => tile(x, [2, 2]), 'x.tile(2, 2)', { inputs: (n) => ({ x: normal([512 * n, 512]) }) }),
    moved('repeatInterleave', (x) => x.repeatInterleave(4, 1), 'x.repeat_interleave(4, 1)', { inputs: (n) => ({ x: normal([512 * n, 512]) }) }),
    moved('expand', (x) => x.expand([SIDE, SIDE]).contiguous(), 'x.expand(1024, 1024).contiguous()', { inputs: () => ({ x: normal([SIDE, 1]) }) }),
    moved('tril', (x) => tril(x), 'x.tril()'),
    moved('diag', (x) => diag(x), 'x.diag()', { inputs: () => ({ x: normal([SIDE]) }) }),
    moved('unfold', (x) => x.unfold(1, 8, 4).contiguous(), 'x.unfold(1, 8, 4).contiguous()', { inputs: (n) => ({ x: normal([256 * n, SIDE]) }) }),
    moved('pixelShuffle', (x) => F.pixelShuffle(x, 2), 'F.pixel_shuffle(x, 2)', { inputs: images }),
    moved('tolist', (x) => { x.tolist(); return null; }, 'x.tolist() and None', { inputs: (n) => ({ x: normal([128 * n, SIDE]) }), of: [] }),
  ],
};
