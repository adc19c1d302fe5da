/** Runs ELK in a worker, so that laying out a large chart does not block the page. */
import 'elkjs/lib/elk-worker.min.js';
