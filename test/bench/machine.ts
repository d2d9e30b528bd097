import { MACHINE } from './app.ts';
import type { Place } from './sign-ins.ts';

/** A machine of the tenant at the API. */
export async function machineAt({ base }: Pick<Place, 'base'>) {
  const answer = await fetch(`${base}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${MACHINE.client_id}:${MACHINE.client_secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: MACHINE.scope }),
  });
  if (!answer.ok) throw new Error(`/token answered ${answer.status}: ${await answer.text()}`);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  return {
    headers,
    /** One page of the tenant's agents. */
    agents: '/api/v1/tenants/northwind/agents',
    /** @returns how long it took to save; milliseconds */
    async savePolicy(secondFactor: 'required' | 'optional'): Promise<number> {
      const started = performance.now();
      const body = JSON.stringify({ secondFactor });
      const saved = await fetch(`${base}/api/v1/tenants/northwind/policy`, { method: 'PUT', headers, body });
      if (!saved.ok) throw new Error(`the policy answered ${saved.status}: ${await saved.text()}`);
      return performance.now() - started;
    },
  };
}
