// A model of MiniLM's shape, far too small and with weights by chance, as the two files that the page of the search takes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [WIDTH, INNER, POSITIONS] = [32, 64, 256];
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz0123456789.,;:()?!-\'"/`<>=[]{}*+_#&@$%^|~\\');
const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...LETTERS, ...LETTERS.map((letter) => `##${letter}`)];

const layer = 'encoder.layer.0';
const dense = (name, out, inner) => [[`${name}.weight`, [out, inner]], [`${name}.bias`, [out]]];
const norm = (name) => [[`${name}.weight`, [WIDTH]], [`${name}.bias`, [WIDTH]]];
const SHAPES = [
  ['embeddings.word_embeddings.weight', [VOCABULARY.length, WIDTH]],
  ['embeddings.position_embeddings.weight', [POSITIONS, WIDTH]],
  ['embeddings.token_type_embeddings.weight', [2, WIDTH]],
  ...norm('embeddings.LayerNorm'),
  ...['query', 'key', 'value'].flatMap((name) => dense(`${layer}.attention.self.${name}`, WIDTH, WIDTH)),
  ...dense(`${layer}.attention.output.dense`, WIDTH, WIDTH),
  ...norm(`${layer}.attention.output.LayerNorm`),
  ...dense(`${layer}.intermediate.dense`, INNER, WIDTH),
  ...dense(`${layer}.output.dense`, WIDTH, INNER),
  ...norm(`${layer}.output.LayerNorm`),
  ...dense('pooler.dense', WIDTH, WIDTH),
];

/** Writes both files into a folder; returns their paths. */
export function writeSmallMiniLM(folder) {
  const header = {};
  const parts = [];
  let end = 0;
  let seed = 1;
  const add = (name, dtype, shape, bytes) => {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
    parts.push(bytes);
  };
  for (const [name, shape] of SHAPES) {
    const numbers = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      seed = (seed * 16807) % 2147483647;
      return (seed / 2147483647 - 0.5) / 2 + (name.endsWith('LayerNorm.weight') ? 1 : 0);
    });
    add(name, 'F32', shape, Buffer.from(numbers.buffer));
  }
  const positions = BigInt64Array.from({ length: POSITIONS }, (_, i) => BigInt(i));
  add('embeddings.position_ids', 'I64', [1, POSITIONS], Buffer.from(positions.buffer));
  const text = Buffer.from(JSON.stringify(header).padEnd(8 * Math.ceil(JSON.stringify(header).length / 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const paths = { weights: join(folder, 'model.safetensors'), vocabulary: join(folder, 'vocab.txt') };
  writeFileSync(paths.weights, Buffer.concat([length, text, ...parts]));
  writeFileSync(paths.vocabulary, `${VOCABULARY.join('\n')}\n`);
  return paths;
}
