// The digits as an HTTP service in Node: node scripts/run.mjs examples/node-server/server.ts [port]
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Classifier } from '../serving/classifier';
import { handler } from '../serving/handler';
import { writeWeights } from '../serving/weights';

/** What Node knows of a request as the platform's own class. */
function requestOf(message: IncomingMessage): Request {
  const hasBody = message.method !== 'GET' && message.method !== 'HEAD';
  const body = hasBody ? { body: Readable.toWeb(message) as ReadableStream, duplex: 'half' } : {};
  return new Request(new URL(message.url ?? '/', 'http://localhost'), { method: message.method ?? 'GET', ...body });
}

/** A server that listens on `port`, any free one for 0, with the weights of a safetensors file. */
export async function serve(weights: string, port: number): Promise<Server> {
  const classifier = new Classifier(readFileSync(weights)); // before it listens: a bad file ends the start, not a request
  const answer = handler(() => classifier);
  const server = createServer((message, response) => {
    answer(requestOf(message)).then(
      async (result) => {
        response.writeHead(result.status, { 'content-type': 'application/json' });
        response.end(await result.text());
      },
      (error: unknown) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const weights = 'out/digits.safetensors';
  if (!existsSync(weights)) writeWeights(weights);
  const server = await serve(weights, Number(process.argv[2] ?? 8080));
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}
