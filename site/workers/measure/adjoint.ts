// This library, measured in a worker. Pages always take its simd128 binary (docs/platforms.md).
import { workloads } from '../../../bench/subjects/library';
import { version } from '../../../package.json';
import { serve } from './serve';

void serve(async () => ({ name: 'Adjoint', version, backend: 'WebAssembly, SIMD, one thread' }), workloads);
