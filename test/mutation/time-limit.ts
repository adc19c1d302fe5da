/**
 * A property has found a mutant within the first runs, or will hardly find it: so that a mutant costs milliseconds,
 * no property runs longer than this. Where it stops it has held so far.
 */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), interruptAfterTimeLimit: 100 });
