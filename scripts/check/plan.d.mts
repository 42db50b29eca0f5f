/** One thing to run. */
export interface Task {
  lane: 'rust' | 'node';
  name: string;
  files?: string[];
  crates?: string[];
}
/** The plan for these files, when there are these tests. */
export function plan(files: readonly string[], tests: readonly string[]): { tasks: Task[]; left: string[] };
