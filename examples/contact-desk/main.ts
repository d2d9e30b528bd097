import { z } from 'zod';
import { startContactDesk } from './contact-desk.ts';

const settings = z
  .object({
    ISSUER: z.url({ protocol: /^https?$/ }).default('http://localhost:3000'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3100),
    /** The only address of this machine to listen on. */
    HOST: z.string().min(1).optional(),
    /** Where browsers find the desk, when that is not http://localhost:PORT. */
    URL: z.url({ protocol: /^https?$/ }).optional(),
    CLIENT_ID: z.string().min(1).default('desk'),
    CLIENT_SECRET: z.string().min(1).optional(),
  })
  .safeParse(process.env);

if (!settings.success) {
  console.error(`The settings of the contact desk are not right:\n${z.prettifyError(settings.error)}`);
  process.exit(1);
}

const { ISSUER, PORT, HOST, URL: url, CLIENT_ID, CLIENT_SECRET } = settings.data;
const desk = await startContactDesk({
  issuer: ISSUER,
  port: PORT,
  host: HOST,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  url,
});
console.log(`Contact desk: ${desk.url} (signs in at ${ISSUER})`);

async function stop(): Promise<void> {
  await desk.close();
  if (process.connected) process.disconnect();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
// Whoever started the desk as a child is gone: nobody would stop it any more.
process.once('disconnect', () => void stop());
