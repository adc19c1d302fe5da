/** A message's text and marks, to which checkpoints add (SPEC [JRN6], [TREE30]). */
import type { MessageMark } from '../../../schema/message-part.ts';

export type MarkedText = { readonly content: string; readonly marks: readonly MessageMark[] };

export type TextCheckpoint = {
  readonly offset: number;
  readonly text: string;
  readonly marks: readonly MessageMark[];
};

/** Keeps the text up to the checkpoint's offset and the marks up to there; the rest is the checkpoint's. */
export function withCheckpoint(before: MarkedText, { offset, text, marks }: TextCheckpoint): MarkedText {
  return {
    content: before.content.slice(0, offset) + text,
    marks:
      marks.length === 0 ? marksUpTo(before.marks, offset) : [...marksUpTo(before.marks, offset), ...marks],
  };
}

export function marksUpTo(marks: readonly MessageMark[], offset: number): readonly MessageMark[] {
  return marks.every((mark) => mark.offset <= offset) ? marks : marks.filter((mark) => mark.offset <= offset);
}

/** As a column: no marks are `null`. */
export function marksText(marks: readonly MessageMark[] | undefined): string | null {
  return marks === undefined || marks.length === 0 ? null : JSON.stringify(marks);
}

export function marksOf(column: string | null): readonly MessageMark[] {
  return column === null ? [] : JSON.parse(column);
}
