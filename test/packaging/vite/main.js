/* global document */
import * as adjoint from 'adjoint';
import * as slim from 'adjoint/slim';
import address from 'adjoint/adjoint.relaxed.wasm?url';
import rest from 'adjoint/adjoint.relaxed.rest.wasm?url';
import { everything, train } from './train.js';

const show = (id, { losses }) => {
  document.getElementById(id).textContent = losses.map((loss) => loss.toFixed(4)).join(' → ');
};

/** What the page has loaded of the part of the binary that is not in the bundle. */
const restsLoaded = () => performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\.rest[^?]*\.wasm$/.test(name));

// The import alone is enough: to train …
show('loss', train(adjoint));
const loadedToTrain = restsLoaded();
// … and for everything else, which is loaded when it is first called.
const atOnce = everything(adjoint);
const loadedForMore = restsLoaded();

async function others() {
  // A page may load everything ahead …
  adjoint.reset();
  await adjoint.init();
  const ahead = everything(adjoint);
  // … or fetch the binary by itself.
  await slim.init(address, rest);
  const fetched = everything(slim);
  show('fetched', fetched);
  globalThis.results = { atOnce, loadedToTrain, loadedForMore, ahead, fetched };
}
void others();
