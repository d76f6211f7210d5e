import { nameOf, stringsOf } from './parse.ts';
import { risksOf, type Body, type Risk, type Situation } from './risk.ts';

export function judgeDrop(
  { removeType, objects = [], concurrent }: Body<'DropStmt'>,
  { known, inTransaction }: Situation,
): Risk[] {
  const names = objects.map((object) => {
    if ('List' in object) return nameOf(stringsOf(object.List.items));
    return nameOf(stringsOf('TypeName' in object ? object.TypeName.names : [object]));
  });
  switch (removeType) {
    case 'OBJECT_INDEX':
      if (!concurrent) return risksOf('drop-index-without-concurrently', names);
      return inTransaction ? risksOf('concurrently-in-transaction', names) : [];
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return risksOf('drop-table', names, known.isNew);
    default:
      return risksOf('drop-object', names);
  }
}
