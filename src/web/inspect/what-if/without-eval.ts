/**
 * Zod may compile validators, and finds out whether it can by trying, which the page's policy forbids and reports. Must
 * be imported before any schema is made.
 */
import { z } from 'zod';

z.config({ jitless: true });
