/**
 * No test puts another object in the place of `process.env`: it throws. Test files share a process, and native code
 * reads the environment of the process, which such an object is not. uWebSockets.js then had other limits than the
 * gateway had set.
 */
Object.defineProperty(process, 'env', { value: process.env, writable: false, configurable: true });
