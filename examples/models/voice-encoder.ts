// Resemblyzer: a piece of speech becomes a vector of length 1, and pieces by one speaker become vectors that are close.
//
// Source: Wan et al., "Generalized End-to-End Loss for Speaker Verification" (2018).
import { arange, load, nn, tensor, type Tensor } from 'adjoint';
import { fileOf } from './packages';

/** Samples a second, those in a window, those from one window to the next. */
const [RATE, WINDOW, HOP] = [16_000, 400, 160];
const BANDS = 40;
/** Windows of which one vector is made. */
export const PART = 160;

/** Frequencies as the ear hears them, by Slaney: linear below 1000 Hz, logarithmic above. */
const LOG_STEP = Math.log(6.4) / 27;
const toMel = (f: number): number => (f < 1000 ? (f * 3) / 200 : 15 + Math.log(f / 1000) / LOG_STEP);
const toHertz = (mel: number): number => (mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(LOG_STEP * (mel - 15)));

/** For each band a triangle over the frequencies, of area 1: `[40, 201]`. */
function bands(): Tensor {
  const edges = Array.from({ length: BANDS + 2 }, (_, i) => toHertz((toMel(RATE / 2) * i) / (BANDS + 1)));
  const rows = Array.from({ length: BANDS }, (_, k) => {
    const [a, b, c] = [edges[k]!, edges[k + 1]!, edges[k + 2]!];
    return Array.from({ length: WINDOW / 2 + 1 }, (_, i) => {
      const f = (i * RATE) / WINDOW;
      return (Math.max(0, Math.min((f - a) / (b - a), (c - f) / (c - b))) * 2) / (c - a);
    });
  });
  return tensor(rows, { dtype: 'float64' });
}

/** How much is heard in each of 40 bands of frequency, every 10 ms: `[samples]` to `[windows, 40]`. */
export function melSpectrogram(samples: Tensor): Tensor {
  const padded = nn.functional.pad(samples.to('float64'), [WINDOW / 2, WINDOW / 2]);
  const count = 1 + Math.floor((padded.shape[0]! - WINDOW) / HOP);
  const n = arange(WINDOW, { dtype: 'float64' });
  const hann = n.mul((2 * Math.PI) / WINDOW).cos().mul(-0.5).add(0.5);
  const windows = padded.asStrided([count, WINDOW], [HOP, 1]).mul(hann);
  const angles = n.outer(arange(WINDOW / 2 + 1, { dtype: 'float64' })).remainder(WINDOW).mul((2 * Math.PI) / WINDOW);
  const power = windows.matmul(angles.cos()).square().add(windows.matmul(angles.sin()).square());
  return power.matmul(bands().t()).to('float32');
}

/** Bands of frequency over time `[N, T, 40]` to vectors `[N, 256]`. */
export class VoiceEncoder extends nn.Module {
  /** Of the loss it was trained with. */
  similarityWeight = new nn.Parameter(tensor([10]));
  similarityBias = new nn.Parameter(tensor([-5]));
  lstm = new nn.LSTM(BANDS, 256, { numLayers: 3, batchFirst: true });
  linear = new nn.Linear(256, 256);

  /** The model as it was trained; its package is downloaded the first time. */
  static pretrained(): VoiceEncoder {
    const model = new VoiceEncoder();
    // A file of a PyTorch before 1.6, with the optimizer beside the model.
    const checkpoint = load(fileOf('Resemblyzer', 'pretrained.pt')) as { model_state: Record<string, Tensor> };
    model.loadStateDict(checkpoint.model_state);
    model.eval();
    return model;
  }

  override forward(mels: Tensor): Tensor {
    const [, [hidden]] = this.lstm(mels);
    return nn.functional.normalize(this.linear(hidden.select(0, -1)).relu(), { dim: 1 });
  }
}
