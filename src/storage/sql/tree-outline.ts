/**
 * The tree of a session without its texts: which message is below which. A walk in the database takes some
 * microseconds a step, the whole outline of a session less than that a message.
 */
import { type Kysely, sql } from 'kysely';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';

/** How a message stands to another: it or below it, beside it or below such a one, or neither. */
type Kinship = 'inside' | 'beside' | 'other';

export class TreeOutline {
  /** In order of creation, without those that wait. */
  readonly #ids: readonly string[];
  readonly #parents: ReadonlyMap<string, string>;
  readonly #withChildren: ReadonlySet<string>;

  /** `text`: a line for each message, oldest first, with its id and that of its parent, which is empty at a beginning. */
  constructor(text: string) {
    const ids: string[] = [];
    const parents = new Map<string, string>();
    for (const line of text === '' ? [] : text.split('\n')) {
      const end = line.indexOf(' ');
      const id = line.slice(0, end);
      ids.push(id);
      parents.set(id, line.slice(end + 1));
    }
    this.#ids = ids;
    this.#parents = parents;
    this.#withChildren = new Set(parents.values());
  }

  hasChildren(id: MessageId): boolean {
    return this.#withChildren.has(id);
  }

  /** Tells of each message how it stands to `id`. Each message is visited once or twice, even if there is a cycle. */
  kinship(id: MessageId): (message: string) => Kinship {
    const parent = this.#parents.get(id);
    const known = new Map<string, Kinship>([[id, 'inside']]);
    return (message) => {
      const climbed: string[] = [];
      let kinship: Kinship | undefined;
      for (let at = message; kinship === undefined; ) {
        kinship = known.get(at);
        if (kinship !== undefined) break;
        climbed.push(at);
        known.set(at, 'other');
        const above = this.#parents.get(at);
        if (above === undefined) kinship = 'other';
        else if (above === parent) kinship = 'beside';
        else at = above;
      }
      for (const one of climbed) known.set(one, kinship);
      return kinship;
    };
  }

  /** The newest message that has none below itself, among those that pass. */
  newestLeaf(passes: (message: string) => boolean): MessageId | undefined {
    const found = this.#ids.findLast((id) => !this.#withChildren.has(id) && passes(id));
    return found as MessageId | undefined;
  }
}

export async function readOutline(db: Kysely<Tables>, session: SessionId): Promise<TreeOutline> {
  const { rows } = await sql<{ readonly outline: string | null }>`select
    string_agg(listed.line, ${'\n'} order by listed.position) as outline
    from (select position, id || ' ' || coalesce(parent_id, '') as line from messages
      where session_id = ${session} and queue_rank is null) as listed`.execute(db);
  return new TreeOutline(rows[0]?.outline ?? '');
}
