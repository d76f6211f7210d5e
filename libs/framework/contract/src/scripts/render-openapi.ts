import { renderOpenApi } from '../openapi.ts';
import { loadContract } from './load-contract.ts';

// Prints the OpenAPI document of the contract that a module exports: `node render-openapi.ts FILE`, with files that are not
// written yet on standard input.
const [file = ''] = process.argv.slice(2);
process.stdout.write(await renderOpenApi(await loadContract(file)));
