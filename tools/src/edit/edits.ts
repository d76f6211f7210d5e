import ts from 'typescript';
import { Refusal } from '../tree/refusal.ts';

/** What stands between two offsets of a text becomes something else. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Makes edits that do not overlap; those at the same place in their order. Formatting is somebody else's. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start || edits.indexOf(b) - edits.indexOf(a))
    .reduce((whole, edit) => whole.slice(0, edit.start) + edit.text + whole.slice(edit.end), text);
}

export function insertAt(offset: number, text: string): Edit {
  return { start: offset, end: offset, text };
}

/**
 * The syntax tree of a TypeScript file.
 *
 * @throws {Refusal} when it is none: whatever is edited then would be edited in the wrong place.
 */
export function parse(file: string, text: string): ts.SourceFile {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const { parseDiagnostics = [] } = source as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] };
  const [fault] = parseDiagnostics;
  if (!fault) return source;
  const line = source.getLineAndCharacterOfPosition(fault.start).line + 1;
  const message = ts.flattenDiagnosticMessageText(fault.messageText, ' ');
  throw new Refusal(`Cannot edit ${file}: it does not compile at line ${line}: ${message} Nothing was written.`);
}
