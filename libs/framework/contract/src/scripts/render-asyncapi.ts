import { renderAsyncApi } from '../asyncapi.ts';
import { loadContract } from './load-contract.ts';

// Prints the AsyncAPI document of the contract that a module exports: `node render-asyncapi.ts FILE`, with files that are not
// written yet on standard input.
const [file = ''] = process.argv.slice(2);
process.stdout.write(await renderAsyncApi(await loadContract(file)));
