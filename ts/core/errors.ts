// The error classes. Each has a `code` (its name), the operation that failed, and facts for programs in `details`.

/** Facts about an error, such as the shapes of both operands. */
export type Details = Readonly<Record<string, unknown>>;

/** Anything that goes wrong in Adjoint. */
export class AdjointError extends Error {
  /** The kind of the error: the name of its class. */
  readonly code: string = 'AdjointError';
  /** The operation that failed, or an empty string. */
  readonly op: string;
  /** Facts for programs to read. */
  readonly details: Details;

  constructor(message: string, op = '', details: Details = {}) {
    super(typeof message === 'string' ? message : '');
    this.op = op;
    this.details = details;
  }

  override get name(): string {
    return this.code;
  }
}

/** Shapes do not fit together or do not fit the operation. */
export class ShapeError extends AdjointError {
  override readonly code = 'ShapeError';
}

/** A dtype is not allowed here, or two do not go together. */
export class DTypeError extends AdjointError {
  override readonly code = 'DTypeError';
}

/** A dim or an index is out of range. */
export class IndexError extends AdjointError {
  override readonly code = 'IndexError';
}

/** The tape refuses: no history, a freed graph, a modified saved tensor, an in-place change of a leaf. */
export class AutogradError extends AdjointError {
  override readonly code = 'AutogradError';
}

/** A tensor was used after it was disposed. */
export class DisposedError extends AdjointError {
  override readonly code = 'DisposedError';
}

/** The memory asked for cannot be had. */
export class OutOfMemoryError extends AdjointError {
  override readonly code = 'OutOfMemoryError';
}

/** A file or a byte sequence is malformed. */
export class FormatError extends AdjointError {
  override readonly code = 'FormatError';
}

/** A module of the library could not be loaded. What does not need it goes on working, and the next call that does tries again. */
export class LoadError extends AdjointError {
  override readonly code = 'LoadError';
}

/** There is no device to compute on, it was lost, or it refuses what it is given. */
export class DeviceError extends AdjointError {
  override readonly code = 'DeviceError';
}

/** Anything else that is wrong with a call: kinds, counts or values of arguments. */
export class UsageError extends AdjointError {
  override readonly code = 'UsageError';
}

const CLASSES: Readonly<Record<string, new (message: string, op: string, details: Details) => AdjointError>> = {
  ShapeError,
  DTypeError,
  IndexError,
  AutogradError,
  DisposedError,
  OutOfMemoryError,
  FormatError,
  UsageError,
};

/** What crosses the boundary when a call fails. */
export interface Failure {
  code: string;
  op: string;
  message: string;
  details: Record<string, string>;
}

/** The error for a failure, of the class its code names. */
export function errorOf({ code, op, message, details }: Failure): AdjointError {
  const facts = Object.fromEntries(Object.entries(details).map(([key, text]) => [key, valueOf(text)]));
  return new (CLASSES[code] ?? AdjointError)(message, op, facts);
}

/** Shapes and numbers cross as text; programs want them as values. */
function valueOf(text: string): unknown {
  if (!/^[-\d[]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `error` as `op` throws it, which the caller knows: what failed inside of it goes by that name. */
export function inOp(error: unknown, op: string): unknown {
  if (!(error instanceof AdjointError)) return error;
  const own = `${error.op}: `;
  const text = error.op !== '' && error.message.startsWith(own) ? error.message.slice(own.length) : error.message;
  error.message = `${op}: ${text}`;
  (error as { op: string }).op = op;
  return error;
}

/** Runs `fn`, which is a part of `op` and runs no function of a program. */
export function under<T>(op: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw inOp(error, op);
  }
}
