import { startIdp } from '../support/idp.ts';
import { seedAgents } from '../support/many-agents.ts';
import { walk } from '../support/walk.ts';
import { answerCalls } from './measured-process.ts';

/** A tenant as large as the largest that buy Stile. */
const AGENTS = 10_000;
const EVENTS = 2_000;

const idp = await startIdp();
const { accounts, operations } = idp.app.stores;
await idp.addTenant('big');
const agents = await seedAgents(idp.database.connection, 'big', AGENTS);
const { account, ...rest } = await idp.addPerson('boss@big.example', { keys: [{}] });
const boss = (await accounts.save(account, { roles: ['admin'] })) ?? account;
for (let i = 0; i < EVENTS; i += 1) {
  const subject = agents[i % AGENTS] ?? null;
  await operations.audit.record({
    event: 'agent_changed',
    tenantId: 'big',
    actor: boss,
    subject,
    result: 'ok',
  });
}
const browser = await idp.browser().open('/admin');
await walk(browser, { ...rest, account: boss }, { appCode: () => idp.appCode() });

const cookies = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`);

answerCalls({
  address: () => ({ base: idp.base, cookie: cookies.join('; ') }),
  close: () => idp.close(),
});
