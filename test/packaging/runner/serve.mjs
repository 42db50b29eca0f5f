// A web server for a folder, on loopback.
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css' };

/**
 * Serves `folder`, runs `work(address, posted)` and stops. `posted` resolves with what a page sends to /results as JSON. What is not there
 * is answered with `missing`, the status 404 or a page as servers of single-page applications answer.
 */
export async function serving(folder, work, { headers = {}, missing = 404 } = {}) {
  let arrived;
  const posted = new Promise((resolve) => (arrived = resolve));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (request.method === 'POST' && path === '/results') {
      let text = '';
      request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
        arrived(JSON.parse(text));
        response.end();
      });
      return;
    }
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    const isThere = !path.includes('..') && existsSync(file) && statSync(file).isFile();
    const type = isThere ? (TYPES[extname(file)] ?? 'application/octet-stream') : 'text/html';
    response.writeHead(isThere ? 200 : missing, { 'content-type': type, ...headers });
    response.end(isThere ? readFileSync(file) : '<!doctype html><title>not here</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${server.address().port}/`, posted);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
