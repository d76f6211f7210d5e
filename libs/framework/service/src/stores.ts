import type { SecretSource } from '@org/config';
import type { FirstStage } from './first-stage.ts';
import { storeFragment } from './fragments.ts';
import type { Kernel } from './kernel.ts';

/** Opens the secret stores that the pending references lead to, by scheme; a store that nobody refers to stays closed. */
export async function openStores(
  { stores, read: { pending, settings } }: FirstStage,
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
