import type { Models } from '../../orm.ts';
import type { Asked } from '../command/read-line.ts';
import type { Migration } from '../migration.ts';
import { loadParser, type Parser } from '../rolling-deploy/parse.ts';
import { check } from './check.ts';
import { findFolder } from './folder.ts';
import { generate } from './generate.ts';
import { loadKit, type Kit } from './kit.ts';

/** What `generate` and `check` work with. */
export interface Development {
  readonly models: Models;
  /** Those that the service imports. */
  readonly migrations: readonly Migration[];
  readonly folder: string;
  readonly kit: Kit;
  readonly parser: Parser;
  readonly print: (line: string) => void;
}

interface Given extends Pick<Development, 'models' | 'migrations' | 'print'> {
  readonly folder: string | undefined;
}

/**
 * What the command does with the source.
 *
 * @throws {ServiceError} failed_precondition, SOURCE_MISSING, where there is none, or what is for development is not installed.
 */
export async function developOn({ action, name = '', empty = false }: Asked, given: Given): Promise<void> {
  const folder = given.folder ?? findFolder(action);
  const development = { ...given, folder, kit: await loadKit(action), parser: await loadParser(action) };
  await (action === 'check' ? check(development) : generate(name, { empty }, development));
}
