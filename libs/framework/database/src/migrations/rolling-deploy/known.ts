import type { Constraint, Node } from 'libpg-query';
import { stringsOf, tableOf, type ParsedStatement } from './parse.ts';

/** A constraint that earlier statements have added. */
export interface KnownConstraint {
  readonly kind: string;
  /** The column that it wants to have a value. */
  readonly notNull: string | undefined;
  readonly valid: boolean;
}

/** What the statements before the one in question have done. */
export interface Known {
  /** Whether the same migration has made a table, so that nobody uses it yet. */
  isNew(this: void, table: string): boolean;
  /** Constraints by `table constraint`, of all migrations. */
  readonly constraints: ReadonlyMap<string, KnownConstraint>;
  /** Constraints that the same transaction has added without looking at the rows. */
  readonly unvalidated: ReadonlySet<string>;
  /** Indexes that the same migration has dropped, so that it can be run again. */
  readonly dropped: ReadonlySet<string>;
}

/** Follows the statements of all migrations, in order. */
export function createKnown() {
  const constraints = new Map<string, KnownConstraint>();
  const created = new Set<string>();
  const unvalidated = new Set<string>();
  const dropped = new Set<string>();

  const addConstraint = (table: string, constraint: Constraint) => {
    const { conname, contype = '', skip_validation: skipped = false } = constraint;
    if (conname === undefined) return;
    const key = `${table} ${conname}`;
    constraints.set(key, { kind: contype, notNull: notNullOf(constraint), valid: !skipped });
    if (skipped) unvalidated.add(key);
  };
  const addRules = (table: string, nodes: readonly Node[] = []) => {
    for (const node of nodes) {
      if ('Constraint' in node) addConstraint(table, node.Constraint);
      if ('ColumnDef' in node) addRules(table, node.ColumnDef.constraints);
    }
  };
  const alter = (table: string, node: Node) => {
    if (!('AlterTableCmd' in node)) return;
    const { subtype, name = '', def } = node.AlterTableCmd;
    const key = `${table} ${name}`;
    const known = constraints.get(key);
    if (def) addRules(table, [def]);
    if (subtype === 'AT_ValidateConstraint' && known) constraints.set(key, { ...known, valid: true });
    if (subtype === 'AT_DropConstraint') constraints.delete(key);
  };
  return {
    get now(): Known {
      return { isNew: (table) => created.has(table), constraints, unvalidated, dropped };
    },
    /** Another migration begins. */
    begin() {
      for (const each of [created, unvalidated, dropped]) each.clear();
    },
    /** A transaction is over. */
    commit: () => unvalidated.clear(),
    follow({ node }: ParsedStatement) {
      if ('CreateStmt' in node) {
        const { relation, if_not_exists: maybe = false, tableElts } = node.CreateStmt;
        // One that was there already has rows.
        if (!maybe) created.add(tableOf(relation));
        addRules(tableOf(relation), tableElts);
      }
      if ('CreateTableAsStmt' in node && !node.CreateTableAsStmt.if_not_exists) {
        created.add(tableOf(node.CreateTableAsStmt.into?.rel));
      }
      if ('AlterTableStmt' in node) {
        for (const command of node.AlterTableStmt.cmds ?? []) alter(tableOf(node.AlterTableStmt.relation), command);
      }
      if ('RenameStmt' in node && created.has(tableOf(node.RenameStmt.relation)) && node.RenameStmt.newname) {
        created.add(node.RenameStmt.newname);
      }
      if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_INDEX' && node.DropStmt.missing_ok) {
        for (const item of node.DropStmt.objects ?? []) if ('List' in item) dropped.add(lastOf(item.List.items));
      }
    },
  };
}

function lastOf(nodes: readonly Node[] = []): string {
  return stringsOf(nodes).at(-1) ?? '';
}

/** The column that must have a value: `CHECK (column IS NOT NULL)`, or `NOT NULL column`. */
function notNullOf({ contype, raw_expr: expression, keys }: Constraint): string | undefined {
  if (contype === 'CONSTR_NOTNULL') return lastOf(keys);
  if (!expression || !('NullTest' in expression) || expression.NullTest.nulltesttype !== 'IS_NOT_NULL')
    return undefined;
  const { arg } = expression.NullTest;
  return arg && 'ColumnRef' in arg ? lastOf(arg.ColumnRef.fields) : undefined;
}
