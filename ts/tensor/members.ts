// Members of tensors that are no calls of ops, and stand in the file of their subject instead of in the class. Such a file states an
// interface, which the type of tensors extends, and the bodies; ts/index.ts installs those of all files. So the class imports none
// of them, and every one of them may import the class.
import { withoutArguments, type ParameterList } from '../core/options';
import { Tensor } from './tensor';

type Lists = Readonly<Record<string, ParameterList<object>>>;

/** Bodies of members, and the parameters of the methods that read theirs by a list. */
export interface Members {
  readonly bodies: object;
  readonly lists: Lists;
}

/** A body may take any arguments, as the implementation of an overloaded method does; `M` says what callers may give. */
type Bodies<M> = { readonly [K in keyof M]: M[K] extends (...args: never[]) => unknown ? (...args: never[]) => unknown : M[K] } & ThisType<Tensor>;

/** The members `M`; `refusing` names methods, separated by spaces, that refuse arguments since they have none. */
export function membersOf<M>(bodies: Bodies<M>, { refusing = '', lists = {} }: { refusing?: string; lists?: Lists } = {}): Members {
  if (refusing !== '') withoutArguments(bodies, refusing);
  return { bodies, lists };
}

/** Gives tensors these members. */
export function installMembers(...all: readonly Members[]): void {
  for (const { bodies, lists } of all) {
    const found: Record<PropertyKey, PropertyDescriptor> = Object.getOwnPropertyDescriptors(bodies);
    // As members of classes are.
    for (const key of Reflect.ownKeys(found)) found[key]!.enumerable = false;
    Object.defineProperties(Tensor.prototype, found);
    Object.assign(Tensor._methods, lists);
  }
}
