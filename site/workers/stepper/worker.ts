// Answers questions about a formula, and keeps its leaves between them, so that gradients add up as they do in a program.
import * as adjoint from 'adjoint';
import type { Tensor } from 'adjoint';
import { transform } from 'sucrase';
import operations from '@site/.pages/operations.json';
import type { Operations } from './call';
import { formulaOf, leafOf } from './formula';
import { resultOf, traceOf, type Formula } from './trace';
import type { Input, Message, Question, Request } from './trace-data';

const say = (message: Message): void => { self.postMessage(message); };

let leaves: Tensor[] = [];
let made = '';
let asked: { formula: Formula; detached: readonly number[] } | null = null;

/** Other inputs are other leaves, without gradients; the same ones keep theirs. */
function leavesOf(inputs: readonly Input[]): Tensor[] {
  const now = JSON.stringify(inputs);
  if (now === made) return leaves;
  const fresh = inputs.map((input) => leafOf(adjoint, input));
  for (const leaf of leaves) leaf.dispose();
  [leaves, made] = [fresh, now];
  return leaves;
}

const grads = (): Message => ({ grads: leaves.map((leaf) => (leaf.grad === null ? null : JSON.stringify(leaf.grad.tolist()))) });

function ask(question: Question): void {
  const given = leavesOf(question.inputs);
  // A formula may have types; what surrounds it is there so that `return` may stand in it.
  const { code } = transform(question.formula, { transforms: ['typescript'] });
  const formula = formulaOf(adjoint, code, question.inputs.map(({ name }) => name));
  asked = { formula, detached: question.detached };
  say({ trace: traceOf(adjoint, operations as Operations, formula, given, question) });
  say(grads());
}

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  try {
    if ('ask' in request) return ask(request.ask);
    if ('zero' in request) for (const leaf of leaves) leaf.grad?.zero_();
    else adjoint.scope(() => { if (asked !== null) resultOf(adjoint, operations as Operations, asked.formula, leaves, asked.detached).sum().backward(); });
    say(grads());
  } catch (error) {
    say({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
};
