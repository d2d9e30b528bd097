// Entry of an installation.
import { start } from './start.ts';

await start();
