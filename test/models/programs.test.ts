// The programs of examples/ with the models as they were trained, at a small size.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SentenceEncoder } from '../../examples/models/minilm';
import { pretrainedEncoder } from '../../examples/models/minilm-pretrained';
import { SileroVad } from '../../examples/models/silero-vad';
import { passages } from '../../examples/search';
import { PassageIndex } from '../../examples/search/vectors';
import { trace } from '../../examples/speech';
import { accuracy, labelled, sorted, train } from '../../examples/triage';
import { TESTING, TRAINING } from '../../examples/triage/messages';
import { VOICE } from './voice';

let folder: string;
let encoder: SentenceEncoder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'adjoint-models-'));
  encoder = pretrainedEncoder();
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('search', () => {
  let index: PassageIndex;
  beforeAll(() => {
    index = PassageIndex.build(passages(['docs/files.md', 'docs/memory.md']), encoder, join(folder, 'vectors.safetensors'));
  }, 120_000);

  test.each([
    ['can I read weights that someone trained in PyTorch?', 'docs/files.md'],
    ['is it safe to open a file from a stranger?', 'docs/files.md'],
    ['write arrays for NumPy', 'docs/files.md'],
    ['how do I find out what leaks?', 'docs/memory.md'],
    ['free a tensor by hand', 'docs/memory.md'],
  ])('%s', (question, page) => {
    expect(index.search(question, 1)[0]!.page).toBe(page);
  });

  test('says which part of a page', () => {
    expect(index.search('is it safe to open a file from a stranger?', 1)[0]!.heading).toBe('Files › Files of others');
  });
});

test('a head on frozen vectors sorts messages that it has not seen', () => {
  const { head, losses } = train(labelled(encoder, TRAINING));
  expect(losses.at(-1)).toBeLessThan(0.1);
  expect(accuracy(head, labelled(encoder, TESTING))).toBeGreaterThanOrEqual(0.85);
  const { bug, feature, question } = sorted(head, encoder, 'The page is empty after I log in.');
  expect(bug).toBeGreaterThan(Math.max(feature, question));
});

test('a trace of speech has the two phrases of a recording', () => {
  const { segments, svg } = trace(VOICE, SileroVad.pretrained());
  expect(segments).toHaveLength(2);
  // As they were made: 0.4 s to 1.33 s, 1.88 s to 3 s.
  const wanted = [0.4, 1.33, 1.88, 3];
  segments.flatMap(({ start, end }) => [start, end]).forEach((found, i) => expect(Math.abs(found - wanted[i]!)).toBeLessThan(0.2));
  expect(svg.match(/<rect class="speech"/g)).toHaveLength(2);
});
