/* global test, expect */
// The program in Jest; the environment is chosen on the command line.
const adjoint = require('adjoint');
const { everything } = require('./train.cjs');

test('the program trains, in the environment asked for', () => {
  const result = everything(adjoint);
  expect(result.losses[9]).toBeLessThan(result.losses[0]);
  // The names of errors are text, which crosses the boundary.
  expect(() => adjoint.ones([2]).add(adjoint.ones([3]))).toThrow('add');
  expect(adjoint.tensor([1]).digamma().item()).toBeCloseTo(-0.5772157, 5);
  require('node:fs').writeFileSync('result.json', JSON.stringify({ result, hasDocument: typeof document, hasTextDecoder: typeof TextDecoder }));
});
