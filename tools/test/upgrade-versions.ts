import { service } from '../src/generators/service/generator.ts';
import { generate } from './generate.ts';
import { scope } from './scratch.ts';
import { replacing, type UpgradeScratch } from './upgrade-scratch.ts';

/** Makes two services from version 1.0.0, and edits them as teams would. */
export async function makeServices(scratch: UpgradeScratch): Promise<void> {
  for (const name of ['alpha-service', 'beta-service']) await generate(scratch.root, (tree) => service(tree, { name }));
  // The example was made from the template as well; without a record it is left alone.
  scratch.edit('apps/example-service/package.json', /"template": "[\d.]+",/, '');
  editFarFromTheTemplate(scratch);
  editWhatTheTemplateChanges(scratch);
  scratch.commit();
}

function editFarFromTheTemplate({ edit, write, remove }: UpgradeScratch): void {
  const app = 'apps/alpha-service';
  edit(`${app}/src/main.ts`, "name: 'alpha-service',", "name: 'alpha-service', // as in the billing system");
  edit(`${app}/src/main.ts`, 'export const', 'export const team = "alpha";\n\nexport const');
  write(`${app}/README.md`, '# Alpha\n\nAll of it is in the wiki.\n');
  remove(`${app}/src/routes/greetings.test.ts`);
  write(
    `${app}/src/greetings.test.ts`,
    [
      `import { expect, test } from 'vitest';`,
      `import { greet } from './greetings.ts';\n`,
      `test('greets', () => expect(greet('ada')).toMatch(/, Ada!$/));\n`,
    ].join('\n'),
  );
  edit(`${app}/package.json`, '"dependencies": {', `"dependencies": {\n    "${scope}/runtime": "*",`);
  edit('libs/contracts/alpha-service/src/operations.ts', "'The greeting'", "'The greeting, in English'");
}

function editWhatTheTemplateChanges({ edit }: UpgradeScratch): void {
  const app = 'apps/beta-service';
  edit(`${app}/src/main.ts`, '[swagger()]', "[swagger({ path: '/' })]");
  edit(`${app}/src/utils/capitalize.test.ts`, "['', ''],", "['', ''],\n  ['beta', 'Beta'],");
  edit(`${app}/package.json`, `"${scope}/api-swagger": "*"`, `"${scope}/api-swagger": "0.0.1"`);
}

/** Adds version 1.1.0: a codemod, and a template with lines, a dependency and a file changed, one added, one dropped. */
export function addVersion110(scratch: UpgradeScratch): void {
  const { edit, write, remove } = scratch;
  const template = scratch.addTemplate('1.1.0', '1.0.0');
  const app = `${template}/service`;
  edit(`${app}/src/main.ts.ejs`, 'const pages = [swagger()];', 'const pages = [swagger()] as const;');
  edit(`${app}/src/config.ts.ejs`, 'What the service reads', 'What <%= name %> reads');
  edit(`${app}/src/routes/greetings.test.ts.ejs`, 'greets by name', 'greets somebody by name');
  edit(`${app}/package.json.ejs`, '"<%= scope %>/api-swagger": "*"', '"<%= scope %>/api-swagger": "0.0.*"');
  edit(`${app}/package.json.ejs`, '"dependencies": {', '"dependencies": {\n    "<%= scope %>/errors": "*",');
  edit(`${template}/contract/src/operations.ts.ejs`, "summary: 'A greeting'", "summary: 'A greeting by name'");
  write(`${app}/src/utils/trim.ts.ejs`, '/** For <%= name %>. */\nexport const trim = (text: string) => text.trim()\n');
  remove(`${app}/src/utils/capitalize.test.ts.ejs`);
  const config = 'const file = `${service.app.root}/src/config.ts`;';
  const edited = "tree.read(file, 'utf8')!.replace('What the service reads', `What ${service.name} reads`)";
  scratch.addCodemod('1.1.0-name-the-service', `${config}\ntree.write(file, ${edited});`);
  scratch.commit();
}

/** Adds 1.1.5, a codemod alone, and 1.2.0, whose codemod fails for the second service after it has edited. */
export function addVersion120(scratch: UpgradeScratch): void {
  const { edit, remove } = scratch;
  const file = 'src/utils/capitalize.ts';
  scratch.addCodemod('1.1.5-shorten', replacing(file, 'Makes the first letter a', 'First letter'));
  const app = `${scratch.addTemplate('1.2.0', '1.1.0')}/service`;
  edit(`${app}/src/main.ts.ejs`, 'if (import.meta.main)', '// Not when it is imported.\nif (import.meta.main)');
  edit(`${app}/src/greetings.ts.ejs`, 'It knows nothing of HTTP.', 'It knows no HTTP.');
  remove(`${app}/src/utils/trim.ts.ejs`);
  const lengthen = replacing(file, 'First letter', 'The first letter becomes a');
  const fail = "if (service.name === 'alpha-service') throw new Error('no room');";
  scratch.addCodemod('1.2.0-lengthen', `${lengthen}\n${fail}`);
  scratch.commit();
}
