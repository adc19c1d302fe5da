/** The AsyncAPI document as a browsable page, under the same content policy as the REST page (SPEC [DOC1]). */
import type { AsyncApiDocument, AsyncApiMessage } from './asyncapi.ts';
import { documentPage, escaped, inlineJson, json } from './document-page.ts';

export function asyncApiPage(document: AsyncApiDocument): string {
  const channels = Object.entries(document.channels).map(([key, channel]) => {
    const query = channel.bindings?.ws['query'];
    const operations = Object.values(document.operations).filter(
      (operation) => operation.channel.$ref === `#/channels/${key}`,
    );
    return [
      `<details><summary><code>${escaped(channel.address)}</code>`,
      `<span class="about">${escaped(channel.title)}</span></summary><p>${escaped(channel.description)}</p>`,
      query === undefined ? '' : `<h4>Query</h4>${inlineJson(query)}`,
      ...operations.map(
        ({ summary, messages }) =>
          `<h4>${escaped(summary)}</h4><ul>${messages.map(({ $ref }) => messageLink($ref)).join('')}</ul>`,
      ),
      '</details>',
    ].join('');
  });
  const messages = Object.entries(document.components.messages).map(([key, message]) =>
    messageHtml(key, message),
  );
  return documentPage({
    title: `${document.info.title} streams`,
    description: document.info.description,
    links: [
      ['For programs', 'asyncapi.json'],
      ['What can be asked over REST', 'openapi'],
    ],
    body: `<h2>Channels</h2>\n${channels.join('\n')}\n<h2>Messages</h2>\n${messages.join('\n')}`,
    schemas: document.components.schemas,
  });
}

/** Links `#/channels/live/messages/v1.hello` to the message that it refers to. */
function messageLink(reference: string): string {
  const key = escaped(reference.slice(reference.lastIndexOf('/') + 1));
  return `<li><a href="#${key}"><code>${key}</code></a></li>`;
}

function messageHtml(key: string, message: AsyncApiMessage): string {
  const examples = message.examples.map(({ payload }) => json(payload));
  return [
    `<details id="${escaped(key)}"><summary><code>${escaped(key)}</code>`,
    `<span class="about">${escaped(message.summary)}</span></summary>`,
    `<h4>Schema</h4>${json(message.payload)}<h4>Example</h4>${examples.join('')}</details>`,
  ].join('');
}
