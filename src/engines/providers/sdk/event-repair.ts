/** Makes of the events of one stream, in order, events that the AI SDK can read. Pure, and never throws. */
import type { EnginePart } from '../../../../actors/ports.ts';
import type { StreamReader } from '../model-format.ts';

export type EventRepair = {
  /** The text of the stream that takes the place of an event; empty: nothing does. */
  readonly event: (data: string) => string;
  readonly phase: StreamReader['phase'];
  /** What is left once nothing comes any more. */
  readonly end: () => string;
  /** What the stream said was wrong. */
  readonly failure: () => EnginePart | undefined;
};
