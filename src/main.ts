#!/usr/bin/env node
/** The entry. Node keeps what it compiles from here on, so the program itself is loaded afterwards. */
import { enableCompileCache } from 'node:module';
import { compiledModulesFolder } from './compiled-modules.ts';

enableCompileCache(compiledModulesFolder);
await import('./run-command.ts');
