// Sorts messages into bugs, wishes and questions by a small head on frozen sentence vectors:
// node scripts/run.mjs examples/triage.ts "the page is empty after login"
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { data, manualSeed, nn, noGrad, optim, save, scope, tensor, type Tensor } from 'adjoint';
import type { SentenceEncoder } from './models/minilm';
import { pretrainedEncoder } from './models/minilm-pretrained';
import { KINDS, TESTING, TRAINING, type Kind } from './triage/messages';

/** Vectors of messages with their kinds. */
export interface Labelled {
  readonly vectors: Tensor;
  readonly kinds: Tensor;
}

/** Encodes messages. The encoder is frozen, so each is encoded once, whatever the number of epochs. */
export function labelled(encoder: Pick<SentenceEncoder, 'encode'>, messages: Record<Kind, readonly string[]>): Labelled {
  const kinds = KINDS.flatMap((kind, i) => messages[kind].map(() => i));
  return { vectors: encoder.encode(KINDS.flatMap((kind) => messages[kind])), kinds: tensor(kinds, { dtype: 'int64' }) };
}

/** The part of the messages that a head sorts correctly. */
export function accuracy(head: nn.Module, { vectors, kinds }: Labelled): number {
  const wasTraining = head.training;
  head.eval();
  const correct = scope(() => noGrad(() => (head(vectors) as Tensor).argmax(1).eq(kinds).sum().item()));
  head.train(wasTraining);
  return correct / kinds.shape[0]!;
}

/** What can be chosen about the training. */
export interface Settings {
  epochs: number;
  lr: number;
  seed: number;
}

/** A linear head, trained on these messages, and the mean loss of each epoch. */
export function train({ vectors, kinds }: Labelled, settings: Partial<Settings> = {}): { head: nn.Sequential; losses: number[] } {
  const { epochs, lr, seed } = { epochs: 40, lr: 0.02, seed: 0, ...settings };
  manualSeed(seed);
  const head = new nn.Sequential(new nn.Dropout(0.1), new nn.Linear(vectors.shape[1]!, KINDS.length));
  const optimizer = new optim.AdamW(head.parameters(), { lr, weightDecay: 0.01 });
  const loader = new data.DataLoader(new data.TensorDataset(vectors, kinds), { batchSize: 16, shuffle: true });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (const [x, y] of loader) {
      const loss = nn.functional.crossEntropy(head(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      sum += loss.item();
    }
    losses.push(sum / loader.length);
  }
  head.eval();
  return { head, losses };
}

/** How probable each kind is for a message. */
export function sorted(head: nn.Module, encoder: Pick<SentenceEncoder, 'encode'>, message: string): Record<Kind, number> {
  const values = scope(() => noGrad(() => (head(encoder.encode([message])) as Tensor).softmax(1).select(0, 0).tolist())) as number[];
  return Object.fromEntries(KINDS.map((kind, i) => [kind, values[i]!])) as Record<Kind, number>;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const encoder = pretrainedEncoder();
  const [training, testing] = [labelled(encoder, TRAINING), labelled(encoder, TESTING)];
  const { head, losses } = train(training);
  const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;
  console.log(`loss ${losses[0]!.toFixed(3)} in the first epoch, ${losses.at(-1)!.toFixed(3)} in the last of ${losses.length}`);
  console.log(`correct: ${percent(accuracy(head, training))} of ${training.kinds.numel()} messages learned from, ${percent(accuracy(head, testing))} of ${testing.kinds.numel()} others`);
  const folder = fileURLToPath(new URL('../out', import.meta.url));
  mkdirSync(folder, { recursive: true });
  save(head.stateDict(), join(folder, 'triage.pt'));
  console.log('the head is in out/triage.pt, which PyTorch loads too\n');
  const given = process.argv.slice(2).join(' ');
  for (const message of given === '' ? ['The page is empty after I log in.', 'A button to copy the link, please.', 'What is a tape?'] : [given]) {
    const parts = Object.entries(sorted(head, encoder, message)).sort(([, a], [, b]) => b - a);
    console.log(`${message}\n  ${parts.map(([kind, part]) => `${kind} ${percent(part)}`).join(', ')}`);
  }
}
