// Child processes: quiet ones whose output is shown only when they fail, and streamed ones.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './log.mjs';
import { root } from './paths.mjs';

// Of a failed command's output: npm says what is wrong first, compilers last.
const HEAD_LINES = 15;
const TAIL_LINES = 50;

/** For each child that runs, what ends it. */
const children = new Set();
process.on('exit', () => children.forEach((end) => end('SIGTERM')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** The first executable called `name` on `env.PATH`, or null. */
export function which(name, env = process.env) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    for (const ending of endings) {
      const file = join(folder || '.', name + ending);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // not in this folder
      }
    }
  }
  return null;
}

/** `env` with `folders` in front of its PATH. */
export function withPath(env, ...folders) {
  return { ...env, PATH: [...folders, env.PATH ?? ''].join(delimiter) };
}

/** Trimmed standard output of a short command, or null if it fails or is missing. */
export function output(command, args, env = process.env) {
  const result = spawnSync(command, args, { env, cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout.trim() : null;
}

/**
 * Starts a command and resolves with its exit code (`null` when a signal or the time limit ended it).
 * `onText(text, stream)` receives the output as it comes. The time limit, in milliseconds, ends what the command started, too:
 * compilers that cargo has started would go on for minutes and keep its output open.
 */
export function start(command, args, { env = process.env, cwd = root, timeout, onText, stdin = 'ignore' } = {}) {
  const isGroup = timeout !== undefined && process.platform !== 'win32';
  return new Promise((resolve, reject) => {
    const stdio = [stdin, onText ? 'pipe' : 'inherit', onText ? 'pipe' : 'inherit'];
    const child = spawn(command, args, { env, cwd, detached: isGroup, stdio });
    const end = (signal) => {
      if (!isGroup) return child.kill(signal);
      try {
        return process.kill(-child.pid, signal);
      } catch {
        return false; // It has ended by itself.
      }
    };
    const timer = timeout === undefined ? null : setTimeout(end, timeout, 'SIGKILL');
    children.add(end);
    for (const stream of onText ? ['stdout', 'stderr'] : []) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text) => onText(text, stream));
    }
    const ended = (settle, value) => {
      clearTimeout(timer);
      children.delete(end);
      settle(value);
    };
    child.on('error', (error) => ended(reject, error));
    child.on('close', (code) => ended(resolve, code));
  });
}

/** Runs a command in silence; throws a SetupError with the end of its output if it fails. ADJOINT_VERBOSE=1 streams it. */
export async function quietly(command, args, options = {}) {
  let text = '';
  const verbose = Boolean(process.env.ADJOINT_VERBOSE);
  const onText = (part) => {
    text += part;
    if (verbose) process.stderr.write(part);
  };
  let code;
  try {
    code = await start(command, args, { ...options, onText });
  } catch (error) {
    throw new SetupError(`cannot start ${command} (${error.code})`);
  }
  if (code === 0) return text;
  const how = code === null ? 'was ended by a signal or its time limit' : `failed with exit code ${code}`;
  throw new SetupError(`\`${[command, ...args].join(' ')}\` ${how}${text ? `; it said:\n${excerpt(text)}` : ''}`);
}

function excerpt(text) {
  const lines = text.trimEnd().split('\n');
  const left = lines.length - HEAD_LINES - TAIL_LINES;
  if (left <= 0) return lines.join('\n');
  return [...lines.slice(0, HEAD_LINES), `… ${left} lines …`, ...lines.slice(-TAIL_LINES)].join('\n');
}
