/** Starts a command and resolves with its exit code, null when a signal or the time limit ended it. */
export function start(
  command: string,
  args: readonly string[],
  options?: { env?: NodeJS.ProcessEnv; cwd?: string; timeout?: number; onText?: (text: string, stream: 'stdout' | 'stderr') => void; stdin?: 'ignore' | 'inherit' },
): Promise<number | null>;
