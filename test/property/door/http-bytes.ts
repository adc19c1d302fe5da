/** HTTP requests as bytes: valid ones, invalid ones, and valid ones with some bytes changed. */
import fc from 'fast-check';
import { limits } from '../../../schema/limits.ts';
import { bodyText, cursorText, someSession, soundBodies } from './odd-json.ts';

const methods = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('CONNECT', 'TRACE', 'get', 'PRI', '', 'G\0T', 'GET\t', 'x'.repeat(5000)),
  },
);

/** Printable and not, one byte each. */
const oddBytes = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 12 });

const soundPaths = [
  ...[
    '/health',
    '/health/ready',
    '/chat-sessions',
    '/traces',
    '/config',
    '/logs',
    '/events',
    '/live',
    '/tools',
  ],
  ...['/openapi.json', '/openapi', '/asyncapi.json', '/asyncapi', '/'],
  ...['', '/messages', '/archive', '/cancel', '/branch', '/fork'].map(
    (end) => `/chat-sessions/${someSession}${end}`,
  ),
  ...['', '/regenerate', '/send-now', '/steer'].map(
    (end) => `/chat-sessions/${someSession}/messages/${someSession}${end}`,
  ),
  ...[
    `/traces/${someSession}`,
    '/chat-sessions/x',
    '/chat-sessions/%00',
    '/chat-sessions/%E0%A4%A',
    '/%2e%2e/',
  ],
];

const paths = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...soundPaths, '*', 'http://x/config') },
  { weight: 2, arbitrary: oddBytes.map((text) => `/${text}`) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: limits.pathUnitsMax - 1, max: limits.pathUnitsMax + 1 })
      .map((length) => `/${'p'.repeat(length - 1)}`),
  },
);

const parameter = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'limit',
      'before',
      'offset',
      'apiKey',
      'namespaces',
      'sessionId',
      'since',
      'branch',
      '%',
      '',
    ),
    fc.oneof(
      fc.constantFrom(
        '1',
        '0',
        '-1',
        '5000',
        '5001',
        '1e3',
        'NaN',
        'chat-sessions',
        'chat-sessions,tools',
        'all',
        someSession,
      ),
      cursorText.map(encodeSafely),
      oddBytes,
    ),
  ),
);
const queries = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc
      .array(parameter, { minLength: 1, maxLength: 4 })
      .map((list) => `?${list.map(([name, value]) => `${name}=${value}`).join('&')}`),
  },
);

/** A lone surrogate cannot be percent-encoded. */
function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const headerNames = [
  ...[
    'accept',
    'authorization',
    'x-api-key',
    'api-key',
    'content-type',
    'content-encoding',
    'content-length',
  ],
  ...[
    'cookie',
    'expect',
    'idempotency-key',
    'last-event-id',
    'origin',
    'sec-fetch-site',
    'te',
    'trailer',
    'transfer-encoding',
  ],
  ...['access-control-request-headers', 'connection', 'upgrade', 'sec-websocket-key', 'host', '', ' ', 'x:y'],
];
const headers = fc.array(
  fc.tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...headerNames) }, { weight: 1, arbitrary: oddBytes }),
    fc.oneof(
      fc.constantFrom(
        'application/json',
        'text/plain',
        'gzip',
        '100-continue',
        'close',
        'websocket',
        'chunked',
        '*',
      ),
      oddBytes,
      fc.constantFrom('v'.repeat(300), 'v'.repeat(limits.requestHeadBytesMax)),
    ),
  ),
  { maxLength: 5 },
);

const framings = fc.constantFrom(
  ...(['exact', 'exact', 'exact', 'exact', 'chunked', 'chunked', 'none', 'short', 'long', 'both'] as const),
  ...(['odd chunks', 'negative', 'huge'] as const),
);

const oddRequest: fc.Arbitrary<Buffer> = fc
  .record({
    method: methods,
    path: paths,
    query: queries,
    version: weighted(15, 'HTTP/1.1', ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1', '']),
    host: weighted(15, 'host: localhost\r\n', [
      '',
      'host:\r\n',
      'host: x\r\n',
      'host: localhost\r\nhost: y\r\n',
    ]),
    type: weighted(8, 'content-type: application/json\r\n', ['', 'content-type: text/html\r\n']),
    headers,
    framing: framings,
    body: fc.oneof({ weight: 8, arbitrary: bodyText }, { weight: 1, arbitrary: largeBody() }),
    lineEnd: weighted(20, '\r\n', ['\n', '\r', '\r\n ']),
  })
  .map(({ method, path, query, version, host, type, headers: list, framing, body, lineEnd }) => {
    const [length, bytes] = framed(framing, Buffer.from(body));
    const rest = list.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `${method} ${path}${query} ${version}\r\n${host}${type}${length}${rest}`;
    return Buffer.concat([Buffer.from(`${head.replaceAll('\r\n', lineEnd)}${lineEnd}`, 'latin1'), bytes]);
  });

/** Valid HTTP; the content of the request may be odd. */
const soundRequest: fc.Arbitrary<Buffer> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PUT'),
    path: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...soundPaths) },
      // Most visitors read the list, and the property's own test breaks it.
      { weight: 1, arbitrary: fc.constant('/chat-sessions') },
    ),
    query: queries.filter((query) => /^[!-~]*$/.test(query)),
    key: fc.constantFrom(
      '',
      '',
      'idempotency-key: a\r\n',
      'idempotency-key: b\r\n',
      'origin: http://localhost\r\n',
    ),
    framing: fc.constantFrom('exact', 'exact', 'chunked'),
    body: bodyText,
  })
  .map(({ method, path, query, key, framing, body }) => {
    const [length, bytes] = framed(
      framing,
      Buffer.from(['GET', 'HEAD', 'OPTIONS'].includes(method) ? '' : body),
    );
    const head = `${method} ${path}${query} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${key}${length}\r\n`;
    return Buffer.concat([Buffer.from(head), bytes]);
  });

const welcome: readonly (readonly [line: string, body: fc.Arbitrary<string>])[] = [
  ['POST /chat-sessions', soundBodies.session],
  [`POST /chat-sessions/${someSession}/messages`, soundBodies.message],
  ['PATCH /config', soundBodies.config],
];
/** Requests that succeed, unless too many messages wait. */
const welcomeRequest: fc.Arbitrary<Buffer> = fc.oneof(
  ...welcome.map(([line, body]) =>
    body.map((text) => {
      const [length, bytes] = framed('exact', Buffer.from(text));
      const head = `${line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${length}\r\n`;
      return Buffer.concat([Buffer.from(head), bytes]);
    }),
  ),
);

export const httpRequest: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 1, arbitrary: welcomeRequest },
  { weight: 2, arbitrary: soundRequest },
  { weight: 1, arbitrary: oddRequest },
);

function weighted(weight: number, usual: string, odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
}

function largeBody(): fc.Arbitrary<string> {
  const { bodyBytesMax } = limits;
  return fc
    .integer({ min: bodyBytesMax - 1, max: bodyBytesMax + 1 })
    .map((bytes) => `{"title":"${'b'.repeat(bytes - 12)}"}`);
}

/** Header lines that state the body's length, correctly or not, and the body as it is sent. */
function framed(framing: string, body: Buffer): [lines: string, bytes: Buffer] {
  const { length } = body;
  switch (framing) {
    case 'exact':
      return [`content-length: ${length}\r\n`, body];
    case 'short':
      return [`content-length: ${Math.max(0, length - 3)}\r\n`, body];
    case 'long':
      return [`content-length: ${length + 3}\r\n`, body];
    case 'chunked':
      return ['transfer-encoding: chunked\r\n', chunked(body, length.toString(16))];
    case 'odd chunks':
      return [
        'transfer-encoding: chunked\r\n',
        chunked(body, ['-1', 'zz', '7fffffffffffffff', ''][length % 4] ?? ''),
      ];
    case 'both':
      return [
        `content-length: ${length}\r\ntransfer-encoding: chunked\r\n`,
        chunked(body, length.toString(16)),
      ];
    case 'negative':
      return ['content-length: -1\r\n', body];
    case 'huge':
      return ['content-length: 99999999999999999999\r\n', body];
    default:
      return ['', body];
  }
}

function chunked(body: Buffer, size: string): Buffer {
  const last = Buffer.from('\r\n0\r\n\r\n');
  return Buffer.concat([Buffer.from(`${size}\r\n`), body, last]);
}
