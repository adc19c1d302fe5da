/** The routes of stored files (docs/files.md; SPEC [FIL1]–[FIL15]). */
import { ownershipOf } from '../../../schema/authorization.ts';
import { fileNameOf, storedFileSchema } from '../../../schema/file.ts';
import { fileIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { fileNotFound, refusal } from '../../../schema/refusal.ts';
import { fileHead } from '../http/file-head.ts';
import { type PacedBody, sendPaced } from '../http/paced-body.ts';
import {
  type GatewayServices,
  type Route,
  type ServeRequest,
  servingRoute,
  uploadRoute,
} from '../http/route.ts';
import { described } from './described-command.ts';

export const fileRoutes: readonly Route[] = [
  uploadRoute({
    ...described('file.store'),
    tag: 'files',
    takes: { form: 'bytes', bytesMax: ({ files }) => files.bytesMax },
    headers: [
      {
        name: 'x-file-name',
        says: `Its name, which may be UTF-8 in percent-encoding; at most ${limits.fileNameCharactersMax} characters are kept.`,
        example: 'report.pdf',
      },
    ],
    response: { status: 201, description: 'The file.', schema: storedFileSchema },
    refusals: [409],
    answer: ({ files }, { body, header, named, principal }) =>
      files.store({ name: fileNameOf(header('x-file-name')), body, named, owner: ownershipOf(principal) }),
  }),
  servingRoute({
    method: 'GET',
    path: '/files/:id',
    tag: 'files',
    summary: 'Reads the bytes of a file, or a range of them.',
    headers: [
      { name: 'range', says: 'One range of bytes.', example: 'bytes=0-1023' },
      { name: 'if-range', says: 'The tag of which the range is wanted.', example: '"5ae9…"' },
      { name: 'if-none-match', says: 'Tags that the client has.', example: '"5ae9…"' },
    ],
    response: {
      status: 200,
      description: 'The bytes, with the type, name and tag of the file in headers.',
      bytes: { 206: 'The range that was asked for.', 304: 'The client has them.' },
    },
    refusals: [416],
    serve: serveFile,
  }),
];

async function serveFile({ files }: GatewayServices, request: ServeRequest): Promise<void> {
  const { exchange, after } = request;
  const id = fileIdSchema.safeParse(request.id);
  if (!id.success) return exchange.refuse(refusal('bad_uuid', 'Validation failed (uuid is expected)'));
  const file = await files.file(id.data);
  if (file === undefined) return exchange.refuse(fileNotFound(id.data));
  const isHead = exchange.method === 'HEAD';
  const head = fileHead(file, {
    range: isHead ? '' : exchange.header('range'),
    ifRange: exchange.header('if-range'),
    ifNoneMatch: exchange.header('if-none-match'),
  });
  if (head.status === 304) return exchange.answer(head);
  if (head.status === 416) {
    const reason = refusal('range_not_satisfiable', `The file has ${file.bytes} bytes`);
    return exchange.refuse(reason, { headers: head.headers });
  }
  const { start, end } = head.range;
  if (isHead || start === end) {
    const res = exchange.stream(head, () => {});
    res?.cork(() => res.endWithoutBody(end - start));
    return;
  }
  const opened = await files.open(file);
  if (!opened.ok) return exchange.refuse(opened.refusal);
  const reader = opened.value;
  try {
    let body: PacedBody | undefined;
    const res = exchange.stream(head, () => body?.gone());
    if (res === undefined) return;
    body = sendPaced(res, { length: end - start, chunks: reader.read(head.range) }, after);
    await body.ended;
  } finally {
    await reader.close();
  }
}
