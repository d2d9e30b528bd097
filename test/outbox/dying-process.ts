// A process that claims a job, says so, and never ends it: `node dying-process.ts MONGODB_URI`. Made to be killed.
import mongoose from 'mongoose';
import { systemClock } from '../../src/core/clock.ts';
import { outboxStore } from '../../src/outbox/outbox-store.ts';
import { createOutbox } from '../../src/outbox/outbox.ts';

const connection = await mongoose
  .createConnection(process.argv[2] ?? '', { bufferCommands: false })
  .asPromise();
createOutbox({
  store: outboxStore(connection),
  clock: systemClock,
  handlers: {
    'logout-token': (job) => {
      console.log(`sending ${job.id}`);
      return new Promise(() => undefined);
    },
  },
}).start();
