import type { SettingsDescription, VariableDescription } from './describe-settings.ts';

const introduction = `Any variable below also takes its value from a file, whose path stands in the variable with the suffix \`_FILE\`, and, unless
said otherwise, from a secret store, with a reference such as \`env:NAME\`, \`vault:kv/orders/database#password\` or
\`kubernetes:database/password\`. An empty value counts as unset.`;

/** The reference of all variables and connections in Markdown, formatted as Prettier does. */
export function renderReference({ service, fragments }: SettingsDescription): string {
  const sections = fragments
    .filter(({ variables }) => variables.length > 0)
    .map(
      ({ name, variables }) =>
        `## ${name}\n\n${table(['variable', 'value', 'without it', 'meaning'], variables.map(variableRow))}`,
    );
  const connections = fragments.flatMap((fragment) => fragment.connections).map(connectionRow);
  const blocks = [
    '<!-- Generated from the settings that the service declares. -->',
    `# Configuration of ${service}`,
    introduction,
    ...sections,
    ...(connections.length > 0 ? [`## Connections\n\n${table(['to', 'by', 'ports'], connections)}`] : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function variableRow(variable: VariableDescription): string[] {
  const value = [variable.expected, variable.secret && 'secret', !variable.references && 'no reference'];
  return [code(variable.name), value.filter(Boolean).join('; '), withoutIt(variable), variable.description];
}

function withoutIt({ required, requiredInProduction, ...variable }: VariableDescription): string {
  if (required && requiredInProduction) return 'required';
  const usual = variable.default === undefined ? (required ? 'required' : 'none') : code(variable.default);
  if (requiredInProduction) return `${usual}; required in production`;
  return variable.defaultInProduction === undefined
    ? usual
    : `${usual}; ${code(variable.defaultInProduction)} in production`;
}

function connectionRow(connection: SettingsDescription['fragments'][number]['connections'][number]): string[] {
  const ports = Object.entries(connection.ports).map(([protocol, port]) => `${code(protocol)} ${port}`);
  return [connection.kind, code(connection.variable), ports.join(', ')];
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table whose columns are as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replace(/\s+/g, ' ').replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [first, widths.map((width) => '-'.repeat(width)), ...rest].map(line).join('\n');
}
