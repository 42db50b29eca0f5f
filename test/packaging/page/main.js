// A page that trains and then calls what is not in the primary module. It tells what became of each, and what still works afterwards.
import * as adjoint from 'adjoint';
import { everything, train } from './train.js';

/** What a call gives, or the error it ends in. */
function attempt(call) {
  try {
    return { value: call() };
  } catch (error) {
    return { error: { code: error.code, message: error.message, isAdjoint: error instanceof adjoint.AdjointError } };
  }
}

const x = adjoint.tensor([1, 2, 3]);
const uncommon = attempt(() => x.digamma().tolist());
// Whatever became of that, the page goes on with the tensors it has.
const after = attempt(() => ({ old: x.mul(2).tolist(), trained: train(adjoint) }));

async function rest() {
  const init = await adjoint.init().then(() => 'done', (error) => String(error));
  const ahead = attempt(() => ({ old: x.digamma().tolist(), all: everything(adjoint) }));
  const results = { uncommon, after, init, ahead };
  await fetch('/results', { method: 'POST', body: JSON.stringify(results) }).catch(() => {});
  globalThis.results = results;
}
void rest();
