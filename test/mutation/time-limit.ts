/**
 * Mutants must meet the same values every time, and cost little. A property has found a mutant within its first runs,
 * or will hardly find it: none runs longer than this. Where it stops it has held so far.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_123, ...fc.readConfigureGlobal(), interruptAfterTimeLimit: 100 });
