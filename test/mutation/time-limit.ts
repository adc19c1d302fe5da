/**
 * Every mutant must meet the same values, and cost little. A property finds a mutant within its first runs, or hardly
 * ever, so none runs longer than this. A property that is stopped counts as holding.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_123, ...fc.readConfigureGlobal(), interruptAfterTimeLimit: 100 });
