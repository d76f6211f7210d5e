import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { Contract } from '../contract.ts';
import { overlay } from './overlay.ts';

/**
 * The contract that a module exports. Standard input is a JSON object of files as they would be, by their absolute paths, so
 * that a change can be tried before anything is written.
 *
 * @throws {TypeError} when the module exports no `contract`.
 */
export async function loadContract(file: string): Promise<Contract> {
  overlay(JSON.parse((await text(process.stdin)) || '{}') as Record<string, string>);
  // eslint-disable-next-line no-restricted-syntax -- Nothing of this is bundled, and which module it is comes from outside.
  const { contract } = (await import(pathToFileURL(file).href)) as { contract?: Contract };
  if (!contract) throw new TypeError(`Expected ${file} to export \`contract\`, got nothing of that name`);
  return contract;
}
