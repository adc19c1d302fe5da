/**
 * Variables of environment for programs that tests start: Node keeps their compiled modules in a folder, so that the
 * next start takes about half the CPU time.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: new URL('../../node_modules/.cache/callboard/compiled', import.meta.url).pathname,
};
