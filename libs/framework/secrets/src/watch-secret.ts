import type { SecretsCore } from './core.ts';
import type { Followed } from './follow.ts';
import type { StoredSecret } from './stored-secret.ts';

/** Gives a secret at once and after each of its changes, until the signal aborts or the store is closed. */
export async function* watchSecret(
  { closed }: SecretsCore,
  find: () => Promise<{ readonly followed: Followed; readonly secret: StoredSecret }>,
  signal: AbortSignal,
): AsyncGenerator<StoredSecret, void, void> {
  const over = AbortSignal.any([signal, closed]);
  if (over.aborted) return;
  const { followed, secret } = await find();
  let news = Promise.withResolvers<void>();
  const wake = () => news.resolve();
  const endListening = followed.onGeneration(wake);
  over.addEventListener('abort', wake);
  try {
    while (!over.aborted) {
      news = Promise.withResolvers<void>();
      yield secret;
      await news.promise;
    }
  } finally {
    endListening();
    over.removeEventListener('abort', wake);
  }
}
