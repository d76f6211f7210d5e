import type { ReadSettings, SecretSource, SecretStore, Fragments } from '@org/config';
import type { Runtime } from '@org/runtime';
import type { Contract } from '@org/contract';
import { storeFragment } from './fragments.ts';
import type { Kernel } from './kernel.ts';

type AnyStore = SecretStore<unknown, Runtime<Contract>>;

/** Opens the secret stores that the pending references lead to, by scheme; a store that nobody refers to stays closed. */
export async function openStores(
  stores: readonly AnyStore[],
  { pending, settings }: Pick<ReadSettings<Fragments>, 'pending' | 'settings'>,
  kernel: Kernel,
): Promise<Record<string, SecretSource>> {
  const sources: Record<string, SecretSource> = {};
  for (const store of stores) {
    if (!pending.some(({ reference }) => reference.startsWith(`${store.scheme}:`))) continue;
    const name = storeFragment(store);
    sources[store.scheme] = await kernel.start(name, (runtime) => store.open(settings[name] as never, runtime));
  }
  return sources;
}
