// What makes a module a function, so that `model(x)` runs it as in PyTorch. JavaScript calls functions only, and evaluating text to
// make one is refused under content security policies. A constructor may return an object of its choice, though, and a class that
// derives from it puts its fields, private ones too, on that: here an arrow function with the prototype of the class.

/** The first overloads of a `forward` with as many as three, the first repeated where there are fewer; `Parameters` knows the last one. */
type Overloads<F> = F extends { (...args: infer A): infer R; (...args: infer B): infer S; (...args: never): unknown } ? [[A, R], [B, S]] : [[never, never], [never, never]];

/** The arguments of the overload at `I` of `F`. */
export type ArgumentsAt<F, I extends 0 | 1> = Overloads<F>[I] extends [infer A extends unknown[], unknown] ? A : never;

/** The result of the overload at `I` of `F`. */
export type ResultAt<F, I extends 0 | 1> = Overloads<F>[I][1];

/** What a call runs. */
interface Called {
  call(...given: unknown[]): unknown;
}

/** The base of objects that are called: a call runs their `call`. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- it makes what others derive from
export abstract class Callable {
  constructor() {
    // structuredClone refuses functions and shows the beginning of their text, so that says what to do; minifiers keep it.
    /* eslint-disable @typescript-eslint/no-unnecessary-condition -- for the text */
    const self = (...given: unknown[]): unknown =>
      given === null ? "a module's parameters; use clone() or the JSON of its stateDict() instead" : (self as unknown as Called).call(...given);
    /* eslint-enable @typescript-eslint/no-unnecessary-condition */
    // It has the methods of its class and none of functions; names of its own that all functions have are free for attributes.
    Object.setPrototypeOf(self, new.target.prototype);
    Reflect.deleteProperty(self, 'name');
    Reflect.deleteProperty(self, 'length');
    return self;
  }
}

/**
 * Has V8 keep the properties of an object at fixed offsets again, which it ceases to do where one was deleted: it does so for what
 * is a prototype once its properties are enumerated. Reading a property, and every call of a module does that often, then takes a
 * third of the time. Other engines do as they please.
 */
export function makeFast(owner: object): void {
  for (const _ in Object.create(owner)) return;
}
