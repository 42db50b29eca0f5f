/* global self */
// A service worker: no XMLHttpRequest and no import() there. It answers a message with what its calls give.
import * as adjoint from 'adjoint';
import { everything, train } from './train.js';

function attempt(call) {
  try {
    return { value: call() };
  } catch (error) {
    return { error: { code: error.code, message: error.message } };
  }
}

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

async function answer(event) {
  const x = adjoint.tensor([1, 2, 3]);
  const atOnce = attempt(() => x.digamma().tolist());
  const trained = attempt(() => train(adjoint).losses);
  const init = await adjoint.init().then(() => 'done', (error) => String(error));
  const ahead = attempt(() => ({ old: x.digamma().tolist(), all: everything(adjoint) }));
  event.source.postMessage({ atOnce, trained, init, ahead, lacks: [typeof XMLHttpRequest] });
}
self.addEventListener('message', (event) => event.waitUntil(answer(event)));
