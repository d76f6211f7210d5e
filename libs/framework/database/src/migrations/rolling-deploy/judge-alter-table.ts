import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';
import { isSameInEachRow } from './is-same-in-each-row.ts';
import type { Known } from './known.ts';
import { stringsOf, tableOf } from './parse.ts';
import { risksOf, type Body, type Risk, type Situation } from './risk.ts';
import type { RuleName } from './rules.ts';

/** What changes a table without reading its rows, and without taking anything from whoever uses it. */
const harmless = new Set<string | undefined>([
  'AT_ColumnDefault',
  'AT_DropNotNull',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_ReplicaIdentity',
  'AT_ChangeOwner',
]);

export function judgeAlterTable({ relation, cmds = [] }: Body<'AlterTableStmt'>, { known }: Situation): Risk[] {
  const table = tableOf(relation);
  if (known.isNew(table)) return [];
  return cmds.flatMap((node) => ('AlterTableCmd' in node ? judgeCommand(table, node.AlterTableCmd, known) : []));
}

function judgeCommand(table: string, { subtype, name = '', def }: AlterTableCmd, known: Known): Risk[] {
  const risk = (rule: RuleName, what = `${table}.${name}`) => risksOf(rule, [what]);
  const constraint = known.constraints.get(`${table} ${name}`);
  switch (subtype) {
    case 'AT_AddColumn':
      return def && 'ColumnDef' in def ? judgeColumn(table, def.ColumnDef) : risk('unknown', table);
    case 'AT_AddConstraint':
      return def && 'Constraint' in def ? judgeConstraint(table, def.Constraint) : risk('unknown', table);
    case 'AT_DropColumn':
      return risk('drop-column');
    case 'AT_AlterColumnType':
      return risk('change-type');
    case 'AT_SetNotNull':
      return isProven(table, name, known) ? [] : risk('set-not-null');
    case 'AT_ValidateConstraint':
      return known.unvalidated.has(`${table} ${name}`) ? risk('validate-in-same-transaction') : [];
    case 'AT_DropConstraint':
      return constraint && isOnlyARule(constraint.kind) ? [] : risk('drop-constraint');
    default:
      return harmless.has(subtype) ? [] : risk('unknown', table);
  }
}

/** Whether a constraint that was validated says that each row has a value. */
function isProven(table: string, column: string, { constraints }: Known): boolean {
  return [...constraints].some(
    ([key, { notNull, valid }]) => key.startsWith(`${table} `) && notNull === column && valid,
  );
}

function isOnlyARule(kind: string): boolean {
  return ['CONSTR_CHECK', 'CONSTR_FOREIGN', 'CONSTR_NOTNULL'].includes(kind);
}

function judgeColumn(table: string, { colname = '', typeName, constraints = [] }: ColumnDef): Risk[] {
  const what = `${table}.${colname}`;
  const rules = constraints.flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
  const find = (kind: Constraint['contype']) => rules.find(({ contype }) => contype === kind);
  const type = stringsOf(typeName?.names).at(-1) ?? '';
  const value = find('CONSTR_DEFAULT')?.raw_expr;
  const generated = find('CONSTR_GENERATED');
  const isFilled = find('CONSTR_IDENTITY') !== undefined || /^(small|big)?serial\d?$/.test(type);
  const isWritten = isFilled || (generated !== undefined && generated.generated_kind !== 'v');
  const isRequired = find('CONSTR_NOTNULL') !== undefined || find('CONSTR_PRIMARY') !== undefined;
  const found: RuleName[] = [];
  if (isWritten || (value && !isSameInEachRow(value))) found.push('rewriting-column');
  if (isRequired && !(isFilled || generated || (value && !isNull(value)))) found.push('add-not-null-column');
  for (const rule of rules) {
    if (rule.contype === 'CONSTR_FOREIGN') found.push('add-foreign-key');
    if (rule.contype === 'CONSTR_CHECK') found.push('add-check');
    if (rule.contype === 'CONSTR_UNIQUE' || rule.contype === 'CONSTR_PRIMARY') found.push('add-unique');
  }
  return found.map((rule) => ({ rule, what }));
}

function isNull(value: Node): boolean {
  if ('TypeCast' in value && value.TypeCast.arg) return isNull(value.TypeCast.arg);
  return 'A_Const' in value && value.A_Const.isnull === true;
}

function judgeConstraint(table: string, constraint: Constraint): Risk[] {
  const { contype, conname, skip_validation: skipped = false, indexname } = constraint;
  const risk = (rule: RuleName) => risksOf(rule, [conname === undefined ? table : `${table}.${conname}`]);
  switch (contype) {
    case 'CONSTR_FOREIGN':
      return skipped ? [] : risk('add-foreign-key');
    case 'CONSTR_CHECK':
      return skipped ? [] : risk('add-check');
    case 'CONSTR_NOTNULL':
      return skipped ? [] : risk('set-not-null');
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return indexname ? [] : risk('add-unique');
    case 'CONSTR_EXCLUSION':
      return risk('add-exclusion');
    default:
      return risk('unknown');
  }
}
