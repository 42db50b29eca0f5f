// What a run of program/train.js must have given.
import assert from 'node:assert/strict';
import { referenceTraining } from './reference.mjs';

// Ten steps in single precision against double: the error grows from 6e-8 to some 1e-6 of the value.
const TOLERANCE = 1e-5;

function assertClose(actual, expected, tolerance, where) {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${where} should be an array and is ${typeof actual}`);
    assert.equal(actual.length, expected.length, `${where} has the wrong length`);
    expected.forEach((e, i) => assertClose(actual[i], e, tolerance, `${where}[${i}]`));
    return;
  }
  assert.equal(typeof actual, 'number', `${where} should be a number`);
  const error = Math.abs(actual - expected);
  assert.ok(error <= tolerance * Math.max(1, Math.abs(expected)), `${where} is ${actual}, expected ${expected} (off by ${error})`);
}

/** Checks values and types of a result against PyTorch's arithmetic. */
export function assertTrained(result) {
  const { refusal, ...rest } = result;
  for (const [name, expected] of Object.entries(referenceTraining())) assertClose(rest[name], expected, TOLERANCE, name);
  for (const loss of rest.losses) assert.equal(loss, Math.fround(loss), 'a loss is not a float32');
  assert.ok(Object.keys(rest.fingerprints).length > 150, 'hardly any operation was hashed');
  const { shape, dtype, isTensor, printed } = rest;
  assert.deepEqual({ shape, dtype, isTensor, printed }, { shape: [4, 1], dtype: 'float32', isTensor: true, printed: 'tensor([[1., 2.]])' });
  assert.deepEqual([refusal?.name, refusal?.isError], ['ShapeError', true], 'matmul of [4, 2] and [4, 1] was not refused as it should be');
  assert.match(refusal.message, /^matmul: .*\[4, 2\].*\[4, 1\]/);
}

/** Checks that two runs gave the same bits. */
export function assertSameBits(result, expected, whose) {
  assert.deepEqual(result, expected, `the result differs from ${whose}`);
}
