import type { StoredPassword } from '../../src/accounts/account.ts';
import { APP_SECRET, PASSWORD, startIdp } from '../support/idp.ts';
import { APP } from './app.ts';
import { atOnce } from './at-once.ts';
import { answerCalls, ownCpu } from './measured-process.ts';

const idp = await startIdp();
const { passwords } = idp.app.stores;
await idp.addClient({ ...APP, client_name: 'Bench', first_party: true });
// One digest for all of them: checking it costs what checking any other does.
const password: StoredPassword = await passwords.hash(PASSWORD);

answerCalls({
  address: () => ({ base: idp.base, password: PASSWORD, appSecret: APP_SECRET }),
  cpu: ownCpu,

  async people(emails: readonly string[]) {
    await atOnce(8, emails, (email) => idp.addPerson(email, { app: true, password }));
  },

  async hashes({ count, places }: { count: number; places: number }) {
    const check = async () => {
      if (!(await passwords.verify(password, PASSWORD)).ok) throw new Error('the right password is wrong');
    };
    await atOnce(places, Array.from({ length: count }), check);
  },

  close: () => idp.close(),
});
