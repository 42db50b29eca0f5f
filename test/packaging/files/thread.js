// What a worker runs: in Node, Deno and Bun as it is, in pages as their bundler makes it.
import { workersRun } from './datasets.js';

workersRun(import.meta.url);
