import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../workspace.ts';
import { completePackage } from './complete-package.ts';
import { findPackageFaults } from './find-package-faults.ts';

// Run in the folder of a library that was built: completes `dist`, and refuses to have it published if no consumer could use it.
const { name } = readManifest('dist/package.json');
completePackage(join(import.meta.dirname, '../../..'), '.', 'dist');

const folder = mkdtempSync(join(tmpdir(), 'pack-'));
try {
  const { status } = spawnSync('npm', ['pack', './dist', '--silent', '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [tarball] = readdirSync(folder);
  if (status !== 0 || tarball === undefined) throw new Error(`Cannot pack ${name}: \`npm pack ./dist\` failed.`);
  const faults = await findPackageFaults(readFileSync(join(folder, tarball)));
  for (const fault of faults) console.error(`${name}: ${fault}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
