import { startContactDesk, type ContactDesk } from '../../examples/contact-desk/contact-desk.ts';
import { freePort } from '../examples/free-port.ts';
import { startIdp, type Idp } from '../support/idp.ts';

export interface DeskWorld {
  readonly idp: Idp;
  /** Apps of the same company; the first is the contact desk. */
  readonly desks: readonly [ContactDesk, ...ContactDesk[]];
  close(): Promise<void>;
}

/** Registers an app as `config/demo.yaml` does, and starts it. */
async function openDesk(idp: Idp, clientId: string, name: string): Promise<ContactDesk> {
  const port = await freePort();
  const clientSecret = `secret of ${clientId}, made for this test`;
  const url = `http://localhost:${port}`;
  await idp.addClient({
    client_id: clientId,
    client_name: name,
    client_secret: clientSecret,
    client_uri: url,
    tenant: 'northwind',
    first_party: true,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${url}/callback`],
    post_logout_redirect_uris: [`${url}/signed-out`],
    backchannel_logout_uri: `${url}/backchannel-logout`,
  });
  return startContactDesk({ issuer: idp.issuer, port, clientId, clientSecret });
}

/** Stile and two apps, each with its own address, as people have them. */
export async function startDeskWorld(): Promise<DeskWorld> {
  const idp = await startIdp();
  const desks = [
    await openDesk(idp, 'contact-desk', 'Contact desk'),
    await openDesk(idp, 'wallboard', 'Wallboard'),
  ] as const;
  return {
    idp,
    desks: [...desks],
    async close() {
      await Promise.all(desks.map((desk) => desk.close()));
      await idp.close();
    },
  };
}
