// Trains the network of the classifier and writes its weights: node scripts/run.mjs examples/serving/weights.ts
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { io } from 'adjoint';
import { train, type Settings } from '../digits';
import { network } from './classifier';

/** Trains and writes `path`; returns the part of test images that are classified correctly. */
export function writeWeights(path: string, settings: Partial<Settings> = {}): number {
  const { model, testAccuracy } = train({ epochs: 2, ...settings, network });
  io.saveSafetensors(model.stateDict(), path, { metadata: { format: 'pt' } });
  return testAccuracy;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync('out', { recursive: true });
  const accuracy = writeWeights('out/digits.safetensors');
  console.log(`out/digits.safetensors: ${(100 * accuracy).toFixed(2)} % of the test images`);
}
