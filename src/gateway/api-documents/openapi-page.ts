/** The OpenAPI document as a browsable page (SPEC [HTTP14]). */
import { documentPage, escaped, inlineJson, json } from './document-page.ts';
import type { Content, OpenApiDocument, Operation } from './openapi.ts';

export function openApiPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map(
    (tag) =>
      `<h2>${escaped(tag)}</h2>${operations
        .filter(({ operation }) => operation.tags.includes(tag))
        .map(({ path, method, operation }) => operationHtml(path, method, operation))
        .join('')}`,
  );
  return documentPage({
    title: `${document.info.title} API`,
    description: document.info.description,
    links: [
      ['For programs', 'openapi.json'],
      ['What is streamed', 'asyncapi'],
    ],
    body: sections.join('\n'),
    schemas: document.components.schemas,
  });
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<tr><td><code>${escaped(parameter.name)}</code></td><td>${parameter.in}</td>` +
      `<td>${inlineJson(parameter.schema)}</td></tr>`,
  );
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const [about, schema] =
      '$ref' in response
        ? ['refused', '<code><a href="#ErrorBody">ErrorBody</a></code>']
        : [escaped(response.description), contentHtml(response.content)];
    return `<tr><td>${status}</td><td>${about}</td><td>${schema}</td></tr>`;
  });
  const body = contentHtml(operation.requestBody?.content);
  return [
    `<details><summary><span class="method">${method.toUpperCase()}</span><code>${escaped(path)}</code>`,
    `<span class="about">${escaped(operation.summary)}</span></summary>`,
    parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.join('')}</table>`,
    body === '' ? '' : `<h4>Body</h4>${body}`,
    `<h4>Answers</h4><table>${responses.join('')}</table></details>`,
  ].join('');
}

/** Schema and example of the only media type; empty when there is no body. */
function contentHtml(content: Content | undefined): string {
  const [media] = Object.values(content ?? {});
  if (media === undefined) return '';
  return inlineJson(media.schema) + ('example' in media ? json(media.example) : '');
}
