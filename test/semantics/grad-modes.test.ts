// Grad modes and inference mode, nested and left by exceptions.
import { type Tensor, enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, ones, setGradEnabled, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

behaves('grad modes nest', [false, true, false, true, false, true], () => {
  const r: unknown[] = [];
  const p = () => r.push(isGradEnabled());
  noGrad(() => {
    p();
    enableGrad(() => {
      p();
      noGrad(p);
      p();
    });
    p();
  });
  p();
  return r;
});

behaves('setGradEnabled as a call and around a function', [false, true, false, true], () => {
  setGradEnabled(false);
  const a = isGradEnabled();
  setGradEnabled(true);
  const b = isGradEnabled();
  const c = setGradEnabled(false, isGradEnabled);
  return [a, b, c, isGradEnabled()];
});

behaves('exceptions restore every mode', [[true, false], [true, false], [true, false]], () => [noGrad, enableGrad, inferenceMode].map(m => {
  try {
    m(() => { throw new Error(); });
  }
  catch {
    // What was thrown does not matter.
  }
  return [isGradEnabled(), isInferenceModeEnabled()];
}));

behaves('backward works in noGrad', [2], () => {
  const x = leaf(1), y = x.mul(2).sum();
  noGrad(() => y.backward());
  return x.grad;
});

behaves('enableGrad inside inferenceMode records nothing', [true, true, false, true], () => inferenceMode(() => enableGrad(() => {
  const y = leaf(1).mul(2);
  return [isGradEnabled(), isInferenceModeEnabled(), y.requiresGrad, y.isInference()];
})));

behaves('inferenceMode(false) inside inferenceMode records', [false, true, true, false], () => inferenceMode(() => inferenceMode(false, () => {
  const y = leaf(1).mul(2);
  return [isInferenceModeEnabled(), isGradEnabled(), y.requiresGrad, y.isInference()];
})));

behaves('a normal tensor may be changed in inferenceMode', [[2, 2], false, 1], () => {
  const t = ones([2]);
  const a = inferenceMode(() => {
    t.add_(1);
    return t.isInference();
  });
  return [t, a, t._version];
});

behaves('requiresGrad inside inferenceMode is a flag without effect', [true, false, true, 'error'], () => inferenceMode(() => {
  const x = ones([2], { requiresGrad: true }), y = x.mul(2);
  return [x.requiresGrad, y.requiresGrad, x.isLeaf, fails(() => y.sum().backward())];
}));

behaves('a clone of an inference tensor can be saved', [1, 1], () => {
  const t = inferenceMode(() => ones([2]));
  const x = leaf(1, 2);
  x.mul(t.clone()).sum().backward();
  return x.grad;
});

behaves('requiresGrad can be asked for in noGrad', [true, false], () => noGrad(() => {
  const x = ones([2], { requiresGrad: true });
  return [x.requiresGrad, x.mul(2).requiresGrad];
}));

behaves('requiresGrad_ in noGrad holds afterwards', [true, true], () => {
  const x = noGrad(() => ones([2]).requiresGrad_());
  return [x.requiresGrad, x.mul(2).requiresGrad];
});

behaves('functions wrapped in modes', [false, true], () => {
  const f = (x: any) => noGrad(() => x.mul(2)), g = (x: any) => enableGrad(() => x.mul(2)), x = leaf(1);
  return [f(x).requiresGrad, noGrad(() => g(x).requiresGrad)];
});
