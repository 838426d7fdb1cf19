/** What the nginx stage promises, in the order in which it is checked: guarantees first, then drills. */
import type { Guarantee } from '../../guarantee.ts';
import { nginxCaching } from './caching.ts';
import { nginxHeaders } from './headers.ts';
import { nginxIdleTimeouts } from './idle-timeouts.ts';
import { nginxLimits } from './limits.ts';
import { nginxOneDoor } from './one-door.ts';
import { nginxRedirect } from './redirect.ts';
import { nginxReload } from './reload-under-load.ts';
import { nginxRequestId } from './request-id.ts';
import { nginxRouting } from './routing.ts';
import { nginxSlowClients } from './slow-clients.ts';
import { nginxSmuggling } from './smuggling.ts';
import { nginxSpoofing } from './spoofing.ts';
import { nginxStatic } from './static.ts';
import { nginxTls } from './tls.ts';
import { nginxTraversal } from './traversal.ts';

export const NGINX_CHECKS: readonly Guarantee[] = [
  nginxTls,
  nginxRedirect,
  nginxStatic,
  nginxRouting,
  nginxOneDoor,
  nginxHeaders,
  nginxTraversal,
  nginxSpoofing,
  nginxSmuggling,
  nginxCaching,
  nginxLimits,
  nginxRequestId,
  nginxIdleTimeouts,
  nginxReload,
  nginxSlowClients,
];
