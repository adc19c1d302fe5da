/**
 * What a turn's trace is called (docs/protocol.md A3). In a file of its own: browsers need no more of traces than
 * this.
 */
export const engineRunTraceName = 'engine.run';
