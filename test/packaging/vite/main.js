/* global document */
import * as adjoint from 'adjoint';
import * as slim from 'adjoint/slim';
import address from 'adjoint/adjoint.relaxed.wasm?url';
import secondary from 'adjoint/adjoint.relaxed.secondary.wasm?url';
import { everything, train } from './train.js';

const show = (id, { losses }) => {
  document.getElementById(id).textContent = losses.map((loss) => loss.toFixed(4)).join(' → ');
};

/** What the page has loaded of the secondary module. */
const secondariesLoaded = () => performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\.secondary[^?]*\.wasm$/.test(name));

// The import alone is enough: to train …
show('loss', train(adjoint));
const loadedToTrain = secondariesLoaded();
// … and for everything else, which is loaded when it is first called.
const atOnce = everything(adjoint);
const loadedForMore = secondariesLoaded();

async function others() {
  // A page may load everything ahead …
  adjoint.reset();
  await adjoint.init();
  const ahead = everything(adjoint);
  // … or fetch the binary by itself.
  await slim.init(address, secondary);
  const fetched = everything(slim);
  show('fetched', fetched);
  globalThis.results = { atOnce, loadedToTrain, loadedForMore, ahead, fetched };
}
void others();
