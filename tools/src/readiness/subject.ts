import type { Description } from '../manifests/description.ts';
import type { Project } from '../workspace.ts';
import type { Observation } from './observe.ts';
import type { Row } from './row.ts';

/** The service that is looked at. */
export interface Subject {
  readonly workspaceRoot: string;
  /** Its folder. */
  readonly folder: string;
  readonly project: Project;
  /** All of the workspace. */
  readonly projects: readonly Project[];
  /** What its bundle says of itself. */
  readonly description: Description;
  /** What was seen of it while it ran. */
  readonly observation: Observation;
}

/** One look, of which a card has a row, unless the service has nothing that it is about. */
export type Check = (subject: Subject) => Row | undefined;
