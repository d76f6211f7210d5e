import type { Rule } from 'eslint';
import type { Project } from '../workspace.ts';
import { projectOf } from './doors.ts';
import { splitSpecifier, visitImports } from './imports.ts';

export interface RoomTable {
  /** The one library in which a package may be imported; `@scope/*` stands for what has no row of its own. */
  rooms: Readonly<Record<string, string>>;
  /** Packages that are spoken everywhere. */
  languages: readonly string[];
  /** Packages of which only the types are spoken everywhere. */
  spokenTypes: readonly string[];
}

/** Keeps each client in its one library, whatever the form of the import. A library's package that is in no table is refused. */
export function roomsRule({ rooms, languages, spokenTypes }: RoomTable, projects: readonly Project[]): Rule.RuleModule {
  const ownPackages = new Set(projects.map(({ manifest }) => manifest.name));
  return {
    meta: { type: 'problem', schema: [] },
    create(context) {
      const own = projectOf(projects, context);
      return visitImports(({ node, specifier, typeOnly }) => {
        const { packageName } = splitSpecifier(specifier) ?? {};
        if (!own || !packageName || ownPackages.has(packageName) || languages.includes(packageName)) return;
        if (typeOnly && spokenTypes.includes(packageName)) return;
        const room = rooms[packageName] ?? rooms[packageName.replace(/\/.*/, '/*')];
        if (room === own.shortName || (!room && own.layer === 'app')) return;
        const rule = room
          ? `it is a client, and its room is ${room}`
          : 'it has no room; give it one in eslint.config.js';
        context.report({ node, message: `Cannot import \`${specifier}\` in ${own.manifest.name}: ${rule}.` });
      });
    },
  };
}
