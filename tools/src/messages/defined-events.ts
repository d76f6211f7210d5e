import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { sourceOf } from '../edit/edit-file.ts';
import { valueOf } from '../edit/find.ts';
import { projectsIn } from '../tree/projects.ts';
import type { Project } from '../workspace.ts';

/** An event that a contract defines. */
export interface DefinedEvent {
  readonly type: string;
  /** The constant that holds it. */
  readonly constant: string;
  readonly contract: Project;
  readonly hasExamples: boolean;
}

/** The events that the contracts of the workspace define, in whichever of their files. */
export function definedEvents(tree: Tree): DefinedEvent[] {
  return projectsIn(tree)
    .filter(({ layer }) => layer === 'contract')
    .flatMap((contract) => eventsOf(tree, contract));
}

/** The events that one contract defines. */
function eventsOf(tree: Tree, contract: Project): DefinedEvent[] {
  const folder = `${contract.root}/src`;
  return tree
    .children(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => tree.read(`${folder}/${file}`, 'utf8')?.includes('defineEvent('))
    .flatMap((file) => sourceOf(tree, `${folder}/${file}`).statements.filter(ts.isVariableStatement))
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ name, initializer }) => {
      const call = initializer && ts.isCallExpression(initializer) ? initializer : undefined;
      const definition = call?.expression.getText() === 'defineEvent' ? call.arguments[0] : undefined;
      if (!definition || !ts.isObjectLiteralExpression(definition)) return [];
      const type = valueOf(definition, 'type');
      if (!type || !ts.isStringLiteralLike(type)) return [];
      const hasExamples = valueOf(definition, 'examples') !== undefined;
      return [{ type: type.text, constant: name.getText(), contract, hasExamples }];
    });
}
