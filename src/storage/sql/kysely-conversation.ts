/**
 * What a session has lived up to one of its messages, in at most seven statements, each built once: the path to the
 * message, then its turns, then what those called and left behind. Each is bounded, and goes by an index.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type {
  ConversationQuery,
  ConversationWindow,
  PastCall,
  PastTurn,
} from '../../../schema/conversation-window.ts';
import type { MessageId, SessionId, TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables, ToolCallsTable, TurnStepsTable } from '../../../schema/storage/tables.ts';
import type { EndedStep } from '../../../schema/turn-record.ts';
import { eachOf, idsJson, inSession } from './joined-rows.ts';
import { pathTo } from './kysely-messages.ts';
import { didColumn, type PastTurnRow, type TurnRow, turnsOfPath } from './kysely-turns.ts';
import { readMessage } from './message-text.ts';
import { readQuery, type Value } from './read-query.ts';

export async function readConversation(
  db: Kysely<Tables>,
  { sessionId: session, promptId: prompt, answerId: answer, limit }: ConversationQuery,
): Promise<ConversationWindow | undefined> {
  const [read, own] = await Promise.all([
    pathTo(db, session, prompt, limit + 1),
    ownTurns(db, session, answer),
  ]);
  if (read.length === 0) return undefined;
  const messages = read.slice(-limit);
  const places = new Map(messages.map(({ id }, index) => [id, index]));
  const onPath = await turnsOfPath(db, session, messages, { last: false });
  // Of a turn whose question is gone, nothing is left.
  const turns = onPath.filter(({ prompt_id }) => prompt_id !== prompt && places.has(prompt_id));
  const told = [...turns, ...own.ended];
  const busy = told.filter(({ did }) => did === 1);
  const [calls, steps] =
    busy.length === 0 ? [[], []] : await Promise.all([callsOf(db, busy), stepsOf(db, busy)]);
  const contents = new Map(messages.map(({ id, content }) => [id, content]));
  const did: Did = {
    texts: new Map([...textsOf(onPath, contents), ...textsOf(own.all, new Map([[answer, own.content]]))]),
    calls: Map.groupBy(calls, ({ turnId }) => turnId),
    steps: Map.groupBy(steps, ({ turnId }) => turnId),
  };
  // Of the oldest turn in a list that is full, part may be missing: what is told is told whole.
  const partial = new Set([partialTurn(calls), partialTurn(steps)]);
  const first = 1 + told.findLastIndex(({ id }) => partial.has(id));
  const cut = told[first - 1];
  const from = cut === undefined ? 0 : Math.min(1 + (places.get(cut.prompt_id) ?? 0), messages.length - 1);
  // What answers nothing stands for itself: its turn is told in its place.
  const answers = onPath.filter(({ answer_id, prompt_id }) => answer_id !== prompt_id);
  const said = new Set(answers.map(({ answer_id }) => answer_id));
  return {
    path: messages.slice(from).map(({ id }) => id),
    messages: messages.slice(from).filter(({ id }) => !said.has(id)),
    turns: turns.slice(first).map((turn) => pastTurn(turn, did)),
    continued: own.ended.slice(Math.max(0, first - turns.length)).map((turn) => pastTurn(turn, did)),
    isCut: read.length > messages.length || from > 0,
  };
}

type OwnTurns = {
  readonly all: readonly PastTurnRow[];
  readonly ended: readonly PastTurnRow[];
  readonly content: string;
};

/** Turns of the answer that is being given; there are ended ones only when it goes on. */
async function ownTurns(db: Kysely<Tables>, session: SessionId, answer: MessageId): Promise<OwnTurns> {
  const all = await ownRead(db, { session, answer });
  const ended = all.filter(({ status }) => status !== 'queued' && status !== 'running');
  const content = ended.length === 0 ? '' : ((await readMessage(db, session, answer))?.content ?? '');
  return { all, ended, content };
}

const ownRead = readQuery(
  (_db, value: Value<{ session: SessionId; answer: MessageId }>) =>
    sql<PastTurnRow>`select turn.*, ${didColumn} as did from turns as turn
      where turn.answer_id = ${value('answer')} and ${inSession('turn', value('session'))} order by turn.position`,
);

/** What each turn put into its answer: from where it went on up to where the next one did. */
function textsOf(
  turns: readonly TurnRow[],
  contents: ReadonlyMap<MessageId, string>,
): ReadonlyMap<TurnId, string> {
  const texts = new Map<TurnId, string>();
  for (const [answer, ofAnswer] of Map.groupBy(turns, ({ answer_id }) => answer_id)) {
    const content = contents.get(answer) ?? '';
    for (const [index, { id, continues_at }] of ofAnswer.entries()) {
      const end = ofAnswer[index + 1]?.continues_at ?? content.length;
      texts.set(id, content.slice(continues_at ?? 0, end));
    }
  }
  return texts;
}

type Did = {
  readonly texts: ReadonlyMap<TurnId, string>;
  readonly calls: ReadonlyMap<TurnId, readonly TurnCall[]>;
  readonly steps: ReadonlyMap<TurnId, readonly TurnStep[]>;
};

function pastTurn(turn: TurnRow, did: Did): PastTurn {
  return {
    promptId: turn.prompt_id,
    status: turn.status,
    text: did.texts.get(turn.id) ?? '',
    steps: (did.steps.get(turn.id) ?? []).map(({ step }) => step),
    calls: (did.calls.get(turn.id) ?? []).map(({ call }) => call),
  };
}

type TurnCall = { readonly turnId: TurnId; readonly call: PastCall };

/** One more than is told of a result, so that it can be told that it is cut. */
const resultCharactersRead = limits.toolResultModelUnitsMax + 1;

type CallRow = Pick<
  Selectable<ToolCallsTable>,
  'id' | 'turn_id' | 'step' | 'name' | 'arguments' | 'status' | 'result' | 'files'
> & { readonly characters: number | null };

const callsRead = readQuery(
  (db, value: Value<{ turns: string }>) =>
    sql<CallRow>`select call.id, call.turn_id, call.step, call.name, call.arguments,
        call.status, call.files, substr(call.result, 1, ${sql.lit(resultCharactersRead)}) as result,
        length(call.result) as characters
      from ${eachOf(db, value('turns'), { table: 'tool_calls', as: 'call', by: 'turn_id' })}
      order by listed.ordinal desc, call.position desc limit ${sql.lit(limits.historyStepsReadMax)}`,
);

async function callsOf(db: Kysely<Tables>, turns: readonly TurnRow[]): Promise<readonly TurnCall[]> {
  const rows = await callsRead(db, { turns: idsJson(idsOf(turns)) });
  return rows.reverse().map((row) => ({
    turnId: row.turn_id,
    call: {
      id: row.id,
      step: row.step,
      name: row.name,
      argumentsJson: row.arguments,
      result: row.result,
      resultCharacters: row.characters ?? 0,
      failed: row.status === 'failed',
      ...(row.files === null ? {} : { files: JSON.parse(row.files) }),
    },
  }));
}

type TurnStep = { readonly turnId: TurnId; readonly step: EndedStep };

type StepRow = Pick<Selectable<TurnStepsTable>, 'turn_id' | 'data'>;

const stepsRead = readQuery(
  (db, value: Value<{ turns: string }>) =>
    sql<StepRow>`select step.turn_id, step.data
      from ${eachOf(db, value('turns'), { table: 'turn_steps', as: 'step', by: 'turn_id' })}
      order by listed.ordinal desc, step.step desc limit ${sql.lit(limits.historyStepsReadMax)}`,
);

async function stepsOf(db: Kysely<Tables>, turns: readonly TurnRow[]): Promise<readonly TurnStep[]> {
  const rows = await stepsRead(db, { turns: idsJson(idsOf(turns)) });
  return rows.reverse().map((row) => ({ turnId: row.turn_id, step: JSON.parse(row.data) }));
}

function idsOf(turns: readonly TurnRow[]): readonly TurnId[] {
  return turns.map(({ id }) => id);
}

function partialTurn(rows: readonly { readonly turnId: TurnId }[]): TurnId | undefined {
  return rows.length < limits.historyStepsReadMax ? undefined : rows[0]?.turnId;
}
