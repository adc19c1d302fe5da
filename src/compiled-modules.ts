/**
 * Where Node keeps compiled modules, so that the next start takes about half the processor time: beside the packages, where
 * they belong to the same user and are deleted with them. Where that folder cannot be written, nothing is kept. The
 * variable `NODE_COMPILE_CACHE` names another folder, `NODE_DISABLE_COMPILE_CACHE` keeps nothing.
 */
export const compiledModulesFolder: string = new URL(
  '../node_modules/.cache/callboard/compiled',
  import.meta.url,
).pathname;
