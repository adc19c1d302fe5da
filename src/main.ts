#!/usr/bin/env -S node --max-semi-space-size=16
/** The entry; `node-options.ts` says what Node is started with. Node keeps what it compiles from here on, so the program itself is loaded afterwards. */
import { enableCompileCache } from 'node:module';
import { compiledModulesFolder } from './compiled-modules.ts';

enableCompileCache(compiledModulesFolder);
await import('./run-command.ts');
