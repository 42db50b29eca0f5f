// What PyTorch computes for program/train.js with seed 0, worked out again in double precision and plain arrays: nothing here
// is shared with the package.
//
// Random numbers: PyTorch's CPU generator is MT19937 (Matsumoto and Nishimura 1998); a float32 uniform takes the low 24 bits
// of one output. nn.Linear draws its weight, then its bias, from ±1/√(fan in) (kaiming_uniform_ with a = √5).

function mersenneTwister(seed) {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let next = 624;
  return () => {
    if (next === 624) {
      for (let i = 0; i < 624; i++) {
        const v = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
        state[i] = state[(i + 397) % 624] ^ (v >>> 1) ^ (v & 1 ? 0x9908b0df : 0);
      }
      next = 0;
    }
    let v = state[next++];
    v ^= v >>> 11;
    v ^= (v << 7) & 0x9d2c5680;
    v ^= (v << 15) & 0xefc60000;
    return (v ^ (v >>> 18)) >>> 0;
  };
}

/** `[weight, bias]` of a fresh nn.Linear. */
export function linear(random, fanIn, fanOut) {
  const bound = 1 / Math.sqrt(fanIn);
  const draw = () => ((random() & 0xffffff) / 2 ** 24) * 2 * bound - bound;
  const weight = Array.from({ length: fanOut }, () => Array.from({ length: fanIn }, draw));
  return [weight, Array.from({ length: fanOut }, draw)];
}

/** What train() of program/train.js returns, as far as it is numbers. */
export function referenceTraining() {
  const random = mersenneTwister(0);
  const [w1, b1] = linear(random, 2, 16);
  const [[w2], b2] = linear(random, 16, 1);
  const initial = JSON.parse(JSON.stringify([w1, b1, [w2], b2]));
  const x = [[-1, -1], [-1, 1], [1, -1], [1, 1]];
  const lr = 0.25;

  const forward = ([u, v]) => {
    const h = b1.map((b, j) => Math.tanh(w1[j][0] * u + w1[j][1] * v + b));
    return { h, out: h.reduce((sum, hj, j) => sum + hj * w2[j], b2[0]) };
  };
  const losses = [];
  for (let step = 0; step < 10; step++) {
    const rows = x.map(forward);
    const errors = rows.map(({ out }, i) => out - x[i][0] * x[i][1]);
    losses.push(errors.reduce((sum, e) => sum + e * e, 0) / 4);
    // d loss / d out = e / 2 for a mean of four squares.
    const before = [...w2];
    rows.forEach(({ h }, i) => {
      const g = (errors[i] / 2) * lr;
      b2[0] -= g;
      h.forEach((hj, j) => {
        w2[j] -= g * hj;
        const gj = g * before[j] * (1 - hj * hj);
        b1[j] -= gj;
        w1[j][0] -= gj * x[i][0];
        w1[j][1] -= gj * x[i][1];
      });
    });
  }
  return { initial, losses, predictions: x.map((row) => [forward(row).out]) };
}
