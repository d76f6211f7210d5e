import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Has this process import some files as they are given instead of as they are on the disk, where they need not even be.
 *
 * @param files The text of each file by its absolute path: TypeScript, or JSON.
 */
export function overlay(files: Readonly<Record<string, string>>): void {
  registerHooks({
    resolve(specifier, context, next) {
      const url = /^(\.|file:)/.test(specifier) ? new URL(specifier, context.parentURL) : undefined;
      if (url && textOf(url.href, files) !== undefined) return { url: url.href, shortCircuit: true };
      return next(specifier, context);
    },
    load(url, context, next) {
      const source = textOf(url, files);
      if (source === undefined) return next(url, context);
      return { format: url.endsWith('.json') ? 'json' : 'module-typescript', source, shortCircuit: true };
    },
  });
}

function textOf(url: string, files: Readonly<Record<string, string>>): string | undefined {
  return url.startsWith('file:') ? files[fileURLToPath(url)] : undefined;
}
