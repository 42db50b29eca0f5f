/* global document */
import * as adjoint from 'adjoint';
import * as slim from 'adjoint/slim';
import address from 'adjoint/adjoint.relaxed.wasm?url';
import { train } from './train.js';

const show = (id, { losses }) => {
  document.getElementById(id).textContent = losses.map((loss) => loss.toFixed(4)).join(' → ');
};

// The import alone is enough …
const atOnce = train(adjoint);
show('loss', atOnce);

// … unless the page wants to fetch the binary by itself.
slim.init(address).then(() => {
  const fetched = train(slim);
  show('fetched', fetched);
  globalThis.results = { atOnce, fetched };
});
