import { z } from 'zod';

/** The name of a team as files and the admin API give it. */
export const teamName = z.string().trim().min(1).max(64);
