// Rust links host programs (tests, build scripts, wasm-pack) with the system's C compiler.
import { SetupError, timed } from './log.mjs';
import { quietly, which } from './process.mjs';

const PACKAGES = ['gcc', 'libc6-dev'];

/** Makes sure that `cc` exists, installing it where apt can. */
export async function linker() {
  if (which('cc') || process.platform === 'win32') return;
  if (process.platform === 'darwin') {
    throw new SetupError("a linker (cc) is missing, which Rust needs; get it with: xcode-select --install");
  }
  if (!which('apt-get')) {
    throw new SetupError("a linker (cc) is missing, which Rust needs; install gcc or clang with the system's package manager");
  }
  if (process.getuid() !== 0) {
    throw new SetupError(`a linker (cc) is missing, which Rust needs; get it with: sudo apt-get install -y ${PACKAGES.join(' ')}`);
  }
  await timed('linker', `apt-get install ${PACKAGES.join(' ')}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await quietly('apt-get', ['update'], { env }).catch(() => {});
    await quietly('apt-get', ['install', '-y', '--no-install-recommends', ...PACKAGES], { env });
  });
}
