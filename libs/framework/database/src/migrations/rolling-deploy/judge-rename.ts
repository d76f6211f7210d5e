import { nameOf, stringsOf, tableOf } from './parse.ts';
import { risksOf, type Body, type Risk, type Situation } from './risk.ts';

export function judgeRename(
  { renameType, relation, subname = '', object }: Body<'RenameStmt'>,
  { known }: Situation,
): Risk[] {
  const table = tableOf(relation);
  switch (renameType) {
    case 'OBJECT_INDEX':
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_DOMCONSTRAINT':
    case 'OBJECT_TRIGGER':
      // Nobody asks for these by their names.
      return [];
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE':
      return known.isNew(table) ? [] : risksOf('rename-column', [nameOf([table, subname])]);
    default: {
      const named = object && 'List' in object ? nameOf(stringsOf(object.List.items)) : subname;
      return risksOf('rename-table', [table || named], known.isNew);
    }
  }
}

/** `SET SCHEMA`. */
export function judgeMove({ relation }: Body<'AlterObjectSchemaStmt'>, { known }: Situation): Risk[] {
  return risksOf('rename-table', [tableOf(relation)], known.isNew);
}
