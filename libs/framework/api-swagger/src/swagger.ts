import { basename, dirname } from 'node:path';
import type { Page } from '@org/api-rest';
import { assetPath } from '@org/config';
import { renderIndexPage, renderInitializer } from './index-page.ts';

type Handler = ReturnType<Page['handler']>;
type Response = Parameters<Handler>[1];

const assets = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/** How long a browser may keep the files of Swagger UI without asking: an hour, in milliseconds. */
const assetMaxAgeMs = 3_600_000;

/**
 * Everything comes from here, and nothing is inline but what Swagger UI itself needs: `style` attributes and images as
 * data.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A page that shows the operations of the contract and lets people try them: Swagger UI from local files.
 *
 * @param options.path Where it is found. Default: `/docs`.
 * @throws {TypeError} when `path` is not segments such as `/docs`; when serving, if the contract has no document.
 */
export function swagger({ path = '/docs' }: { path?: string } = {}): Page {
  if (!/^(\/[\w.~-]+)+$/.test(path)) {
    throw new TypeError(`Expected \`path\` to be segments such as \`/docs\`, got \`${path}\``);
  }
  return {
    path,
    title: 'Docs',
    handler({ contract, openapiPath }) {
      if (openapiPath === undefined) {
        throw new TypeError(`Expected the contract of ${contract.name} to have its document as \`openapi\`, got none`);
      }
      const files = new Map(assets.map((file) => [`/${file}`, assetPath(import.meta.dirname, 'api-swagger', file)]));
      // Relative, since a prefix before the service's own paths is known to nobody here.
      const documentUrl = `${'../'.repeat(path.split('/').length - 1)}${openapiPath.slice(1)}`;
      const texts = new Map([
        ['/', { type: 'html', text: renderIndexPage(contract.title, documentUrl) }],
        ['/initializer.js', { type: 'js', text: renderInitializer(documentUrl) }],
      ]);
      return (request, response, next) => {
        protect(response);
        const text = texts.get(request.path);
        const file = files.get(request.path);
        if (text) response.set('cache-control', 'no-cache').type(text.type).send(text.text);
        else if (file) response.sendFile(basename(file), { root: dirname(file), maxAge: assetMaxAgeMs }, next);
        else next();
      };
    },
  };
}

function protect(response: Response): void {
  response.set({
    'content-security-policy': contentSecurityPolicy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
}
