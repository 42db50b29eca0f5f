// A subject's process, and asking it.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a subject answers. */
export interface Answer {
  readonly ok?: boolean;
  readonly skip?: string;
  readonly ns?: readonly number[];
  readonly value?: unknown;
  readonly [fact: string]: unknown;
}

/** One running subject; see bench/subjects/protocol.ts. */
export class SubjectProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private said = '';

  constructor(readonly name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.child.on('error', (error) => { this.said += error.message; });
    this.child.stdin!.on('error', () => undefined);
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => { this.said = (this.said + text).slice(-2000); });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** Sends a line and waits for the answer; a process that has ended is a skip with what it said last. */
  async ask(line: string): Promise<Answer> {
    this.child.stdin!.write(`${line}\n`);
    for (;;) {
      const next = await this.lines.next();
      if (next.done === true) {
        const words = this.said.trim().split('\n').filter((l) => l.trim() !== '');
        return { skip: `the process ended: ${(words.find((l) => /error/i.test(l)) ?? words.at(-1) ?? 'silently').trim().slice(0, 200)}` };
      }
      // Libraries print on standard output too.
      if (next.value.startsWith('{')) return JSON.parse(next.value) as Answer;
    }
  }

  /** Ends the process. */
  close(): void {
    this.child.stdin!.end();
    this.child.kill();
  }
}

/** A subject that is a script of the bench, run by this Node with the flags that this process has. */
export const scriptProcess = (name: string, path: string, ...args: string[]): SubjectProcess =>
  new SubjectProcess(name, process.execPath, [...process.execArgv.filter((flag) => flag !== '--no-warnings'), path, ...args]);
