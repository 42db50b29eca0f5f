// StableHLO as text, line by line. Source: the StableHLO specification, https://openxla.org/stablehlo/spec.
import type { DType } from '../../../core/dtype';
import type { LoweredValue } from '../../core-form/record';

const TYPES: Readonly<Record<DType, string>> = {
  float32: 'f32', float64: 'f64', float16: 'f16', bfloat16: 'bf16', int64: 'i64', int32: 'i32', int16: 'i16', int8: 'i8', uint8: 'ui8', bool: 'i1',
};

/** A type, `tensor<8x2xf32>`. */
export function typeOf({ dtype, shape }: LoweredValue): string {
  return `tensor<${[...shape, TYPES[dtype]].join('x')}>`;
}

/** An element as text: floats need a point, and infinities their bits. */
export function literal(value: number, dtype: DType): string {
  if (dtype === 'bool') return value === 0 ? 'false' : 'true';
  if (dtype !== 'float32' && dtype !== 'float64') return String(value);
  if (!Number.isFinite(value)) {
    const bits = dtype === 'float32' ? new Uint32Array(new Float32Array([value]).buffer)[0]! : new BigUint64Array(new Float64Array([value]).buffer)[0]!;
    return `0x${bits.toString(16).toUpperCase()}`;
  }
  const text = value.toExponential();
  return text.includes('.') ? text : text.replace('e', '.0e');
}

/** The lines of a function. */
export class Text {
  readonly #lines: string[] = [];
  #names = 0;

  fresh(): string {
    return `%t${this.#names++}`;
  }

  /** A line that makes a value; its name. */
  make(right: string, name = this.fresh()): string {
    this.#lines.push(`    ${name} = ${right}`);
    return name;
  }

  /** An operation on operands, with what stands between these and the types. */
  op(name: string, operands: readonly (readonly [string, LoweredValue])[], made: LoweredValue, rest = '', as?: string): string {
    const types = operands.map(([, value]) => typeOf(value)).join(', ');
    return this.make(`stablehlo.${name} ${operands.map(([id]) => id).join(', ')}${rest} : (${types}) -> ${typeOf(made)}`, as);
  }

  /** A constant of equal elements or of these. */
  constant(value: LoweredValue, elements: number | readonly number[]): string {
    const text = typeof elements === 'number' ? literal(elements, value.dtype) : nested(elements.map((n) => literal(n, value.dtype)), value.shape);
    return this.make(`stablehlo.constant dense<${text}> : ${typeOf(value)}`);
  }

  /** `x` in a larger shape. */
  broadcast(x: string, from: LoweredValue, shape: readonly number[]): string {
    if (from.shape.join() === shape.join()) return x;
    const dims = from.shape.map((_, i) => i + shape.length - from.shape.length);
    return this.op('broadcast_in_dim', [[x, from]], { dtype: from.dtype, shape }, `, dims = [${dims.join(', ')}]`);
  }

  /** All lines. */
  finish(): string {
    return this.#lines.join('\n');
  }
}

function nested(list: readonly string[], shape: readonly number[]): string {
  if (shape.length === 0) return list[0]!;
  const [n, ...rest] = shape as [number, ...number[]];
  const size = list.length / Math.max(1, n);
  return `[${Array.from({ length: n }, (_, i) => nested(list.slice(i * size, (i + 1) * size), rest)).join(', ')}]`;
}
