// A process that claims a job, says so, and never ends it: `node dying-process.ts URI DATABASE`. Made to be killed.
import { systemClock } from '../../src/core/clock.ts';
import { outboxStore } from '../../src/outbox/outbox-store.ts';
import { createOutbox } from '../../src/outbox/outbox.ts';
import { connectDatabase } from '../../src/storage/database.ts';

const [uri = '', dbName = ''] = process.argv.slice(2);
const { connection } = await connectDatabase(uri, { dbName });
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
