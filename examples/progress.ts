// A progress bar on a terminal, plain lines elsewhere.

/** How far a run is. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly accuracy: number;
}

const WIDTH = 24;
/** Milliseconds between two drawings. */
const EVERY = 100;

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Shows a run of `epochs · steps` steps. */
export class ProgressBar {
  readonly #out: NodeJS.WriteStream;
  readonly #start = performance.now();
  #drawn = 0;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  /** Says where the run is. On a terminal the line is drawn anew ten times a second, elsewhere only when an epoch ends. */
  update(progress: Progress): void {
    const now = performance.now();
    const isLast = progress.step === progress.steps;
    if (this.#out.isTTY ? !isLast && now - this.#drawn < EVERY : !isLast) return;
    this.#drawn = now;
    const line = this.#line(progress, (now - this.#start) / 1000);
    this.#out.write(this.#out.isTTY ? `\r${line}\x1b[K${isLast ? '\n' : ''}` : `${line}\n`);
  }

  #line({ epoch, epochs, step, steps, loss, accuracy }: Progress, seconds: number): string {
    const done = (epoch - 1) * steps + step;
    const rate = done / seconds;
    const filled = Math.round((WIDTH * step) / steps);
    const bar = `[${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}]`;
    const figures = `loss ${loss.toFixed(4)}  accuracy ${(100 * accuracy).toFixed(2)} %  ${rate.toFixed(0)} steps/s`;
    return `  epoch ${epoch}/${epochs} ${bar} ${figures}  ${duration((epochs * steps - done) / rate)} left`;
  }
}
