/**
 * The test of the verdict on trees: a run in which nothing is wrong, then its store damaged in one way after another,
 * then a client that does not listen.
 */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import { effort } from '../effort.ts';
import { scenario } from './scenario.ts';
import { type Damaged, torturedRun } from './tortured-run.ts';
import { faultless, type Verdict } from './verdict.ts';

/** An answer, and the question that it is below: what an agent begins by itself is below none. */
const answer = `select id from messages where prompt_id is not null and parent_id is not null
  order by position limit 1`;

const damages: readonly { readonly damage: string; readonly statement: string; readonly says: RegExp }[] = [
  {
    damage: 'a question that is below its own answer',
    statement: `update messages set parent_id = (${answer})
      where id = (select parent_id from messages where id = (${answer}))`,
    says: /is below itself/,
  },
  {
    damage: 'an answer that is not below its question',
    statement: `update messages set parent_id = null where id = (${answer})`,
    says: /is not below its question/,
  },
  {
    damage: 'a message whose parent is gone',
    statement: `delete from messages where id = (select parent_id from messages where id = (${answer}))`,
    says: /the parent of .* is gone/,
  },
  {
    damage: 'a leaf that is gone',
    statement: `update sessions set leaf_id = '00000000-0000-4000-8000-000000000000'`,
    says: /the leaf .* is gone/,
  },
  {
    damage: 'a session without a leaf',
    statement: 'update sessions set leaf_id = null',
    says: /there are messages and no leaf/,
  },
  {
    damage: 'a message that waits for ever',
    statement: `update messages set parent_id = null, queue_rank = 1 where id = (${answer})`,
    says: /still waits/,
  },
  {
    damage: 'an answer that streams for ever',
    statement: `update messages set status = 'streaming' where id = (${answer})`,
    says: /still streams/,
  },
];

/** To what agents outside have pushed. */
const pushDamages: readonly {
  readonly damage: string;
  readonly kind: 'lost' | 'duplicated';
  readonly statement: string;
  readonly says: RegExp;
}[] = [
  {
    damage: 'a part that the store has lost',
    kind: 'lost',
    statement: `update messages set content = replace(content, '[7]', '')`,
    says: /of an agent: "\[7\]" is gone/,
  },
  {
    damage: 'a part that is stored twice',
    kind: 'duplicated',
    statement: `update messages set content = replace(content, '[7]', '[7][7]')`,
    says: /of an agent: "\[7\]" is there 2 times/,
  },
  {
    damage: 'a result that the journal has lost',
    kind: 'lost',
    statement: `delete from events where event = 'tool.result' and record like '%weather-1%'`,
    says: /of an agent: the result of weather-1 is gone/,
  },
  {
    damage: 'an end that the journal has lost',
    kind: 'lost',
    statement: `delete from events where event = 'turn.ended'`,
    says: /of an agent: the end is gone/,
  },
  {
    damage: 'a turn that ended twice',
    kind: 'duplicated',
    statement: `insert into events (session_id, namespace, event, data, record, at)
      select session_id, namespace, event, data, record, at from events where event = 'turn.ended'`,
    says: /of an agent: the end is there 2 times/,
  },
];

const damagedTables = ['messages', 'sessions', 'events'] as const;

/** Undoes the damage, so that each is judged alone. */
async function verdictWith(statement: string, { folder, judgeAgain }: Damaged): Promise<Verdict> {
  const file = new DatabaseSync(join(folder, 'callboard.sqlite'));
  const kept = damagedTables.map((table) => ({
    table,
    rows: file.prepare(`select * from ${table}`).all(),
  }));
  try {
    file.exec(`pragma foreign_keys = off; ${statement}`);
    return await judgeAgain();
  } finally {
    file.exec('begin');
    const last = kept.flatMap(({ rows }) => rows.map((row) => Number(row['seq'] ?? 0)));
    file.exec(`delete from events where seq > ${last.reduce((one, other) => Math.max(one, other), 0)}`);
    for (const { table, rows } of kept) {
      for (const row of rows) {
        const names = Object.keys(row);
        file
          .prepare(
            `insert or replace into ${table} (${names.join()}) values (${names.map(() => '?').join()})`,
          )
          .run(...Object.values(row));
      }
    }
    file.exec('commit');
    file.close();
  }
}

const eventful = {
  'a session begins with a conversation': true,
  'a message is deleted': true,
  'another branch is selected': true,
  'an answer goes on': true,
  'a waiting turn is moved': true,
  'a turn is steered': true,
  'a waiting message is changed': true,
  'a file is stored': true,
  'a session is closed while it answers': true,
  'somebody takes part, otherwise, and no longer': true,
  'a client appends spans': true,
  'a flag is set': true,
  'the config is reset': true,
  'an agent begins an answer': true,
  'an agent claims a question': true,
};

/** What the scenario brought about; else its verdict would say nothing of it. */
async function happened({ storage }: Damaged): Promise<typeof eventful> {
  const events = (await storage.events({ after: 0, limit: 5000 })).map(({ entry }) => entry);
  const queued = events.flatMap((entry) => (entry.type === 'turn.queued' ? [entry.data] : []));
  const has = (type: (typeof events)[number]['type']) => events.some((entry) => entry.type === type);
  return {
    'a session begins with a conversation': has('session.imported'),
    'a message is deleted': has('message.deleted'),
    'another branch is selected': has('branch.selected'),
    'an answer goes on': queued.some(({ continuesAt }) => continuesAt !== undefined),
    'a waiting turn is moved': new Set(queued.map(({ turnId }) => turnId)).size < queued.length,
    'a turn is steered': queued.some(({ steers }) => steers === true),
    'a waiting message is changed': events.some(
      ({ type, data }) => type === 'message.updated' && data.edited === true,
    ),
    'a file is stored': has('file.stored'),
    'a session is closed while it answers': closedWhileAnswering(events),
    'somebody takes part, otherwise, and no longer':
      has('participant.added') && has('participant.updated') && has('participant.removed'),
    'a client appends spans': events.some(
      (entry) => entry.type === 'trace.span.appended' && entry.data.origin === 'client',
    ),
    'a flag is set': has('config.flag.updated'),
    'the config is reset': has('config.reset'),
    'an agent begins an answer': queued.some(({ promptId, answerId }) => promptId === answerId),
    'an agent claims a question': has('turn.claimed'),
  };
}

/** Whether a turn ended as completed after its session was closed, and before it was opened again. */
function closedWhileAnswering(events: readonly JournalEntry[]): boolean {
  const closed = new Set<SessionId | null>();
  return events.some(({ type, data, sessionId }) => {
    if (type === 'session.updated' && data.closedAt !== undefined) closed.add(sessionId);
    else if (type === 'session.updated') closed.delete(sessionId);
    return type === 'turn.ended' && data.outcome === 'completed' && closed.has(sessionId);
  });
}

it.runIf(effort === 'full')(
  '[REC4] [TREE1] [TREE3] [PSH5] the verdict sees a store whose trees and pushed answers are damaged',
  async () => {
    const run = await torturedRun({
      deaths: [],
      scenario,
      databaseUrl: '',
      damage: async (damaged) => {
        expect(await happened(damaged)).toEqual(eventful);
        for (const { damage, statement, says } of damages) {
          const { misplaced, disordered } = await verdictWith(statement, damaged);
          expect(misplaced.join('\n'), damage).toMatch(says);
          // The rows do not follow from the journal, either.
          expect(disordered, damage).not.toEqual([]);
        }
        for (const { damage, kind, statement, says } of pushDamages) {
          const verdict = await verdictWith(statement, damaged);
          expect(verdict[kind].join('\n'), damage).toMatch(says);
        }
        expect(await damaged.judgeAgain()).toEqual(faultless);
      },
    });
    expect(run.verdict).toEqual(faultless);
  },
  60_000,
);

it.runIf(effort === 'full')(
  '[REC4] the verdict sees a client that was not told of branches, deleted messages and what was said',
  async () => {
    const followerDeafTo = ['branch.selected', 'message.deleted', 'participant.removed', 'message.updated'];
    const { verdict } = await torturedRun({ deaths: [], scenario, databaseUrl: '', followerDeafTo });
    expect(verdict.misled.join('\n')).toMatch(/^branch of /m);
    expect(verdict.misled.join('\n')).toMatch(/^messages of /m);
    expect(verdict.misled.join('\n')).toMatch(/^message: .*\[7\]/m);
    expect(verdict.misled.join('\n')).toMatch(/^participants of /m);
    expect({ ...verdict, misled: [] }).toEqual(faultless);
  },
  60_000,
);
