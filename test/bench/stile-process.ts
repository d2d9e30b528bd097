import type { StoredPassword } from '../../src/accounts/account.ts';
import { APP_SECRET, PASSWORD, startIdp } from '../support/idp.ts';
import { APP, MACHINE } from './app.ts';
import { atOnce } from './at-once.ts';
import { fillUp, isSignedIn, signInCrowd } from './crowd.ts';
import { answerCalls, ownCpu } from './measured-process.ts';

const TENANT = 'northwind';
const idp = await startIdp();
const { passwords, accounts } = idp.app.stores;
await idp.addClient({ ...APP, client_name: 'Bench', first_party: true });
await idp.addClient({ ...MACHINE, tenant: TENANT });
// One digest for all of them: checking it costs what checking any other does.
const password: StoredPassword = await passwords.hash(PASSWORD);

answerCalls({
  address: () => ({ base: idp.base, password: PASSWORD, appSecret: APP_SECRET }),
  cpu: ownCpu,

  async people(emails: readonly string[]) {
    await atOnce(8, emails, (email) => idp.addPerson(email, { app: true, password }));
  },

  async admin(email: string) {
    const { account } = await idp.addPerson(email, { app: true, password });
    await accounts.save(account, { roles: ['admin'] });
  },

  fill: (total: number) => fillUp(idp, TENANT, total),
  crowd: (count: number) => signInCrowd(idp, TENANT, count),
  isSignedIn: (accountId: string) => isSignedIn(idp, accountId),

  async hashes({ count, places }: { count: number; places: number }) {
    const check = async () => {
      if (!(await passwords.verify(password, PASSWORD)).ok) throw new Error('the right password is wrong');
    };
    await atOnce(places, Array.from({ length: count }), check);
  },

  close: () => idp.close(),
});
