/**
 * The name of a turn's trace (docs/protocol.md A3). It has a file of its own because browsers need nothing else of
 * traces.
 */
export const engineRunTraceName = 'engine.run';
