import type { Node } from 'libpg-query';
import { judgeAlterTable } from './judge-alter-table.ts';
import { judgeDrop } from './judge-drop.ts';
import { judgeCreateIndex, judgeReindex } from './judge-index.ts';
import { judgeMove, judgeRename } from './judge-rename.ts';
import { judgeRows, judgeSelect } from './judge-rows.ts';
import { nameOf, namesOfOptions, stringsOf, tableOf } from './parse.ts';
import { risksOf, type Body, type Kind, type Risk, type Situation } from './risk.ts';

type Judges = { readonly [Given in Kind]?: (body: Body<Given>, situation: Situation) => Risk[] };

const fine = (): Risk[] => [];

/** What each kind of statement may do. One that is not here is a risk. */
const judges: Judges = {
  AlterTableStmt: judgeAlterTable,
  DropStmt: judgeDrop,
  RenameStmt: judgeRename,
  AlterObjectSchemaStmt: judgeMove,
  IndexStmt: judgeCreateIndex,
  ReindexStmt: judgeReindex,
  SelectStmt: judgeSelect,
  InsertStmt: judgeRows,
  UpdateStmt: (UpdateStmt, situation) => judgeRows({ UpdateStmt }, situation),
  DeleteStmt: (DeleteStmt, situation) => judgeRows({ DeleteStmt }, situation),
  MergeStmt: (MergeStmt, situation) => judgeRows({ MergeStmt }, situation),
  TruncateStmt: ({ relations }, { known }) => risksOf('change-all-rows', tablesOf(relations), known.isNew),
  LockStmt: ({ relations }, { known }) => risksOf('lock-table', tablesOf(relations), known.isNew),
  VacuumStmt: ({ options }) =>
    namesOfOptions(options).includes('full') ? risksOf('rewrite-table', ['VACUUM FULL']) : [],
  ClusterStmt: ({ relation }) => risksOf('rewrite-table', [tableOf(relation)]),
  RefreshMatViewStmt: ({ relation, concurrent }, { known }) =>
    concurrent ? [] : risksOf('rewrite-table', [tableOf(relation)], known.isNew),
  AlterEnumStmt: ({ oldVal, typeName }) => (oldVal ? risksOf('rename-column', [nameOf(stringsOf(typeName))]) : []),
  GrantStmt: ({ is_grant: grants }) => (grants ? [] : risksOf('revoke', ['REVOKE'])),
  GrantRoleStmt: ({ is_grant: grants }) => (grants ? [] : risksOf('revoke', ['REVOKE'])),
  // What adds something, or says something of what is there.
  CreateStmt: fine,
  CreateTableAsStmt: fine,
  CreateSchemaStmt: fine,
  CreateSeqStmt: fine,
  CreateEnumStmt: fine,
  CreateDomainStmt: fine,
  CompositeTypeStmt: fine,
  CreateRangeStmt: fine,
  CreateFunctionStmt: fine,
  CreateExtensionStmt: fine,
  CreateTrigStmt: fine,
  CreatePolicyStmt: fine,
  CreateRoleStmt: fine,
  CreateStatsStmt: fine,
  CreateCastStmt: fine,
  ViewStmt: fine,
  CommentStmt: fine,
  VariableSetStmt: fine,
  VariableShowStmt: fine,
  AlterOwnerStmt: fine,
  AlterDefaultPrivilegesStmt: fine,
  CopyStmt: fine,
  // Savepoints; others are refused before.
  TransactionStmt: fine,
};

/** What a statement may do to the version that still runs, and to whoever uses a large table. */
export function judgeStatement(node: Node, situation: Situation): Risk[] {
  const [[kind, body]] = Object.entries(node) as [[Kind, never]];
  const judge = judges[kind] as ((body: never, situation: Situation) => Risk[]) | undefined;
  return judge ? judge(body, situation) : risksOf('unknown', [kind.replace(/Stmt$/, '')]);
}

function tablesOf(relations: readonly Node[] = []): string[] {
  return relations.flatMap((each) => ('RangeVar' in each ? [tableOf(each.RangeVar)] : []));
}
