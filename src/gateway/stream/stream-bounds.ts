/** The bounds of the stream hub; tests choose smaller ones, so that they reach every bound often. */
import { limits } from '../../../schema/limits.ts';

export type StreamBounds = {
  readonly socketBudgetBytes: number;
  readonly topicSlackBytes: number;
  readonly socketAnswersOwedMax: number;
  readonly stallMsMax: number;
  readonly subscriptionsMax: number;
  readonly hotWindowEventsMax: number;
  readonly hotWindowBytesMax: number;
  readonly catchUpChunkEvents: number;
  readonly catchUpScanEvents: number;
  readonly catchUpTickEvents: number;
  readonly catchUpReadsMax: number;
  readonly previewUnitsMax: number;
};

export const streamBounds: StreamBounds = limits;
