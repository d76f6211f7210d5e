import { readFile } from 'node:fs/promises';
import { fileUnusable } from '../vault-errors.ts';

export interface CredentialFile {
  readonly variable: string;
  readonly file: string;
}

/** Reads a credential as it is now: whoever wrote the file replaces it. */
export async function readCredential(
  { variable, file }: CredentialFile,
  doing: string,
  signal: AbortSignal,
): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    const why = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    throw fileUnusable(doing, { variable, file, why });
  }
  const credential = text.trim();
  if (credential === '' || credential.length > 65_536) {
    throw fileUnusable(doing, {
      variable,
      file,
      why: credential === '' ? 'is empty' : 'is too large to be a credential',
    });
  }
  return credential;
}
