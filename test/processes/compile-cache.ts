/**
 * Variables of environment for programs that tests start: Node keeps their compiled modules in a folder, so that the
 * next start takes about half the CPU time.
 */
import { compiledModulesFolder } from '../../src/compiled-modules.ts';

export const compileCache = { NODE_COMPILE_CACHE: compiledModulesFolder };
