import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isRule } from '../rolling-deploy/rules.ts';

/** What is wrong, and where. */
export interface Shown {
  /** The migration that it is about. Default: all of them. */
  readonly migration?: string;
  /** A text of it. Default: its whole file. */
  readonly text?: string;
  /** The rule that it breaks. Default: none that can be waived. */
  readonly rule?: string;
  readonly message: string;
}

interface Options {
  readonly folder: string;
  readonly print: (line: string) => void;
}

/** Prints a finding with the file, and the line in it, and how it is waived. */
export function showFinding({ migration, text = '', rule = '', message }: Shown, { folder, print }: Options): void {
  print(`${placeOf(folder, migration, text)}  ${message}`);
  if (isRule(rule)) print(`    Or above the statement, with your reason: -- allow ${rule}: …`);
}

function placeOf(folder: string, migration: string | undefined, text: string): string {
  if (migration === undefined) return relative(process.cwd(), folder);
  const file = join(folder, `${migration}.ts`);
  const place = relative(process.cwd(), file);
  const [first = ''] = text.trim().split('\n');
  if (first === '' || !existsSync(file)) return place;
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((each) => each.includes(first));
  return line === -1 ? place : `${place}:${line + 1}`;
}
