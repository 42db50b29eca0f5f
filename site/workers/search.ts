// Searches the guides by meaning with a model that the visitor picked: every passage is a vector, and so is the question.
import { noGrad, scope, type Tensor } from 'adjoint';
import { SentenceEncoder } from '../../examples/models/minilm';
import { passagesOf, type Passage } from '../../examples/search/passages';
import type { Message, Request } from './search-said';

const say = (message: Message): void => { self.postMessage(message); };

const MOST_FOUND = 5;

let index: { encoder: SentenceEncoder; passages: Passage[]; vectors: Tensor } | undefined;

async function begin({ weights, vocabulary, guides }: Extract<Request, { guides: string }>): Promise<void> {
  const start = performance.now();
  const response = await fetch(guides);
  if (!response.ok) throw new Error(`the guides cannot be fetched: ${response.status}`);
  const pages = (await response.json()) as { page: string; text: string }[];
  const encoder = SentenceEncoder.of(weights, vocabulary);
  const passages = pages.flatMap(({ page, text }) => passagesOf(page, text));
  const vectors = encoder.encode(passages.map(({ heading, text }) => `${heading}\n${text}`), { onProgress: (read) => { say({ read, of: passages.length }); } });
  index?.vectors.dispose();
  index = { encoder, passages, vectors };
  say({ ready: { passages: passages.length, seconds: (performance.now() - start) / 1000 } });
}

function search(question: string): void {
  if (index === undefined) throw new Error('pick the files of the model first');
  const { encoder, passages, vectors } = index;
  const start = performance.now();
  const found = scope(() => noGrad(() => {
    const [scores, places] = vectors.mv(encoder.encode([question]).select(0, 0)).topk(Math.min(MOST_FOUND, passages.length));
    const best = places.tolist().map(Number);
    return (scores.tolist() as number[]).map((score, i) => ({ ...passages[best[i]!]!, score }));
  }));
  say({ found, milliseconds: performance.now() - start });
}

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  try {
    if ('question' in request) search(request.question);
    else await begin(request);
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
};
