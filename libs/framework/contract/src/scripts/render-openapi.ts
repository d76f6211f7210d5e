import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { Contract } from '../contract.ts';
import { renderOpenApi } from '../openapi.ts';
import { overlay } from './overlay.ts';

// Prints the OpenAPI document of the contract that a module exports: `node render-openapi.ts FILE`. Standard input is a JSON
// object of files as they would be, by their absolute paths, so that a change can be tried before anything is written.
const [file = ''] = process.argv.slice(2);
overlay(JSON.parse((await text(process.stdin)) || '{}') as Record<string, string>);
// eslint-disable-next-line no-restricted-syntax -- Nothing of this is bundled, and which module it is comes from outside.
const { contract } = (await import(pathToFileURL(file).href)) as { contract?: Contract };
if (!contract) throw new TypeError(`Expected ${file} to export \`contract\`, got nothing of that name`);
process.stdout.write(await renderOpenApi(contract));
