import type { createAgentSessions } from '../admin/agent-sessions.ts';
import { those } from './agent-endpoints.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { sessionsDocument } from './schemas.ts';

export interface SessionPorts {
  readonly agentSessions: ReturnType<typeof createAgentSessions>;
}

type Listed = Awaited<ReturnType<SessionPorts['agentSessions']['list']>>[number];

const sessionOut = ({ uid, device, methods, signedInAt, lastUsedAt, apps }: Listed) => ({
  id: uid,
  device,
  methods,
  signedInAt: signedInAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
  apps,
});

export function sessionEndpoints({ agentSessions }: SessionPorts): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/agents/:agent/sessions',
      summary: 'Where somebody is signed in now, by last use',
      action: 'see-agent',
      answers: { 200: { description: 'All of them', schema: sessionsDocument } },
      async run(_call, agent) {
        return {
          status: 200,
          body: { sessions: (await agentSessions.list(those(agent))).map(sessionOut) },
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/agents/:agent/sessions/:session/end',
      summary: 'Signs somebody out in one browser; its apps are told',
      action: 'sign-out-agent',
      answers: { 204: { description: 'It is over', schema: null } },
      async run({ params, occasion }, agent) {
        await agentSessions.end(those(agent), params.session ?? '', occasion);
        return { status: 204 };
      },
    }),
  ];
}
