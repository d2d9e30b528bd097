import { z } from 'zod';
import { emailAddress, personName, teamName } from '../accounts/account-schema.ts';
import { ROLES } from '../accounts/account.ts';
import type { Invitations } from '../admin/invitations.ts';
import { answerWith, those } from './agent-endpoints.ts';
import { endpoint, type Documented, type Endpoint } from './endpoint.ts';
import { agentDocument, problem } from './schemas.ts';

const inviteBody = z.strictObject({
  email: emailAddress,
  name: personName,
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length).default(['agent']),
  team: teamName.nullable().default(null),
});

const refusals = (why: string): Readonly<Record<number, Documented>> => ({
  409: { description: '`changed_meanwhile`', schema: problem },
  422: { description: `\`refused\`: ${why}`, schema: problem },
});
const NOT_INVITED = 'they are not invited (any more)';

export function invitationEndpoints({ invitations }: { invitations: Invitations }): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/agents',
      summary: 'Invites somebody: they choose a password by the mailed link',
      action: 'invite-agent',
      idempotent: true,
      body: inviteBody,
      answers: {
        201: { description: 'The person, who is `invited`', schema: agentDocument },
        ...refusals(
          'the tenant has somebody with this email (`email_taken`), or the key came with another (`key_used`)',
        ),
      },
      async run({ tenantId, body, occasion, mayGive, once }) {
        const account = await invitations.invite(tenantId, body, { occasion, mayGive, once });
        return { ...answerWith(account), status: 201 };
      },
    }),
    endpoint({
      method: 'post',
      path: '/agents/:agent/invitation/send-again',
      summary: 'Mails somebody who is invited another link; the one before it works no more',
      action: 'change-invitation',
      answers: {
        200: { description: 'The person, with the new end of their invitation', schema: agentDocument },
        ...refusals(NOT_INVITED),
        429: {
          description: '`too_many_attempts`: three an hour; try again after `Retry-After` seconds',
          schema: problem,
        },
      },
      async run({ occasion }, agent) {
        return answerWith(await invitations.sendAgain(those(agent), occasion));
      },
    }),
    endpoint({
      method: 'post',
      path: '/agents/:agent/invitation/withdraw',
      summary: 'Takes away somebody who is invited and has not accepted',
      action: 'change-invitation',
      answers: { 204: { description: 'They are gone', schema: null }, ...refusals(NOT_INVITED) },
      async run({ occasion }, agent) {
        await invitations.withdraw(those(agent), occasion);
        return { status: 204 };
      },
    }),
  ];
}
