/** Goal: the growing texts of two sessions are never mixed, whatever the ids of their messages are ([OWN6]). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MessageId, SessionId } from '../../../../schema/ids.ts';
import type { TextPiece } from '../../../../schema/text-piece.ts';
import { isoTimestamp } from '../../../../schema/timestamp.ts';
import { KeptPartials } from '../../../../src/gateway/stream/kept-partials.ts';
import { entry, message, newId, start } from '../../../contract/sample-entries.ts';
import { cases } from '../../../effort.ts';

it('[OWN6] [WS14] a frame has the text of its own session, though a message of another has the same id', () => {
  const same = newId<MessageId>();
  const reasoning = { messageId: same, timestamp: isoTimestamp(start), agentId: null };
  const move = fc.record({
    session: fc.nat({ max: 1 }),
    reasons: fc.boolean(),
    does: fc.constantFrom('grow', 'grow', 'grow', 'end', 'delete'),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      const kept = new KeptPartials();
      const texts = ['a', 'b'].map((letter) => ({ letter, id: newId<SessionId>(), said: '', reasoned: '' }));
      for (const { session, reasons, does } of moves) {
        const text = texts[session];
        if (text === undefined) throw new Error('there are two sessions');
        const { id, letter } = text;
        if (does === 'delete') kept.told(entry.sessionDeleted(id));
        if (does === 'end') kept.told(entry.messageUpdated(message(same, id, { content: text.said })));
        if (does !== 'grow') continue;
        const before = reasons ? text.reasoned : text.said;
        const whole = before + letter;
        if (reasons) text.reasoned = whole;
        else text.said = whole;
        const at = { sessionId: id, messageId: same, offset: before.length, text: letter };
        const piece: TextPiece = reasons
          ? { ...at, type: 'reasoning.delta', soFar: () => ({ ...reasoning, sessionId: id, text: whole }) }
          : { ...at, type: 'message.delta', soFar: () => message(same, id, { content: whole }) };
        const { data } = JSON.parse(String(kept.grown(piece)));
        expect([data.sessionId, reasons ? data.text : data.content]).toEqual([id, whole]);
      }
    }),
    { numRuns: cases({ quick: 100, full: 1000 }) },
  );
});
