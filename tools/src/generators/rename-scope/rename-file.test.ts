import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renameFile } from './rename-file.ts';

const workspaceRoot = join(import.meta.dirname, '../../../..');
const renaming = { from: '@one', to: '@two-is-longer' };
const rename = (path: string, text: string) => renameFile(workspaceRoot, path, Buffer.from(text), renaming);

test('a line that is too long with the new scope is broken', async () => {
  const names = Array.from({ length: 9 }, (_, index) => `somethingLong${index}`).slice(0, 6);
  const line = `import { ${names.join(', ')} } from '@one/x';\n`;
  const lines = `import {\n${names.map((name) => `  ${name},\n`).join('')}} from '@two-is-longer/x';\n`;
  expect(line.length).toBeLessThanOrEqual(121);
  expect(await rename('libs/x.ts', line)).toBe(lines);
});

test('a file that cannot be parsed is renamed as it stands', async () => {
  expect(await rename('libs/x.ts', "import '@one/x'; {{{  \n")).toBe("import '@two-is-longer/x'; {{{  \n");
});

test('a file without the scope, and one that is no text, are left alone', async () => {
  expect(await rename('libs/x.ts', 'not  formatted')).toBeUndefined();
  expect(await rename('libs/x.bin', '\0 @one/x')).toBeUndefined();
  expect(
    await renameFile(workspaceRoot, 'libs/x.txt', Buffer.from('@one/x \u00e9', 'latin1'), renaming),
  ).toBeUndefined();
});

test('the lock file keeps the order of npm', async () => {
  const entry = (scope: string, other: string) => ({
    lockfileVersion: 3,
    packages: Object.fromEntries(
      [other, scope].sort().map((name) => [`node_modules/${name}`, { dependencies: { [name]: '1.0.0' } }]),
    ),
  });
  const text = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  const renamed = await rename('package-lock.json', text(entry('@one/x', '@other/x')));
  expect(renamed).toBe(text(entry('@two-is-longer/x', '@other/x')));
});
