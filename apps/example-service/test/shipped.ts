import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@org/testing';
import { main } from './built.ts';

/** What ships, in a folder far from any `node_modules`, as in the image: nothing else can be loaded from there. */
export async function shipped(): Promise<TemporaryDirectory & { readonly main: string }> {
  const directory = await temporaryDirectory();
  await cp(join(main, '..'), directory.path, { recursive: true });
  return { ...directory, main: join(directory.path, 'main.js') };
}
