/** Parts that an agent pushes: in one JSON body, or one a line in a body that is read while it comes (SPEC [PSH16]). */
import type { PartStream } from '../../../actors/pushed-turns/turn-door.ts';
import { parsedClientJson } from '../../../schema/client-json.ts';
import { turnIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { type PushedPart, pushedPartSchema, pushPartsSchema } from '../../../schema/pushed-turn.ts';
import { accepted, type Refusal, refusal, refused } from '../../../schema/refusal.ts';
import { validationErrors } from '../../../schema/validation.ts';
import { BodyCutOff } from '../http/arriving-body.ts';
import { BadLine, JsonLines } from '../http/json-lines.ts';
import { bodyTooLarge, isJsonBody, jsonObjectIn, notJsonBody } from '../http/request-body.ts';
import type { GatewayServices, RouteOutcome, UploadRequest } from '../http/route.ts';

const linesType = /^application\/(?:x-ndjson|jsonl|jsonlines|x-jsonlines)\s*(?:;|$)/i;

export async function takePushedParts(
  services: { readonly door: Pick<GatewayServices['door'], 'turns'> },
  request: UploadRequest,
): Promise<RouteOutcome> {
  const id = turnIdSchema.safeParse(request.id);
  if (!id.success) return refused(refusal('bad_uuid', 'Validation failed (uuid is expected)'));
  const { turns } = services.door;
  if (!linesType.test(request.header('content-type'))) {
    const given = await wholeBody(request);
    if (!given.ok) return given;
    const lease = request.header('callboard-lease');
    const body = pushPartsSchema.safeParse(lease === '' ? given.value : { lease, ...given.value });
    if (!body.success) return invalid(validationErrors(body.error));
    return turns.push(id.data, body.data.lease, body.data.parts);
  }
  const lease = request.header('callboard-lease');
  if (lease === '') return refused(refusal('bad_request', 'The header Callboard-Lease is missing'));
  const opened = await turns.openStream(id.data, lease);
  return opened.ok ? await new PartLines(opened.value, request).take() : opened;
}

async function wholeBody({ body, header }: UploadRequest) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limits.pushBytesMax) return refused(bodyTooLarge(limits.pushBytesMax));
    chunks.push(chunk);
  }
  return isJsonBody(header) ? jsonObjectIn(Buffer.concat(chunks)) : refused(notJsonBody);
}

function invalid(errors: ReturnType<typeof validationErrors>): RouteOutcome {
  return { ok: false, refusal: refusal('validation_failed', 'Validation failed'), errors };
}

/** Reads one body of lines. What was taken stays taken, whatever comes after it. */
class PartLines {
  readonly #stream: PartStream;
  readonly #request: UploadRequest;
  readonly #lines = new JsonLines(limits.pushBytesMax);
  #parts: PushedPart[] = [];
  #bad: RouteOutcome | null = null;
  #isClosed = false;
  #stopWaiting = () => {};

  constructor(stream: PartStream, request: UploadRequest) {
    this.#stream = stream;
    this.#request = request;
  }

  /** Answers when the body has ended, or nothing more is taken. Rejects with {@link BodyCutOff}. */
  async take(): Promise<RouteOutcome> {
    const chunks = this.#request.body[Symbol.asyncIterator]();
    const forget = this.#stream.onClosed(() => this.#close());
    const stopKeeping = this.#request.keepAlive(limits.pushStreamAliveMs);
    try {
      for (;;) {
        const next = await this.#next(chunks);
        if (next === 'closed') return refused(this.#stream.closedBecause() ?? gone);
        const isLast = next.done === true;
        this.#read(isLast ? null : next.value);
        // A line that is no part is no sign of life.
        if (this.#bad !== null && this.#parts.length === 0) return this.#bad;
        const outcome = await this.#push();
        if (!outcome.ok) return outcome;
        if (this.#bad !== null) return this.#bad;
        if (isLast) return outcome;
      }
    } catch (cause) {
      if (cause instanceof BodyCutOff && cause.refusal !== null) return refused(this.#told(cause.refusal));
      throw cause;
    } finally {
      stopKeeping();
      forget();
    }
  }

  #close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
  }

  /**
   * Each wait ends by itself. A promise that all of them raced would keep something of each until the stream is closed.
   */
  #next(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer> | 'closed'> {
    if (this.#isClosed) return Promise.resolve('closed');
    return new Promise((resolve, reject) => {
      this.#stopWaiting = () => resolve('closed');
      chunks.next().then(resolve, reject);
    });
  }

  /** `null`: the body has ended. */
  #read(chunk: Buffer | null): void {
    try {
      if (chunk !== null) this.#lines.next(chunk, (line) => this.#readLine(line));
      else {
        const last = this.#lines.end();
        if (last !== '') this.#readLine(last);
      }
    } catch (cause) {
      if (!(cause instanceof BadLine)) throw cause;
      this.#bad =
        cause.kind === 'too long'
          ? refused(this.#told(refusal('body_too_large', `A line has at most ${limits.pushBytesMax} bytes`)))
          : refused(this.#told(refusal('bad_utf8', 'A line must be valid UTF-8')));
    }
  }

  #readLine(line: string): boolean {
    const parsed = parsedClientJson(line, 'Each line');
    if (!parsed.ok) {
      this.#bad = refused(this.#told(parsed.refusal));
      return false;
    }
    const part = pushedPartSchema.safeParse(parsed.value);
    if (part.success) this.#parts.push(part.data);
    else {
      const reason = this.#told(refusal('validation_failed', 'Validation failed'));
      this.#bad = { ok: false, refusal: reason, errors: validationErrors(part.error) };
    }
    return part.success;
  }

  async #push(): Promise<RouteOutcome> {
    const parts = this.#parts;
    this.#parts = [];
    // An empty line shows that the agent lives.
    const outcome = this.#stream.push(parts);
    const known = outcome instanceof Promise ? await outcome : outcome;
    if (known.ok && this.#bad?.ok === false) {
      this.#bad = { ...this.#bad, refusal: this.#told(this.#bad.refusal) };
    }
    return known.ok ? accepted(known.value) : known;
  }

  /** With how far the turn is, so that the agent knows what to push again. */
  #told(reason: Refusal): Refusal {
    return { ...reason, turn: this.#stream.progress() };
  }
}

const gone = refusal('unavailable', 'The turn cannot be reached; try again');
