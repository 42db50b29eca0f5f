// Products of matrices.
import * as A from '../../../generated/functions';
import type { Row } from '../node';
import type { Rows } from './family';

const gemm: Row = (node) => {
  const [alpha, beta, transA, transB] = [node.float('alpha', 1), node.float('beta', 1), node.flag('transA', false), node.flag('transB', false)];
  node.weight(0, 1, 2);
  return ([a, b, c]) => {
    let out = A.matmul(transA ? A.t(a!) : a!, transB ? A.t(b!) : b!);
    if (alpha !== 1) out = A.mul(out, alpha);
    if (c == null) return out;
    return A.add(out, beta === 1 ? c : A.mul(c, beta));
  };
};

const matMul: Row = (node) => {
  node.weight(0, 1);
  return ([a, b]) => A.matmul(a!, b!);
};

const einsum: Row = (node) => {
  const equation = node.anyText('equation');
  if (equation === null) throw node.refusal('attribute equation is missing');
  node.weight(...Array.from({ length: node.inputCount }, (_, i) => i));
  return (inputs) => A.einsum(equation.replace(/\s/g, ''), inputs.map((t) => t!));
};

export const contractions = (): Rows => ({ Gemm: gemm, MatMul: matMul, Einsum: einsum });
