// silero-vad: how probable it is, 31 times a second, that someone speaks.
//
// Source: Silero Team, "Silero VAD" (2024), the model for 16 kHz. A frame is transformed to 129 frequencies by a convolution with sines and
// cosines, goes through four convolutions, and a LSTM cell remembers what came before.
import { io, nn, noGrad, scope, stack, tensor, type Tensor } from 'adjoint';
import { fileOf } from './packages';

/** Samples a second. */
export const RATE = 16_000;
/** Samples of which one probability is made. */
export const FRAME = 512;
/** Samples before a frame that the model sees once more. */
const CONTEXT = 64;
const FREQUENCIES = 129;

/** `[samples]` of 16 kHz to the probabilities of speech `[frames]`. */
export class SileroVad extends nn.Module {
  stftConv = new nn.Conv1d(1, 2 * FREQUENCIES, 256, { stride: 128, bias: false });
  conv1 = new nn.Conv1d(FREQUENCIES, 128, 3, { padding: 1 });
  conv2 = new nn.Conv1d(128, 64, 3, { stride: 2, padding: 1 });
  conv3 = new nn.Conv1d(64, 64, 3, { stride: 2, padding: 1 });
  conv4 = new nn.Conv1d(64, 128, 3, { padding: 1 });
  lstmCell = new nn.LSTMCell(128, 128);
  finalConv = new nn.Conv1d(128, 1, 1);

  /** The model as it was trained; its package is downloaded the first time. */
  static pretrained(): SileroVad {
    const model = new SileroVad();
    model.loadStateDict(io.loadSafetensors(fileOf('silero-vad', 'silero_vad_16k.safetensors')));
    model.eval();
    return model;
  }

  /** What is heard in each frame, `[N, 576]` to `[N, 128]`. */
  features(frames: Tensor): Tensor {
    const waves = this.stftConv(nn.functional.pad(frames, [0, CONTEXT], 'reflect').unsqueeze(1));
    const [cosines, sines] = [waves.narrow(1, 0, FREQUENCIES), waves.narrow(1, FREQUENCIES, FREQUENCIES)];
    let x = cosines.square().add(sines.square()).sqrt();
    for (const conv of [this.conv1, this.conv2, this.conv3, this.conv4]) x = conv(x).relu();
    return x.squeeze(-1);
  }

  override forward(samples: Tensor): Tensor {
    const count = Math.ceil(samples.shape[0]! / FRAME);
    if (count === 0) throw new Error('SileroVad: there are no samples');
    const padded = nn.functional.pad(samples, [CONTEXT, count * FRAME - samples.shape[0]!]);
    const features = this.features(padded.asStrided([count, CONTEXT + FRAME], [FRAME, 1]));
    let state: [Tensor, Tensor] | null = null;
    const heard: Tensor[] = [];
    for (let i = 0; i < count; i++) {
      state = this.lstmCell(features.narrow(0, i, 1), state);
      heard.push(state[0].squeeze(0));
    }
    return this.finalConv(stack(heard).relu().unsqueeze(-1)).sigmoid().flatten();
  }

  /** The probability of speech for each frame of 32 ms. */
  speech(samples: Float32Array): number[] {
    return scope(() => noGrad(() => this.call(tensor(samples)).tolist() as number[]));
  }
}
