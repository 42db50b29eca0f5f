/** A Worker that is being served. */
export interface WorkerServer {
  readonly address: string;
  /** What the engine printed so far. */
  said(): string;
  /** The memory that the engine's process has at present. */
  residentBytes(): number;
  stop(): Promise<void>;
}

/** Serves what a configuration of workerd says; resolves once it listens. */
export function serveWorker(config: string): Promise<WorkerServer>;
