import { accountStates } from './account-states.ts';
import { adminStates } from './admin-states.ts';
import { agentStates } from './agent-states.ts';
import { auditStates } from './audit-states.ts';
import { brandStates } from './brand-states.ts';
import { bulkStates } from './bulk-states.ts';
import { componentStates } from './component-states.ts';
import { importStates } from './import-states.ts';
import { invitationStates } from './invitation-states.ts';
import { mailedStates } from './mailed-states.ts';
import { otherStates } from './other-states.ts';
import { policyStates } from './policy-states.ts';
import { rescueStates } from './rescue-states.ts';
import { setUpStates } from './set-up-states.ts';
import { settingsStates } from './settings-states.ts';
import { signInStates } from './sign-in-states.ts';
import { tenantStates } from './tenant-states.ts';
import type { GalleryState } from './state.ts';

/** Every page in every state (UI.md II.5), each under an id of its own. */
export const galleryStates: readonly GalleryState[] = [
  ...signInStates,
  ...mailedStates,
  ...rescueStates,
  ...setUpStates,
  ...invitationStates,
  ...importStates,
  ...settingsStates,
  ...tenantStates,
  ...accountStates,
  ...adminStates,
  ...policyStates,
  ...agentStates,
  ...bulkStates,
  ...auditStates,
  ...otherStates,
  ...brandStates,
  ...componentStates,
];
