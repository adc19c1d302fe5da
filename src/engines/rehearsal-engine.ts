/**
 * The rehearsal engine: the built-in, deterministic model. It needs no network, and the same request gives the same
 * parts. A clock sets the pace. Directives in the message script tool calls, reasoning and failures (SPEC REH,
 * `docs/rehearsal-engine.md`).
 */
import type { Clock, Engine, EnginePart, EngineRequest } from '../../actors/ports.ts';
import type { Attachment } from '../../schema/attachment.ts';
import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { type Directives, type RehearsedToolCall, readDirectives } from './directives.ts';
import { Metronome } from './metronome.ts';
import { paced } from './pace.ts';
import { piecesOf, rehearsalPieces } from './rehearsal-text.ts';
import { asksForTime, clockCallFor, timeSentence } from './time-question.ts';

export type RehearsalEngineOptions = {
  readonly clock: Clock;
  /** How many pieces an answer without `tokens=` has. Default `limits.rehearsalTokens`. */
  readonly tokens?: number;
  /**
   * Milliseconds between pieces when there is no `delay=`; 0: as fast as the event loop allows. Default
   * `limits.rehearsalDelayMs`.
   */
  readonly delayMs?: Milliseconds;
};

/**
 * @example
 * const engine = createRehearsalEngine({ clock: systemClock, delayMs: 0 });
 * for await (const part of engine.stream(request, signal)) console.log(part);
 */
export function createRehearsalEngine(options: RehearsalEngineOptions): Engine {
  const { clock, tokens = limits.rehearsalTokens, delayMs = limits.rehearsalDelayMs } = options;
  const metronome = new Metronome(clock);
  return {
    name: 'rehearsal',
    accepts: () => 'everything',
    stream: (request, signal) => {
      const directives = readDirectives(request.prompt.content);
      return paced({
        parts: rehearsedParts(request, directives, tokens),
        clock,
        metronome,
        delayMs: directives.delayMs ?? delayMs,
        signal,
      });
    },
  };
}

/** All parts of one model call, in order; a pure function of its arguments (SPEC [REH1]). */
export function* rehearsedParts(
  request: EngineRequest,
  directives: Directives,
  tokensDefault: number,
): Generator<EnginePart, void, void> {
  const seed = directives.plain;
  const mayCall = request.tools.length > 0;
  const isTimeQuestion = mayCall && !directives.present && asksForTime(seed);
  const asked = isTimeQuestion ? [clockCallFor(seed)] : directives.toolCalls;
  const calls = mayCall ? asked : [];

  // Tools are called first, in a model call of their own; the other directives apply to the call that writes the
  // text.
  if (request.step === 1 && calls.length > 0) {
    yield* reasoningParts(seed, directives.think);
    yield* toolCallParts(calls);
    yield { type: 'finish', reason: 'tool-calls' };
    return;
  }
  if (request.attempt <= directives.flaky) {
    yield { type: 'error', code: 'overloaded', message: `Rehearsed failure of attempt ${request.attempt}` };
    return;
  }
  if (directives.failure?.when === 'first') {
    yield { type: 'error', message: `Rehearsed failure with status ${directives.failure.status}` };
    return;
  }
  if (calls.length === 0) yield* reasoningParts(seed, directives.think);

  const lead = leadOf(directives.problems, request);
  // A question about the time is answered with one sentence, without filler.
  const leadPieceCount = piecesOf(lead).length;
  const tokens = isTimeQuestion && leadPieceCount > 0 ? leadPieceCount : (directives.tokens ?? tokensDefault);
  const failsAt = directives.failure?.when === 'mid' ? Math.floor(tokens / 2) : undefined;
  let index = 0;
  for (const text of answerPieces({ seed, lead, tokens })) {
    if (index === failsAt) break;
    yield { type: 'text', text };
    index++;
  }
  yield failsAt === undefined
    ? { type: 'finish', reason: directives.finish ?? 'stop' }
    : { type: 'error', message: 'Rehearsed failure half-way through the answer' };
}

function* reasoningParts(seed: string, count: number): Generator<EnginePart, void, void> {
  for (const text of answerPieces({ seed: `reasoning about ${seed}`, lead: '', tokens: count })) {
    yield { type: 'reasoning', text };
  }
}

function* toolCallParts(calls: readonly RehearsedToolCall[]): Generator<EnginePart, void, void> {
  for (const [index, call] of calls.entries()) {
    yield { type: 'tool-call', modelCallId: `call_${index + 1}`, ...call };
  }
}

/**
 * Exactly `tokens` pieces: the lead, then prose. A lead that needs more pieces puts its rest into the last one; with
 * `tokens` 0 a lead still makes one piece, because its content must not be lost (SPEC [REH2]).
 */
function* answerPieces(options: {
  readonly seed: string;
  readonly lead: string;
  readonly tokens: number;
}): Generator<string, void, void> {
  const leadPieces = piecesOf(options.lead);
  const count = leadPieces.length > 0 ? Math.max(1, options.tokens) : options.tokens;
  const prose = rehearsalPieces(options.seed);
  for (let index = 0; index < count; index++) {
    const isLast = index === count - 1;
    if (index < leadPieces.length) {
      yield isLast ? leadPieces.slice(index).join('') : (leadPieces[index] ?? '');
      continue;
    }
    const gap = index > 0 && index === leadPieces.length ? '\n\n' : '';
    const piece = `${gap}${prose.next().value}`;
    yield isLast && /[\p{L},:]$/u.test(piece) ? `${piece.replace(/[,:]$/, '')}.` : piece;
  }
}

/**
 * What an answer says before its prose: mistakes in directives, the files of the question and of the tools, then the
 * results of tools (SPEC [REH3], [REH6], [REH12]).
 */
function leadOf(
  problems: readonly string[],
  { conversation, toolResults: results }: Pick<EngineRequest, 'conversation' | 'toolResults'>,
): string {
  const shown = problems.slice(0, limits.rehearsalProblemsMax);
  const hidden = problems.length - shown.length;
  const sentences = [
    ...shown.map((problem) => `I could not follow a directive: ${problem}.`),
    ...(hidden > 0 ? [`${hidden} more mistakes are not listed.`] : []),
    ...askedFiles(conversation).map(
      ({ name, mediaType, bytes }) =>
        `I was given the file \`${inCode(name)}\` (${mediaType}, ${bytes} bytes).`,
    ),
    ...results.map(
      (result) =>
        timeSentence(result) ??
        `\`${result.name}\` ${result.failed ? 'failed' : 'answered'}: ${brief(result.result)}`,
    ),
  ];
  return sentences.join(' ');
}

/** The files of the last question, and of what came after it. */
function askedFiles(conversation: EngineRequest['conversation']): readonly Attachment[] {
  const asked = conversation.findLastIndex(({ role }) => role === 'user');
  return conversation
    .slice(Math.max(0, asked))
    .flatMap((message) =>
      message.role === 'user' || message.role === 'tool' ? (message.attachments ?? []) : [],
    );
}

/** The text on one line, shortened, as Markdown code. */
function brief(text: string): string {
  return `\`${inCode(cutText(text.replace(/\s+/g, ' ').trim(), limits.toolNoteUnitsMax))}\`.`;
}

function inCode(text: string): string {
  return text.replaceAll('`', "'");
}
