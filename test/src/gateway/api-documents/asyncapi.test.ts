/**
 * Goal: clients can be built from the AsyncAPI document alone. Method: AsyncAPI's own schema for such documents, Ajv
 * as an independent reader of the document's frame schemas, and frames written by the server's encoders.
 */
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shownMessage } from '../../../../schema/chat-message.ts';
import { eventCatalogue } from '../../../../schema/event-catalogue.ts';
import { isWireNamespace } from '../../../../schema/event-table.ts';
import { messageIdSchema, sessionIdSchema } from '../../../../schema/ids.ts';
import { refusal } from '../../../../schema/refusal.ts';
import {
  callboardV1AckFrame,
  callboardV1DeltaFrames,
  callboardV1DurableFrame,
  callboardV1SnapshotFrame,
} from '../../../../schema/wire/callboard-v1-frame.ts';
import { exampleIds } from '../../../../schema/wire/example-ids.ts';
import { exceptionFrame, serverFrame } from '../../../../schema/wire/frame.ts';
import { wireMessages } from '../../../../schema/wire/wire-messages.ts';
import { baselineNamespaces } from '../../../../schema/wire-event-table.ts';
import { asyncApiDocument } from '../../../../src/gateway/api-documents/asyncapi.ts';
import { asyncApiPage } from '../../../../src/gateway/api-documents/asyncapi-page.ts';
import { entry, message, newId, session } from '../../../contract/sample-entries.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';
import { asyncApiSchema } from './asyncapi-schema.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());

const document = asyncApiDocument();
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ $id: 'document', components: document.components });

/** Where a frame violates the document; empty: nowhere. */
function faultsOf(key: string, frame: unknown): string {
  const valid = ajv.getSchema(`document#/components/messages/${key}/payload`);
  if (valid === undefined) throw new Error(`${key} is no message`);
  return valid(frame) ? '' : ajv.errorsText(valid.errors);
}

describe('the AsyncAPI document', () => {
  it('[DOC2] keeps to AsyncAPI 3.0, as its authors check it', () => {
    const validator = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const valid = validator.compile(asyncApiSchema());
    expect(valid(JSON.parse(JSON.stringify(document))) ? [] : valid.errors).toEqual([]);
    // Shows that this check can fail.
    expect(valid({ ...document, channels: { live: { adress: '/live' } } })).toBe(false);
  });

  it('[DOC2] has no reference that leads nowhere', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(300);
    for (const reference of references) {
      let target: unknown = document;
      for (const key of reference.split('/')) target = Reflect.get(Object(target), key);
      expect(target, reference).toBeTypeOf('object');
    }
    expect(text).not.toMatch(/\$defs|definitions/);
  });

  it('[DOC1] has every path in every format, and every event on the paths where it is seen', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    const paths = baselineNamespaces.map((namespace) => `/${namespace}`);
    expect(addresses.toSorted()).toEqual(['/events', '/live', ...paths, ...paths].toSorted());
    const eventsOf = (channel: string) =>
      Object.keys(document.channels[channel]?.messages ?? {}).map(
        (key) => document.components.messages[key]?.name,
      );
    for (const [event, entry] of Object.entries(eventCatalogue)) {
      const { namespace, delivery } = entry;
      if (!isWireNamespace(namespace)) continue;
      const isTold = !('baseline' in entry && entry.baseline === null);
      for (const path of baselineNamespaces) {
        expect(eventsOf(`${path}.baseline`).includes(event)).toBe(isTold && path === namespace);
        expect(eventsOf(`${path}.v1`)).toContain(event);
      }
      for (const channel of ['live', 'events']) expect(eventsOf(channel)).toContain(event);
      const durable = document.components.messages[`v1.${event}`]?.payload['required'];
      if (delivery === 'durable') expect(durable).toEqual(['event', 'data', 'seq']);
    }
    expect(eventsOf('live')).toEqual(
      expect.arrayContaining(['subscribe', 'message.delta', 'hello', 'resync']),
    );
    expect(eventsOf('events')).not.toContain('subscribe');
    expect(document.operations['live.receive']?.reply?.messages).toEqual([
      { $ref: '#/channels/live/messages/v1.ack' },
      { $ref: '#/channels/live/messages/v1.exception' },
    ]);
  });

  it.each(wireMessages.map((one) => [one.key, one] as const))(
    '[DOC3] has an example of %s that validates, here and by the document',
    (key, { frame, example }) => {
      expect(frame.safeParse(example).error).toBeUndefined();
      expect(document.components.messages[key]?.examples).toEqual([{ payload: example }]);
      expect(faultsOf(key, example)).toBe('');
      expect(faultsOf(key, { ...Object(example), event: 'something.else' })).not.toBe('');
    },
  );

  it('[DOC4] describes what the encoders write', () => {
    const id = sessionIdSchema.parse(exampleIds.session);
    const text = { sessionId: id, messageId: messageIdSchema.parse(exampleIds.answer), offset: 0, text: 'a' };
    const made = message(newId(), id);
    const created = entry.sessionCreated(session(id, { description: 'D' }));
    const written: Readonly<Record<string, string>> = {
      'baseline.session.created': serverFrame(created.type, created.data),
      'baseline.message.partial': serverFrame('message.partial', made),
      'baseline.exception': exceptionFrame(refusal('queue_full', 'Full'), 'an id'),
      'v1.exception': exceptionFrame(refusal('bad_json', 'No')),
      'v1.session.created': callboardV1DurableFrame(created, 7),
      'v1.message.delta': callboardV1DeltaFrames('message.delta', text)(text.offset, text.text),
      'v1.message.reasoning.delta': callboardV1DeltaFrames('message.reasoning.delta', text)(
        text.offset,
        text.text,
      ),
      'v1.message.partial.snapshot': callboardV1SnapshotFrame('message.partial', shownMessage(made)),
      'v1.ack': callboardV1AckFrame(3, undefined),
    };
    for (const [key, frame] of Object.entries(written))
      expect(faultsOf(key, JSON.parse(frame)), key).toBe('');
    expect(faultsOf('v1.session.created', JSON.parse(serverFrame(created.type, created.data)))).not.toBe('');
  });

  it('[DOC1] [AUTH4] is served as JSON, and as a page that runs nothing and asks nobody', async () => {
    const keyed = await runGateway({ apiKeys: ['secret'] });
    const response = await keyed.request('/asyncapi.json');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
    const page = await keyed.request('/asyncapi');
    await keyed.gateway.close();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const html = await page.text();
    for (const key of Object.keys(document.components.messages)) expect(html).toContain(`id="${key}"`);
    for (const { address } of Object.values(document.channels))
      expect(html).toContain(`<code>${address}</code>`);
    // An example is an address, as text.
    const rest = html.replaceAll('https://example.org', '');
    expect(rest).not.toMatch(/<script|\son\w+=|https?:\/\/|<link|<img|@import|url\(/i);
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(100);
    for (const target of new Set(targets)) expect(html).toContain(`id="${target}"`);
  });

  it('[DOC1] the page escapes what it shows', () => {
    const html = asyncApiPage({ ...document, info: { ...document.info, title: '<b>&"' } });
    expect(html).toContain('<h1>&lt;b&gt;&amp;&quot; streams</h1>');
    expect(html).not.toContain('<b>');
  });
});
