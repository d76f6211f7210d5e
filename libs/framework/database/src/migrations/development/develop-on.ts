import type { Models } from '../../orm.ts';
import type { Asked } from '../command/read-line.ts';
import type { Migration } from '../migration.ts';
import { check } from './check.ts';
import { findFolder } from './folder.ts';
import { generate } from './generate.ts';
import { loadKit, type Kit } from './kit.ts';

export interface Development {
  readonly models: Models;
  /** Those that the service imports. */
  readonly migrations: readonly Migration[];
  readonly folder: string;
  readonly kit: Kit;
  readonly print: (line: string) => void;
}

interface Given extends Omit<Development, 'folder' | 'kit'> {
  readonly folder: string | undefined;
}

/** What the command does with the source. */
export async function developOn({ action, name = '', empty }: Asked, given: Given): Promise<void> {
  const folder = given.folder ?? findFolder(action);
  const development = { ...given, folder, kit: await loadKit(action) };
  await (action === 'check' ? check(development) : generate(name, { empty }, development));
}
