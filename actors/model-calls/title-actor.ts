/**
 * Title actor: asks a model for a title of a session, made of its first question and answer.
 *
 * Whatever the model does, the session hears of it once: a title that can be shown, or that there is none. A session
 * without a title made by a model keeps the one that it has.
 */
import { fromCallback } from 'xstate';
import type { SessionEvent, TitleEvent, TitlerInput } from '../../machines/chat-session-context.ts';
import { limits } from '../../schema/limits.ts';
import type { ModelOptions } from '../../schema/model-options.ts';
import { isBlank, storableText } from '../../schema/text.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Clock, Engine, Log, ReadModel } from '../ports.ts';
import type { KeptTurnSettings, TurnSettings } from '../turn-settings.ts';
import { soundParts } from './sound-part.ts';

type TitlePorts = {
  readonly engine: Engine;
  readonly readModel: ReadModel;
  readonly outbox: Outbox;
  readonly causes: CauseLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** `<provider>/<model>`; absent: the model that gave the answer. */
  readonly titleModel?: string | undefined;
};

export type TitleActorPorts = Omit<TitlePorts, keyof TurnSettings> & { readonly settings: KeptTurnSettings };

export function titleActor(shared: TitleActorPorts) {
  return fromCallback<SessionEvent, TitlerInput>(({ input, sendBack }) => {
    const ports = { ...shared, ...shared.settings.current };
    const { clock, log } = ports;
    const { sessionId } = input;
    const abort = new AbortController();
    const causes = ports.causes.of(sessionId);
    const tell = (event: TitleEvent): void => {
      if (abort.signal.aborted) return;
      abort.abort();
      cancelLimit();
      causes.heard(null, event);
      sendBack(event);
    };
    const fail = (error: string): void => {
      if (abort.signal.aborted) return;
      log.warn('No title was made', { sessionId, error });
      tell({ type: 'title.failed', at: clock.now() });
    };
    const cancelLimit = clock.after(limits.titleMsMax, () =>
      fail(`not finished after ${limits.titleMsMax} ms`),
    );
    void madeTitle(ports, input, abort.signal).then(
      (title) => {
        if (title === null) fail('the model said nothing that could be a title');
        else tell({ type: 'title.made', at: clock.now(), title });
      },
      (cause: unknown) => fail(cause instanceof Error ? cause.message : String(cause)),
    );
    return () => {
      abort.abort();
      cancelLimit();
    };
  });
}

/** `null`: what the model said cannot be a title. Rejects when it cannot be asked. */
async function madeTitle(
  ports: TitlePorts,
  { sessionId, promptId, answerId, options }: TitlerInput,
  signal: AbortSignal,
): Promise<string | null> {
  const { readModel, outbox, engine } = ports;
  await outbox.settled(sessionId);
  const [prompt, answer] = await Promise.all([
    readModel.message(sessionId, promptId),
    readModel.message(sessionId, answerId),
  ]);
  if (prompt === undefined || answer === undefined) throw new Error('its messages are gone');
  const content = `${instruction}\n\n${quoted('Question', prompt.content)}\n\n${quoted('Answer', answer.content)}`;
  const stream = engine.stream(
    {
      sessionId,
      step: 1,
      attempt: 1,
      prompt: { ...prompt, content },
      options: titleOptions(options, ports.titleModel),
      conversation: [{ role: 'user', content }],
      toolResults: [],
      tools: [],
    },
    signal,
  );
  let said = '';
  for await (const given of stream) {
    if (signal.aborted) continue;
    for (const part of soundParts(given)) {
      if (part.type === 'error') throw new Error(part.message);
      if (part.type === 'text') said += part.text;
      if (part.type === 'finish' || said.length > limits.titleAnswerUnitsMax) return titleIn(said);
    }
  }
  return titleIn(said);
}

const instruction =
  'Give this conversation a title of at most six words, in the language of the question. Answer with the title alone, without quotation marks.';

function quoted(name: string, text: string): string {
  return `${name}:\n${text.slice(0, limits.titleSourceUnitsMax).toWellFormed()}`;
}

/** Settings that were chosen for answers do not suit a title. */
function titleOptions({ model: chosen }: ModelOptions, titleModel: string | undefined): ModelOptions {
  const model = titleModel ?? chosen;
  return model === undefined ? {} : { model };
}

/** Without quotation marks and the marks of Markdown around it. */
function bare(text: string): string {
  return text.replace(/^[\s#*_"'`“”„«»‘’]+|[\s*_"'`“”„«»‘’.]+$/gu, '');
}

/** The first line with words, without marks around it; `null`: there is none. */
export function titleIn(said: string): string | null {
  // One piece may be of any length, and what follows takes time by its square.
  const line = storableText(said.slice(0, limits.titleAnswerUnitsMax))
    .split(/[\r\n\u2028\u2029]/u)
    .map((one) =>
      bare(bare(one.replaceAll('**', '').replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')).replace(/^title[*_]*:/iu, '')),
    )
    .find((one) => !isBlank(one));
  if (line === undefined) return null;
  const characters = [...line];
  if (characters.length <= limits.titleCharactersMax) return line;
  return `${characters
    .slice(0, limits.titleCharactersMax - 1)
    .join('')
    .trimEnd()}…`;
}
