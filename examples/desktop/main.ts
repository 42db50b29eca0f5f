// Reads a digit from a PNG: ./digits drawing.png. Bun compiles it to one file, with weights and library inside (README.md).
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AdjointError, data, nn, scope } from 'adjoint';
import { Classifier, PIXELS, type Answer } from '../serving/classifier';

/** The files that `bun build --compile` put into the program. */
declare const Bun: { readonly embeddedFiles: readonly (Blob & { readonly name: string })[] };

/** The weights that were compiled in. */
async function weights(): Promise<ArrayBuffer> {
  const file = Bun.embeddedFiles.find(({ name }) => basename(name).endsWith('.safetensors'));
  if (file === undefined) throw new Error('this program was compiled without out/digits.safetensors');
  return file.arrayBuffer();
}

/** The grey values of a picture of any size, light on dark, as the network wants them. */
function pixels(path: string): number[] {
  return scope(() => {
    const image = data.readImage(readFileSync(path), 'gray').to('float32');
    const small = nn.functional.adaptiveAvgPool2d(image.unsqueeze(0), 28);
    return small.reshape(PIXELS).tolist() as number[];
  });
}

/** A bar of blocks for each digit. */
function picture({ probabilities }: Answer): string {
  return probabilities.map((p, digit) => `  ${digit} ${'█'.repeat(Math.round(40 * p)).padEnd(40)} ${(100 * p).toFixed(1)} %`).join('\n');
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: digits drawing.png   (one digit, light on dark)');
  process.exit(2);
}
try {
  const [answer] = new Classifier(await weights()).answer([pixels(path)]);
  console.log(`${answer!.digit}\n${picture(answer!)}`);
} catch (error) {
  // What is wrong with the file is the user's matter; a stack would not help.
  if (!(error instanceof AdjointError) && (error as { code?: string }).code !== 'ENOENT') throw error;
  console.error((error as Error).message);
  process.exit(1);
}
