import { embeddedFiles } from '../embedded-files.ts';
import { gap, ok } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether what a contract says over a broker can be kept and operated; of a service without messages there is no row. */
export const messaging: Check = ({ folder, project, description }) => {
  const name = 'messaging';
  const { publishes, consumes, handles, answers } = description.contract;
  const count = [publishes, consumes, handles, answers].flat().length;
  const broker = description.connections.find(({ kind }) => kind === 'messaging');
  if (!broker)
    return count === 0 ? undefined : gap(name, `${count} messages in its contract, and no broker`, undefined);
  if (Object.keys(broker.ports).length === 0) {
    return gap(name, `it ships no broker but the one in memory: ${broker.variable} can name no other`, undefined);
  }
  const needed = ['topology', ...(consumes.length + handles.length > 0 ? ['dead-letters'] : [])];
  const lacking = needed.filter((command) => !description.commands.some((each) => each.name === command));
  if (lacking.length > 0) {
    const where = `\`commands\` of ${project.root}/src/main.ts`;
    return gap(name, `it has no sub-command ${lacking.join(' and no ')}: name it in ${where}`, undefined);
  }
  const embedded = embeddedFiles(folder, broker.variable, 'memory:').join(', ');
  if (embedded !== '') {
    return gap(name, `${broker.variable} is in memory, where messages are lost with the pod: ${embedded}`, undefined);
  }
  const parts = Object.entries({ publishes, consumes, handles, answers }).filter(([, messages]) => messages.length > 0);
  const does = parts.map(([part, messages]) => `${part} ${messages.length}`).join(', ') || 'no messages yet';
  return ok(name, `${does}; ${needed.join(' and ')} in the bundle`);
};
