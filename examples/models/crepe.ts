// torchcrepe: the pitch of a voice or an instrument, from the samples alone.
//
// Source: Kim et al., "CREPE: A Convolutional Representation for Pitch Estimation" (2018), in its tiny size.
import { load, nn, type Tensor } from 'adjoint';
import { fileOf } from './packages';

/** Samples a second, and samples in a frame. */
export const [RATE, FRAME] = [16_000, 1024];
const WIDTHS = [1, 128, 16, 16, 16, 32, 64];
const PITCHES = 360;

/** A convolution over time, ReLU, batch norm, and the larger of each two. */
class Stage extends nn.Module {
  constructor(readonly conv: nn.Conv2d, readonly norm: nn.BatchNorm2d, readonly padding: [number, number]) {
    super();
  }

  override forward(x: Tensor): Tensor {
    const padded = nn.functional.pad(x, [0, 0, ...this.padding]);
    return nn.functional.maxPool2d(this.norm(this.conv(padded).relu()), [2, 1], [2, 1]);
  }
}

/** Frames `[N, 1024]` to how probable each of 360 pitches is, `[N, 360]`. */
export class Crepe extends nn.Module {
  stages = new nn.ModuleList(
    WIDTHS.slice(1).map((width, i) => {
      const conv = new nn.Conv2d(WIDTHS[i]!, width, [i === 0 ? 512 : 64, 1], { stride: [i === 0 ? 4 : 1, 1] });
      return new Stage(conv, new nn.BatchNorm2d(width, { eps: 0.0010000000474974513, momentum: 0 }), i === 0 ? [254, 254] : [31, 32]);
    }),
  );
  classifier = new nn.Linear(256, PITCHES);

  /** The model as it was trained; its package is downloaded the first time. */
  static pretrained(): Crepe {
    const model = new Crepe();
    const weights = load(fileOf('torchcrepe', 'tiny.pth')) as Record<string, Tensor>;
    // In the file the stages are conv1, conv1_BN, conv2 …
    const place = (key: string): string => key.replace(/^conv(\d)(_BN)?/, (_, i: string, norm?: string) => `stages.${Number(i) - 1}.${norm ? 'norm' : 'conv'}`);
    model.loadStateDict(Object.fromEntries(Object.entries(weights).map(([key, value]) => [place(key), value])));
    model.eval();
    return model;
  }

  override forward(frames: Tensor): Tensor {
    let x = frames.unsqueeze(1).unsqueeze(-1);
    for (const stage of this.stages) x = stage(x);
    return this.classifier(x.permute(0, 2, 1, 3).reshape(-1, 256)).sigmoid();
  }
}

/** Frames around every `hop`-th sample `[N, 1024]`, each with mean 0 and standard deviation 1. */
export function framesOf(samples: Tensor, hop: number): Tensor {
  const padded = nn.functional.pad(samples, [FRAME / 2, FRAME / 2]);
  const count = 1 + Math.floor((padded.shape[0]! - FRAME) / hop);
  const frames = padded.asStrided([count, FRAME], [hop, 1]);
  const centred = frames.sub(frames.mean(1, true));
  return centred.div(centred.std(1, { keepdim: true }).clamp(1e-10));
}

/** The most probable pitch of each frame in Hz, `[N, 360]` to `[N]`: steps of a fifth of a semitone from 31.7 Hz. */
export function hertz(activations: Tensor): Tensor {
  const cents = activations.argmax(1).mul(20).add(1997.3794084376191);
  return cents.div(1200).exp2().mul(10);
}
