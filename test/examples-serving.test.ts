// The examples that serve a model: as a Worker in the engine of Cloudflare, as a Node server, and what a request must be.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStats } from 'adjoint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../examples/node-server/server';
import { BadRequest, Classifier, LARGEST_BATCH, PIXELS, imagesOf } from '../examples/serving/classifier';
import { writeWeights } from '../examples/serving/weights';
import { ask, bundle, examples, measure, type Cost } from '../examples/worker/local';
import { serveWorker, type WorkerServer } from '../scripts/serve/workerd.mjs';

const folder = mkdtempSync(join(tmpdir(), 'adjoint-serving-'));
const weights = join(folder, 'digits.safetensors');
const { images, digits } = examples(100);

beforeAll(() => { expect(writeWeights(weights, { epochs: 1, limit: 6400 })).toBeGreaterThan(0.85); }, 60_000);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const right = (answers: readonly number[]): number => answers.filter((digit, i) => digit === digits[i]).length;
/** What the classifier of this process reads. */
const local = (): number[] => new Classifier(readFileSync(weights)).answer(images).map(({ digit }) => digit);

describe('the classifier', () => {
  test('reads digits, says probabilities, and keeps nothing of a request', () => {
    const classifier = new Classifier(readFileSync(weights));
    const before = memoryStats().tensors;
    const answers = classifier.answer(images);
    expect(memoryStats().tensors).toBe(before);
    expect(right(answers.map(({ digit }) => digit))).toBeGreaterThan(80);
    for (const { probabilities } of answers) {
      expect(probabilities).toHaveLength(10);
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });

  test('says where a file is damaged', () => {
    expect(() => new Classifier(readFileSync(weights).subarray(0, 100))).toThrow(/loadSafetensors/);
  });

  test('says what a request must be', () => {
    const image = Array<number>(PIXELS).fill(0);
    expect(imagesOf({ images: [image] })).toEqual([image]);
    const wrong = [null, 1, {}, { images: [] }, { images: 'x' }, { images: Array(LARGEST_BATCH + 1).fill(image) }];
    const wrongImages = [1, [], image.slice(1), [...image, 0], [...image.slice(1), 256], [...image.slice(1), -1], [...image.slice(1), null], [...image.slice(1), '1']];
    for (const body of [...wrong, ...wrongImages.map((one) => ({ images: [image, one] }))]) expect(() => imagesOf(body)).toThrow(BadRequest);
    expect(() => imagesOf({ images: [image, []] })).toThrow('images[1]: expected 784 numbers from 0 to 255');
  });
});

/** What both services must do; `address` is asked for once they listen. */
function answersOverHttp(address: () => string): void {
  test('it reads the digits that the classifier reads here', async () => {
    const { digits: answered } = await ask(address(), images);
    // The relaxed binary may round a product differently: no digit of a hundred is so close.
    expect(answered).toEqual(local());
  });

  test('what is wrong is answered, and the next request too', async () => {
    const post = (body: string): Promise<Response> => fetch(address(), { method: 'POST', body });
    for (const body of ['', '{', 'null', '{ "images": [[1]] }']) {
      const response = await post(body);
      expect([response.status, typeof ((await response.json()) as { error: string }).error]).toEqual([400, 'string']);
    }
    expect((await fetch(address(), { method: 'DELETE' })).status).toBe(405);
    expect((await ask(address(), images.slice(0, 1))).digits).toEqual(local().slice(0, 1));
  });

  test('many requests leave no tensors', async () => {
    const held = async (): Promise<number> => ((await (await fetch(address())).json()) as { tensors: number }).tensors;
    await ask(address(), images);
    const before = await held();
    for (let i = 0; i < 20; i++) await ask(address(), images);
    // Fewer where a finaliser has released what another test of this process left.
    expect(await held()).toBeLessThanOrEqual(before);
  });
}

describe('the Node server', () => {
  let server: Server;
  beforeAll(async () => { server = await serve(weights, 0); });
  afterAll(() => { server.close(); });
  answersOverHttp(() => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

  test('does not start with a damaged file', async () => {
    const damaged = join(folder, 'damaged.safetensors');
    writeFileSync(damaged, readFileSync(weights).subarray(0, 1000));
    await expect(serve(damaged, 0)).rejects.toThrow(/loadSafetensors/);
  });
});

describe('the Worker, in workerd', () => {
  let server: WorkerServer;
  let cost: Cost;
  beforeAll(async () => {
    await bundle(weights, join(folder, 'worker'));
    server = await serveWorker(join(folder, 'worker', 'worker.capnp'));
    // Before any other request: the first answer is the cold one.
    cost = await measure(server);
    console.log(`workerd: first answer ${cost.cold.toFixed(0)} ms, later ones ${cost.warm.toFixed(1)} ms, ${(cost.residentBytes / 2 ** 20).toFixed(0)} MB resident`);
  }, 60_000);
  afterAll(() => server.stop());
  answersOverHttp(() => server.address);

  // Several times what examples/worker/README.md records, as the machine may be loaded.
  test('it is quick to start, quicker afterwards, and small', () => {
    expect(cost.cold).toBeLessThan(2000);
    expect(cost.warm).toBeLessThan(20);
    expect(cost.warm).toBeLessThan(cost.cold);
    expect(cost.residentBytes / 2 ** 20).toBeGreaterThan(20);
    expect(cost.residentBytes / 2 ** 20).toBeLessThan(300);
  });
});
