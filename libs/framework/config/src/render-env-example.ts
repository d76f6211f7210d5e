import type { SettingsDescription, VariableDescription } from './describe-settings.ts';

/**
 * The text of `.env.example`: every variable with its meaning. What development requires stands ready to be filled in,
 * all other variables stand in comments with their defaults or examples.
 */
export function renderEnvExample({ service, fragments }: SettingsDescription): string {
  const sections = fragments
    .filter(({ variables }) => variables.length > 0)
    .map(({ name, variables }) => [`# --- ${name} ---`, ...variables.map(entry)].join('\n\n'));
  const introduction = `# Settings of ${service} in development: copy this to \`.env\` and change what you need.
# The environment wins over the file, and production does not read it.`;
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

function entry(variable: VariableDescription): string {
  const { name, description, expected, required, secret, example } = variable;
  // A default that is shown as a secret would be read as the text that stands for it.
  const byDefault = secret && variable.default?.includes('[secret]') ? '' : variable.default;
  const value = quote(example ?? byDefault ?? '');
  return [...comment(description), ...comment(`Value: ${expected}`), `${required ? '' : '# '}${name}=${value}`].join(
    '\n',
  );
}

function comment(text: string): string[] {
  return text.split(/\s*\n\s*/).map((line) => `# ${line}`);
}

/** Writes a value so that `util.parseEnv` reads it unchanged. */
function quote(value: string): string {
  if (!/[\s#"'`\\]/.test(value)) return value;
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? "'";
  return `${mark}${value}${mark}`;
}
