import ts from 'typescript';
import { addElement } from './add.ts';
import { insertAt, type Edit } from './edits.ts';
import { unwrapped, valueOf } from './find.ts';

/**
 * Adds sub-commands to the list of a service's definition, or the list itself before `start`.
 *
 * @param place Whether they come before those that are there, or behind them.
 * @returns `undefined` when the definition has them in another way.
 */
export function addCommands(
  definition: ts.ObjectLiteralExpression,
  commands: readonly string[],
  place: 'first' | 'last',
): Edit | undefined {
  const given = valueOf(definition, 'commands');
  const start = definition.properties.find((each) => each.name?.getText() === 'start');
  if (!given) return start && insertAt(start.getStart(), `commands: [${commands.join(', ')}],\n`);
  const list = unwrapped(given);
  if (!ts.isArrayLiteralExpression(list)) return undefined;
  const [first] = list.elements;
  if (place === 'last' || !first) return addElement(list, commands.join(', '));
  return insertAt(first.getStart(), `${commands.join(', ')}, `);
}
