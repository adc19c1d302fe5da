/** The parts of an answer in the simplest way: a list to which each event adds. */
import type { AnswerEvent } from '../../machines/answer.ts';
import { limits } from '../../schema/limits.ts';
import type { MessagePart } from '../../schema/message-part.ts';

export class PartsModel {
  readonly parts: MessagePart[] = [];
  #thought = '';

  hear(event: AnswerEvent): void {
    switch (event.type) {
      case 'answer.text': {
        if (event.text === '') return;
        this.end();
        const last = this.parts.at(-1);
        if (last?.type === 'text')
          this.parts[this.parts.length - 1] = { ...last, text: last.text + event.text };
        else this.parts.push({ type: 'text', text: event.text });
        return;
      }
      case 'answer.reasoning':
        this.#thought += event.text;
        return;
      case 'answer.calls':
        this.end();
        for (const { id, name } of event.calls) {
          const isKnown = this.parts.some((part) => part.type === 'tool-call' && part.callId === id);
          if (!isKnown) this.parts.push({ type: 'tool-call', callId: id, name });
        }
        return;
      case 'answer.files':
        this.end();
        this.parts.push(...event.files);
        return;
      case 'answer.step':
        this.end();
        this.parts.push({
          type: 'step',
          step: this.parts.filter(({ type }) => type === 'step').length + 2,
        });
        return;
      default:
    }
  }

  /** What was thought is a part from now on. */
  end(): void {
    const thought = this.#thought;
    this.#thought = '';
    const before = this.parts.flatMap((part) => (part.type === 'reasoning' ? [part] : []));
    if (thought === '' || before.some(({ cut }) => cut === true)) return;
    const room = limits.reasoningUnitsMax - before.reduce((sum, { text }) => sum + text.length, 0);
    const text = thought.slice(0, room).toWellFormed();
    this.parts.push({ type: 'reasoning', text, ...(text === thought ? {} : { cut: true as const }) });
  }
}
