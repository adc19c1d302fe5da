/**
 * What Node is started with, by `npm start` and by the command `callboard`. They cannot be set once it runs.
 *
 * Objects begin in a part of the heap that grows as long as some of them outlive its collections. Unless told otherwise, on a
 * machine with some gigabytes it grows up to 128 MB, and keeps them; with 16 MB in each half it takes 100 MB less, and stops
 * the event loop for a shorter time each time it is collected (docs/hot-path.md).
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=16'];
